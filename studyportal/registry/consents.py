"""Keep proof of what people agreed to: form version, hash of the text they saw, scopes, signature."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.database import insert_once
from studyportal.registry.tables import CONSENT_RECORDS, WITHDRAWALS


def add_consent(
    connection: sa.Connection,
    id: UUID,
    enrolment: UUID,
    *,
    form_version: str,
    text_sha256: bytes,
    scopes: Sequence[str],
    agreed_at: datetime,
    zone: str,
    source: str,
    signature: bytes | None,
) -> None:
    """Insert a consent record; a participant's own is signed, an imported or synthetic one is not."""
    connection.execute(
        sa.insert(CONSENT_RECORDS),
        {
            "id": id,
            "enrolment": enrolment,
            "form_version": form_version,
            "text_sha256": text_sha256,
            "scopes": json.dumps(sorted(scopes)),
            "agreed_at": agreed_at,
            "zone": zone,
            "source": source,
            "signature": signature,
        },
    )


def consent_records(connection: sa.Connection, enrolment: UUID) -> Sequence[sa.Row]:
    """Every consent record of one enrolment, the newest first."""
    records = CONSENT_RECORDS.c
    return connection.execute(
        sa.select(CONSENT_RECORDS).where(records.enrolment == enrolment).order_by(records.agreed_at.desc())
    ).all()


def agreed_scopes(record: sa.Row) -> tuple[str, ...]:
    """The names of the scopes that a consent record agrees to."""
    return tuple(json.loads(record.scopes))


def add_withdrawal(
    connection: sa.Connection, id: UUID, enrolment: UUID, *, scope: str, strength: str, now: datetime
) -> bool:
    """Insert a request to stop, remove or erase; False when this one was made before."""
    row = {"id": id, "enrolment": enrolment, "scope": scope, "strength": strength, "requested_at": now}
    return insert_once(connection, WITHDRAWALS, row, key=["enrolment", "scope", "strength"])


def withdrawals_of(connection: sa.Connection, enrolment: UUID) -> Sequence[sa.Row]:
    """What one enrolment has withdrawn, the oldest first."""
    columns = WITHDRAWALS.c
    return connection.execute(
        sa.select(WITHDRAWALS).where(columns.enrolment == enrolment).order_by(columns.requested_at)
    ).all()
