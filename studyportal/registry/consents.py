"""Keep proof of what people agreed to: form version, hash of the text they saw, scopes, signature.

Records are never changed: whoever signs a new version, or chooses anew, adds one. The latest counts.
"""

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
    check_passed: bool = False,
    name_commitment: bytes | None = None,
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
            "check_passed": check_passed,
            "name_commitment": name_commitment,
        },
    )


def consent_records(connection: sa.Connection, enrolment: UUID) -> Sequence[sa.Row]:
    """Every consent record of one enrolment, the newest first."""
    records = CONSENT_RECORDS.c
    return connection.execute(
        sa.select(CONSENT_RECORDS).where(records.enrolment == enrolment).order_by(records.agreed_at.desc())
    ).all()


def has_agreed_to(connection: sa.Connection, enrolment: UUID, version: str) -> bool:
    """Whether somebody has agreed to this version of the form."""
    records = CONSENT_RECORDS.c
    agreed = sa.exists(records.id).where(records.enrolment == enrolment, records.form_version == version)
    return bool(connection.scalar(sa.select(agreed)))


def consents_of_study(connection: sa.Connection) -> Sequence[sa.Row]:
    """What everybody agreed to, the oldest first: enrolment, form_version, scopes (JSON), agreed_at. To be counted."""
    records = CONSENT_RECORDS.c
    columns = (records.enrolment, records.form_version, records.scopes, records.agreed_at)
    return connection.execute(sa.select(*columns).order_by(records.agreed_at)).all()


def withdrawals_of_study(connection: sa.Connection) -> Sequence[sa.Row]:
    """What everybody withdrew, the oldest first: enrolment, scope, strength, requested_at. To be counted."""
    columns = WITHDRAWALS.c
    query = sa.select(columns.enrolment, columns.scope, columns.strength, columns.requested_at)
    return connection.execute(query.order_by(columns.requested_at)).all()


def agreed_scopes(record: sa.Row) -> tuple[str, ...]:
    """The names of the scopes that a consent record agrees to."""
    return tuple(json.loads(record.scopes))


def add_withdrawal(
    connection: sa.Connection,
    id: UUID,
    enrolment: UUID,
    *,
    scope: str,
    strength: str,
    now: datetime,
    waits_until: datetime | None = None,
    hands_over: bool = False,
) -> bool:
    """Insert a request to stop, remove or erase; False when this one was made at the same moment before."""
    row = {"id": id, "enrolment": enrolment, "scope": scope, "strength": strength, "requested_at": now}
    row |= {"waits_until": waits_until, "hands_over": hands_over}
    return insert_once(connection, WITHDRAWALS, row, key=["enrolment", "scope", "strength", "requested_at"])


def still_counting(withdrawals: Sequence[sa.Row], agreed_at: datetime) -> Sequence[sa.Row]:
    """Those withdrawals that a consent given at `agreed_at` has not ended. An erasure cannot be taken back."""
    return [row for row in withdrawals if row.strength == "erase" or row.requested_at >= agreed_at]


def withdrawals_of(connection: sa.Connection, enrolment: UUID) -> Sequence[sa.Row]:
    """What one enrolment has withdrawn, the oldest first."""
    columns = WITHDRAWALS.c
    return connection.execute(
        sa.select(WITHDRAWALS).where(columns.enrolment == enrolment).order_by(columns.requested_at)
    ).all()
