"""Write synthetic people's past: keys, enrolment, consent, and months of entries straight into sealed blocks.

Real keys and real seals, by the rooms' own functions; only the months are not waited for. What came in the last
days goes the ordinary way (`recent`).
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.opening.entries import diary_openers, is_late
from studyportal.custody.opening.key_file import Keys
from studyportal.custody.opening.transport import rewrap
from studyportal.database import reading, writing
from studyportal.intake.diary.receipts import LABEL, receipt_body
from studyportal.intake.enrolment.keys import keep_new_keys
from studyportal.portal.demo.entries import Sent, moment, started_on
from studyportal.portal.demo.generator import SyntheticPerson
from studyportal.portal.demo.places import SITES
from studyportal.protocol import DiaryEntry, Protocol, commitment_body
from studyportal.protocol.columns import Row, pack
from studyportal.protocol.entry import write_blind
from studyportal.protocol.kinds import KINDS
from studyportal.registry.codes import code_hash, new_enrolment_code, new_participant_code
from studyportal.registry.consents import add_consent
from studyportal.registry.contexts import block_context
from studyportal.registry.enrolments import add_enrolment
from studyportal.registry.folding import last_block, write_block
from studyportal.registry.screening import count_event
from studyportal.registry.tables import ENROLMENT_CODES, SEALED_ENTRIES
from studyportal.sealing.signatures import BLIND_SIZE, Signer, commitment

ACTOR = Actor("custody", "command", "demo")
SOURCE = "synthetic"
VALID = timedelta(days=30)  # how long an enrolment code can be claimed


@dataclass(frozen=True, slots=True)
class Study:
    """What writing needs to know of the instance; `keys` and `signer` are custody's and intake's own."""

    protocol: Protocol
    keys: Keys = field(repr=False)
    signer: Signer = field(repr=False)
    today: date
    now: datetime

    @property
    def code(self) -> str:
        return self.protocol.study.code


def enrol(people: Sequence[SyntheticPerson], study: Study) -> dict[int, UUID]:
    """Enrol people without a passphrase, on their first day; person's index -> enrolment."""
    enrolments = {person.index: uuid4() for person in people}
    keys = {}
    for person in people:
        keys[person.index] = keep_new_keys(
            enrolments[person.index],
            study=study.code,
            reader=None,
            custody_public=study.keys.public,
            actor=ACTOR,
            now=_claimed_at(person, study),
        )
    with writing("registry") as connection:
        for person in people:
            _enrol_one(connection, person, enrolments[person.index], keys[person.index], study)
        connection.execute(
            sa.insert(ENROLMENT_CODES), [_used_code(one, enrolments[one.index], study) for one in people]
        )
    return enrolments


def _used_code(person: SyntheticPerson, enrolment: UUID, study: Study) -> dict[str, Any]:
    """The row of the code that somebody came with, handed to them some days before."""
    claimed_at = _claimed_at(person, study)
    return {
        "code_hash": code_hash(new_enrolment_code(secrets)),
        "site": SITES[person.site].id,
        "issued_at": claimed_at - timedelta(days=6),
        "issued_by": ACTOR.id,
        "expires_at": claimed_at - timedelta(days=6) + VALID,
        "claimed_at": claimed_at,
        "enrolment": enrolment,
    }


def count_way_in(connection: sa.Connection, site: str, *, now: datetime) -> None:
    """Count that somebody opened their code and answered the first questions, as the pages do."""
    for what in ("looked", "screened"):
        count_event(connection, what, site=site, now=now)


def _claimed_at(person: SyntheticPerson, study: Study) -> datetime:
    at = moment(started_on(person, study.today), 1, person.baseline_minute, SITES[person.site].zone)
    return at - timedelta(minutes=15)


def _enrol_one(
    connection: sa.Connection, person: SyntheticPerson, enrolment: UUID, public_keys: Mapping[str, Any], study: Study
) -> None:
    site, claimed_at, form = SITES[person.site], _claimed_at(person, study), study.protocol.consent
    agreed_at = claimed_at + timedelta(minutes=5)
    count_way_in(connection, site.id, now=claimed_at)
    add_enrolment(
        connection,
        enrolment,
        participant_code=new_participant_code(site.id, secrets),
        site=site.id,
        zone=site.zone,
        source=SOURCE,
        claimed_at=claimed_at,
        started_on=started_on(person, study.today),
        passphrase=None,
        public_keys=public_keys,
    )
    made = AuditEvent(ACTOR, "enrolment:import", "enrolment", str(enrolment), {"source": SOURCE})
    record(connection, "registry", made, now=claimed_at)
    consent = uuid4()
    add_consent(
        connection,
        consent,
        enrolment,
        form_version=form.version,
        text_sha256=bytes.fromhex(form.digest),
        scopes=person.scopes,
        agreed_at=agreed_at,
        zone=site.zone,
        source=SOURCE,
        signature=None,
    )
    agreed = AuditEvent(
        ACTOR, "consent:give", "consent", str(consent), {"form": form.version, "scopes": len(person.scopes)}
    )
    record(connection, "registry", agreed, now=agreed_at)


def fold_past(past: Mapping[UUID, tuple[SyntheticPerson, Sequence[Sent]]], study: Study) -> int:
    """Put everything these people sent into one sealed block each, with rows and receipts; how many entries.

    Custody first takes their seeds under its own key, as it would with anybody's.
    """
    rewrap(past, keys=study.keys, study=study.code, actor=ACTOR, now=study.now)
    with reading("keyring") as connection:
        openers = diary_openers(connection, study.keys, study=study.code, enrolments=past)
    written = []
    for enrolment, (person, sent) in past.items():
        if sent:
            with reading("registry") as connection:
                last = last_block(connection, enrolment)
            number = last.number + 1 if last else 1
            rows, kept = _rows(enrolment, person, sent, number, study)
            about = block_context(study.code, enrolment, number, 1)
            sealed = openers[enrolment].seal_block(pack(rows, study.protocol), about=about)
            written.append((enrolment, number, kept, sealed))
    with writing("registry") as connection:
        for enrolment, number, kept, sealed in written:
            connection.execute(sa.insert(SEALED_ENTRIES), kept)
            write_block(connection, enrolment, number, replaces=None, sealed=sealed, entries=(), now=study.now)
            counts = {"block": number, "entries": len(kept)}
            event = AuditEvent(ACTOR, "block:fold", "enrolment", str(enrolment), counts)
            record(connection, "registry", event, now=study.now)
    return sum(len(kept) for _, _, kept, _ in written)


def _complete(sent: Sent, study: Study, zone: str) -> dict[str, Any]:
    """The answers with what is computed from them; nothing else is parsed again, they were drawn as they are kept."""
    instrument = study.protocol.instruments[sent.instrument]
    if all(KINDS[item.kind].answered for item in instrument.items.values()):
        return dict(sent.answers)
    return dict(instrument.parse(sent.answers, missing=sent.missing, zone=zone).to_wire())


def _rows(
    enrolment: UUID, person: SyntheticPerson, sent: Sequence[Sent], number: int, study: Study
) -> tuple[list[Row], list[dict[str, Any]]]:
    """The entries as a block holds them, and as the registry keeps them beside it."""
    zone, start = SITES[person.site].zone, started_on(person, study.today)
    rows, kept = [], []
    for one in sent:
        blind = secrets.token_bytes(BLIND_SIZE)
        entry = DiaryEntry(
            instrument=one.instrument,
            protocol_version=study.protocol.study.version,
            diary_date=one.diary_date.isoformat(),
            zone=zone,
            source=SOURCE,
            answers=_complete(one, study, zone),
            missing=dict(one.missing),
            follows=str(one.follows) if one.follows else None,
            blind=write_blind(blind),
        )
        late = is_late(entry, one.occasion, one.received_at, protocol=study.protocol, started_on=start)
        rows.append(Row(one.id, one.received_at, one.occasion, late, entry))
        committed = commitment(blind, commitment_body(entry))
        body = receipt_body(study.code, enrolment, one.id, one.received_at, committed)
        kept.append({
            "id": one.id,
            "enrolment": enrolment,
            "schedule": "on_demand" if one.occasion is None else one.instrument,
            "occasion": one.occasion,
            "received_at": one.received_at,
            "commitment": committed,
            "receipt": study.signer.sign(LABEL, body),
            "block": number,
        })  # fmt: skip
    return rows, kept
