"""Keep enrolments: who is called what at which site, since when, and the public halves of their keys."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from studyportal.registry.tables import ENROLMENT_KEYS, ENROLMENTS
from studyportal.sealing import PublicKey


def add_enrolment(
    connection: sa.Connection,
    enrolment: UUID,
    *,
    participant_code: str,
    site: str,
    zone: str,
    source: str,
    claimed_at: datetime,
    started_on: date | None,
    passphrase: Mapping[str, bytes] | None,
    public_keys: Mapping[str, PublicKey],
) -> None:
    """Insert an enrolment and its public keys, one per domain.

    `passphrase` is salt, verifier_hash, reading_public and consent_public, or None for someone without a passphrase.
    """
    row: dict[str, Any] = {
        "id": enrolment,
        "participant_code": participant_code,
        "site": site,
        "zone": zone,
        "source": source,
        "claimed_at": claimed_at,
        "started_on": started_on,
    }
    connection.execute(sa.insert(ENROLMENTS), row | dict(passphrase or {}))
    connection.execute(
        sa.insert(ENROLMENT_KEYS),
        [
            {"enrolment": enrolment, "domain": domain, "key_id": key.id, "public_key": key.raw}
            for domain, key in public_keys.items()
        ],
    )


def start_enrolment(connection: sa.Connection, enrolment: UUID, *, started_on: date) -> bool:
    """Set study day 1; False when it was set before. It never moves: every study day counts from it."""
    started = connection.execute(
        sa.update(ENROLMENTS)
        .where(ENROLMENTS.c.id == enrolment, ENROLMENTS.c.started_on.is_(None))
        .values(started_on=started_on)
    )
    return started.rowcount == 1


def lock_enrolment(connection: sa.Connection, id: UUID) -> None:
    """Let whoever else writes about this person's consent wait until this transaction is over."""
    connection.execute(sa.select(ENROLMENTS.c.id).where(ENROLMENTS.c.id == id).with_for_update(key_share=True))


def enrolment_by_code(connection: sa.Connection, participant_code: str) -> sa.Row | None:
    """The enrolment with this participant code (in its printed form), or None."""
    return connection.execute(sa.select(ENROLMENTS).where(ENROLMENTS.c.participant_code == participant_code)).first()


def enrolment(connection: sa.Connection, id: UUID) -> sa.Row | None:
    """The enrolment with this id, or None."""
    return connection.execute(sa.select(ENROLMENTS).where(ENROLMENTS.c.id == id)).first()


def is_participant_code_free(connection: sa.Connection, participant_code: str) -> bool:
    """Whether nobody is called so; the unique constraint decides if two ask at once."""
    return enrolment_by_code(connection, participant_code) is None


def is_still_theirs(connection: sa.Connection, id: UUID, verifier_hash: bytes) -> bool:
    """Whether a passphrase that was right a moment ago still is. Asked in a transaction that writes: it waits for one
    that is putting another into its place, and makes that one wait."""
    query = sa.select(ENROLMENTS.c.verifier_hash).where(ENROLMENTS.c.id == id).with_for_update(key_share=True)
    return connection.scalar(query) == verifier_hash


def public_key(connection: sa.Connection, enrolment: UUID, domain: str) -> PublicKey | None:
    """The enrolment's public key of one domain, or None."""
    keys = ENROLMENT_KEYS.c
    raw = connection.scalar(sa.select(keys.public_key).where(keys.enrolment == enrolment, keys.domain == domain))
    return None if raw is None else PublicKey(raw)
