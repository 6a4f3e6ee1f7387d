"""Write gathered people into the registry and keyring through the ordinary path: enrolment, consent, entries.

Each step is the one that a participant's own would be, with the source "imported". A second run finds what the
first one wrote and adds only what is missing; it never changes an entry.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from uuid import UUID

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Gone
from studyportal.intake.consent.actions import record_imported_consent
from studyportal.intake.diary.submission import submit
from studyportal.intake.enrolment.actions import enrol_without_passphrase
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.portal.importing.gathering import GatheredPerson
from studyportal.portal.importing.identity import entry_id, participant_code
from studyportal.portal.importing.mapping import ImportMapping
from studyportal.portal.importing.occasions import occasion_on
from studyportal.protocol import Protocol
from studyportal.registry.consents import consent_records, withdrawals_of
from studyportal.registry.enrolments import enrolment_by_code, public_key
from studyportal.registry.sites import add_site
from studyportal.sealing.signatures import Signer
from studyportal.web.answering.times import Times

SOURCE = "imported"
ACTOR = Actor("intake", "command", "import")


@dataclass(frozen=True, slots=True, kw_only=True)
class Into:
    """Where entries go: the study, custody's public signing key, the receipt signer and the key that makes blinds.

    The blind of an imported entry is derived (HMAC-SHA256 of its id under `blind_key`, 32 bytes), not random, so
    that the same entry makes the same commitment in the next run.
    """

    protocol: Protocol
    mapping: ImportMapping
    custody_public: bytes
    signer: Signer
    blind_key: bytes = field(repr=False)

    def blind(self, entry: UUID) -> bytes:
        return hmac.digest(self.blind_key, b"studyportal imported blind 1" + entry.bytes, hashlib.sha256)


@dataclass(slots=True)
class Outcome:
    """What a run did. `conflicts` are rows whose entry was imported before with other answers."""

    enrolled: int = 0
    known: int = 0
    created: int = 0
    unchanged: int = 0
    left: int = 0
    conflicts: list[int] = field(default_factory=list)


def import_people(
    people: Sequence[GatheredPerson], into: Into, *, now: datetime, progress: Callable[[int], None]
) -> Outcome:
    """Enrol who is new at the mapping's site and keep every entry; `progress` is called with the number of people
    done."""
    outcome = Outcome()
    for done, person in enumerate(people, start=1):
        enrolled = _enrolled(person, into, outcome, now=now)
        for entry in sorted(person.entries.values(), key=lambda entry: (entry.point.study_day, entry.point.instrument)):
            schedule = into.protocol.instruments[entry.point.instrument].schedule
            id = entry_id(into.mapping.study, person.participant, *entry.point)
            try:
                submitted = submit(
                    id,
                    enrolled,
                    entry.point.instrument,
                    entry.answers,
                    missing=entry.missing,
                    occasion=occasion_on(schedule, entry.point.study_day, start=person.started_on),
                    times=Times(into.mapping.zone),
                    blind=into.blind(id),
                    protocol=into.protocol,
                    signer=into.signer,
                    source=SOURCE,
                    check_times=False,
                    actor=ACTOR,
                    now=now,
                )
            except Conflict:
                outcome.conflicts.append(entry.row)
            except Gone:
                outcome.left += 1
            else:
                outcome.created += submitted.created
                outcome.unchanged += not submitted.created
        progress(done)
    return outcome


def keep_site(mapping: ImportMapping, *, now: datetime) -> None:
    """Make the mapping's site if there is none of its id. Sites are custody's to make: intake only reads them."""
    with writing("registry") as connection:
        if add_site(connection, mapping.site, name=mapping.site_name, now=now):
            actor = Actor("custody", "command", "import")
            record(connection, "registry", AuditEvent(actor, "site:create", "site", mapping.site), now=now)


def _enrolled(person: GatheredPerson, into: Into, outcome: Outcome, *, now: datetime) -> Enrolled:
    """The person's enrolment, made now if this is the first run, with their consent on record.

    Raises `Conflict` when the registry knows them with another first day: every study day would be another.
    """
    mapping = into.mapping
    code = participant_code(mapping.site, mapping.study, person.participant)
    with reading("registry") as connection:
        known = enrolment_by_code(connection, code)
    if known is None:
        outcome.enrolled += 1
        enrolment = enrol_without_passphrase(
            mapping.site,
            source=SOURCE,
            zone=mapping.zone,
            started_on=person.started_on,
            study=into.protocol.study.code,
            custody_public_key=into.custody_public,
            actor=ACTOR,
            now=now,
            participant_code=code,
        )
    else:
        outcome.known += 1
        enrolment = known.id
        if known.started_on != person.started_on or known.zone != mapping.zone:
            raise Conflict("A participant was imported before with another start or zone. Nothing more was imported.")
    with reading("registry", enrolment=enrolment) as connection:
        has_consent = bool(consent_records(connection, enrolment))
        has_left = bool(withdrawals_of(connection, enrolment))
        key = public_key(connection, enrolment, "diary")
    if not has_consent:
        record_imported_consent(
            enrolment,
            into.protocol.consent,
            mapping.scopes,
            agreed_at=datetime.combine(person.started_on, time(0), UTC),
            zone=mapping.zone,
            source=SOURCE,
            actor=ACTOR,
            now=now,
        )
    assert key is not None
    return Enrolled(enrolment, mapping.zone, person.started_on, key.raw, has_left)
