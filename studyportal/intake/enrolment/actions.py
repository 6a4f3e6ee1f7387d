"""Enrol a person: claim their code, or make an enrolment for somebody who never had one (import, demonstration).

The keyring is written first, then the registry in one transaction. If the second does not happen, what is left in
the keyring are seeds that belong to nobody.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import reading, writing
from studyportal.errors import Invalid
from studyportal.intake.enrolment.keys import keep_new_keys
from studyportal.intake.enrolment.places import UNKNOWN, link_of, site_of_way, take_way
from studyportal.outbox import put
from studyportal.protocol.schedules import zone_named
from studyportal.registry.codes import new_participant_code, read_enrolment_code
from studyportal.registry.enrolments import add_enrolment
from studyportal.sealing import PublicKey
from studyportal.sealing.passphrase import SALT_SIZE, Root, derive, generate_passphrase


@dataclass(frozen=True, slots=True)
class Claimed:
    """A fresh enrolment. `passphrase` and `root` exist here and in the participant's hands, nowhere else."""

    enrolment: UUID
    participant_code: str
    site: str
    passphrase: str = field(repr=False)
    root: Root = field(repr=False)


def claimable_code(typed: str, *, now: datetime) -> tuple[str, str]:
    """The code as printed and its site, if it can be claimed now. Raises `Invalid`, `Gone` or `Conflict`."""
    code = read_enrolment_code(typed)
    if code is None:
        raise Invalid(UNKNOWN, {"code": UNKNOWN})
    return code, site_now(code, now=now)


def site_now(way: str, *, now: datetime) -> str:
    """The site that a way in (`places`) leads to now; raises `Invalid`, `NotFound`, `Gone` or `Conflict`."""
    with reading("registry") as connection:
        return site_of_way(connection, way, now=now)


def claim(
    code: str,
    *,
    zone: str,
    study: str,
    custody_public_key: bytes,
    now: datetime,
    participant_code: str | None = None,
    passphrase: str | None = None,
) -> Claimed:
    """Enrol the bearer of an enrolment code, in the time zone `zone` (such as "Europe/Berlin").

    `code` may be another way in (`places`). `participant_code` and `passphrase` are those that were shown to the
    person; None makes new ones. Raises `Invalid` for an unknown code or zone, `Gone` for an expired and `Conflict` for
    a used one.
    """
    zone_named(zone)
    way = code if link_of(code) else read_enrolment_code(code) or code
    site = site_now(way, now=now)
    enrolment, salt = uuid4(), secrets.token_bytes(SALT_SIZE)
    participant_code = participant_code or new_participant_code(site, secrets)
    passphrase = passphrase or generate_passphrase()
    root = derive(passphrase, salt=salt)
    actor = Actor("intake", "participant", str(enrolment))
    public_keys = keep_new_keys(
        enrolment, study=study, reader=root.reading_public, custody_public=custody_public_key, actor=actor, now=now
    )
    with writing("registry", enrolment=enrolment) as connection:
        take_way(connection, way, enrolment, now=now)
        _add(
            connection,
            enrolment,
            participant_code=participant_code,
            site=site,
            zone=zone,
            source="participant",
            now=now,
            started_on=None,
            passphrase={
                "salt": salt,
                "verifier_hash": root.verifier_hash,
                "reading_public": root.reading_public.raw,
                "consent_public": root.consent_public,
            },
            public_keys=public_keys,
            event=AuditEvent(actor, "enrolment:claim", "enrolment", str(enrolment), {"site": site}),
        )
    return Claimed(enrolment, participant_code, site, passphrase, root)


def enrol_without_passphrase(
    site: str,
    *,
    source: str,
    zone: str,
    started_on: date,
    study: str,
    custody_public_key: bytes,
    actor: Actor,
    now: datetime,
    participant_code: str | None = None,
) -> UUID:
    """Make an enrolment whose entries only custody can open; `source` is "imported" or "synthetic".

    Raises `Invalid` for an unknown zone.
    """
    zone_named(zone)
    enrolment = uuid4()
    public_keys = keep_new_keys(
        enrolment, study=study, reader=None, custody_public=custody_public_key, actor=actor, now=now
    )
    with writing("registry", enrolment=enrolment) as connection:
        _add(
            connection,
            enrolment,
            participant_code=participant_code or new_participant_code(site, secrets),
            site=site,
            zone=zone,
            source=source,
            now=now,
            started_on=started_on,
            passphrase=None,
            public_keys=public_keys,
            event=AuditEvent(actor, "enrolment:import", "enrolment", str(enrolment), {"source": source}),
        )
    return enrolment


def _add(
    connection: sa.Connection,
    enrolment: UUID,
    *,
    participant_code: str,
    site: str,
    zone: str,
    source: str,
    now: datetime,
    started_on: date | None,
    passphrase: Mapping[str, bytes] | None,
    public_keys: Mapping[str, PublicKey],
    event: AuditEvent,
) -> None:
    add_enrolment(
        connection,
        enrolment,
        participant_code=participant_code,
        site=site,
        zone=zone,
        source=source,
        claimed_at=now,
        started_on=started_on,
        passphrase=passphrase,
        public_keys=public_keys,
    )
    # Custody's copy is under the transport key; custody puts it under its own as soon as it can.
    put(connection, "registry", "rewrap", str(enrolment), {"enrolment": str(enrolment)}, now=now)
    record(connection, "registry", event, now=now)
