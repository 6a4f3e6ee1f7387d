"""Keep sealed entries. What stands beside the seal is that something came, when, and for which occasion."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from studyportal.database import Prepared
from studyportal.registry.tables import BLOCKS, SEALED_ENTRIES

ON_DEMAND = "on_demand"

_ENTRIES = SEALED_ENTRIES.c
# No conflict target: an id that came before and an occasion that has its entry both leave the row out.
_KEEP = Prepared(
    {
        "sqlite": sqlite.insert(SEALED_ENTRIES).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(SEALED_ENTRIES).on_conflict_do_nothing(),
    },
    columns=["id", "enrolment", "schedule", "occasion", "received_at", "commitment", "receipt", "sealed"],
)
# What staff write has no receipt, and names its writer instead.
_KEEP_OF_STAFF = Prepared(
    {
        "sqlite": sqlite.insert(SEALED_ENTRIES).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(SEALED_ENTRIES).on_conflict_do_nothing(),
    },
    columns=["id", "enrolment", "schedule", "occasion", "received_at", "commitment", "written_by", "sealed"],
)
_KEPT = sa.select(
    _ENTRIES.enrolment,
    _ENTRIES.schedule,
    _ENTRIES.occasion,
    _ENTRIES.received_at,
    _ENTRIES.commitment,
    _ENTRIES.receipt,
).where(_ENTRIES.id == sa.bindparam("entry"), _ENTRIES.enrolment == sa.bindparam("of"))


def keep_entry(connection: sa.Connection, row: Mapping[str, Any]) -> bool:
    """Insert a sealed entry, with its `receipt` or with the account that it is `written_by`; False when its id, or an
    entry for its occasion, is there already."""
    keep = _KEEP_OF_STAFF if "written_by" in row else _KEEP
    return keep.execute(connection, row).rowcount == 1


def kept_entry(connection: sa.Connection, entry: UUID, enrolment: UUID) -> sa.Row | None:
    """What is known of one entry of this enrolment without opening it; None also for somebody else's."""
    return connection.execute(_KEPT, {"entry": entry, "of": enrolment}).first()


def commitment_of(connection: sa.Connection, entry: UUID, enrolment: UUID) -> bytes | None:
    """What one entry of this enrolment commits to; None also for somebody else's."""
    query = sa.select(_ENTRIES.commitment).where(_ENTRIES.id == entry, _ENTRIES.enrolment == enrolment)
    return connection.scalar(query)


def sealed_entry(connection: sa.Connection, entry: UUID, enrolment: UUID) -> sa.Row | None:
    """One whole row of this enrolment, the seal included; None also for somebody else's."""
    query = sa.select(SEALED_ENTRIES).where(_ENTRIES.id == entry, _ENTRIES.enrolment == enrolment)
    return connection.execute(query).first()


def entry_by_id(connection: sa.Connection, entry: UUID) -> sa.Row | None:
    """Whose an entry is (enrolment), for whoever may see everybody's; None if it is gone."""
    return connection.execute(sa.select(_ENTRIES.id, _ENTRIES.enrolment).where(_ENTRIES.id == entry)).first()


def entries_of(connection: sa.Connection, enrolment: UUID) -> Sequence[sa.Row]:
    """Every entry of one enrolment as it arrived, sealed or folded into a block."""
    query = sa.select(SEALED_ENTRIES).where(_ENTRIES.enrolment == enrolment)
    return connection.execute(query.order_by(_ENTRIES.received_at, _ENTRIES.id)).all()


def blocks_of(connection: sa.Connection, enrolment: UUID) -> Sequence[sa.Row]:
    """The column blocks of one enrolment, in order."""
    query = sa.select(BLOCKS).where(BLOCKS.c.enrolment == enrolment)
    return connection.execute(query.order_by(BLOCKS.c.number)).all()


def block(connection: sa.Connection, enrolment: UUID, number: int) -> sa.Row | None:
    """One column block of one enrolment, or None."""
    query = sa.select(BLOCKS).where(BLOCKS.c.enrolment == enrolment, BLOCKS.c.number == number)
    return connection.execute(query).first()


def occasions_given(connection: sa.Connection, enrolment: UUID) -> Mapping[tuple[str, int], datetime]:
    """When an entry came, by instrument and occasion."""
    query = sa.select(_ENTRIES.schedule, _ENTRIES.occasion, _ENTRIES.received_at).where(
        _ENTRIES.enrolment == enrolment, _ENTRIES.occasion.is_not(None)
    )
    return {(row.schedule, row.occasion): row.received_at for row in connection.execute(query)}


def last_on_demand(connection: sa.Connection, enrolment: UUID) -> datetime | None:
    """When the latest entry on demand came; which instrument it is stands inside the seal."""
    query = sa.select(sa.func.max(_ENTRIES.received_at)).where(
        _ENTRIES.enrolment == enrolment, _ENTRIES.schedule == ON_DEMAND
    )
    return connection.scalar(query)


def entry_for(connection: sa.Connection, enrolment: UUID, instrument: str, occasion: int) -> UUID | None:
    """The id of the entry for one occasion, or None."""
    query = sa.select(_ENTRIES.id).where(
        _ENTRIES.enrolment == enrolment, _ENTRIES.schedule == instrument, _ENTRIES.occasion == occasion
    )
    return connection.scalar(query)
