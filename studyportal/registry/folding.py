"""Find entries that still stand alone, fold them into blocks, and set aside what cannot be opened.

A folded entry keeps its row: commitment, receipt and time of arrival stay what they were.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from studyportal.database import insert_once
from studyportal.errors import Conflict
from studyportal.registry.tables import BLOCKS, ENROLMENTS, QUARANTINED_ENTRIES, SEALED_ENTRIES

_ENTRIES = SEALED_ENTRIES.c
_FRESH = sa.and_(
    _ENTRIES.block.is_(None),
    ~sa.exists().where(QUARANTINED_ENTRIES.c.entry == _ENTRIES.id),
)
_AT_ONCE = 500  # ids in one statement; SQLite takes 32,766 values, PostgreSQL 65,535


def enrolments_with_fresh_entries(connection: sa.Connection) -> Sequence[UUID]:
    """The enrolments that have entries to fold."""
    return connection.scalars(sa.select(_ENTRIES.enrolment).where(_FRESH).distinct().order_by(_ENTRIES.enrolment)).all()


def fresh_entries(connection: sa.Connection, enrolment: UUID) -> Sequence[sa.Row]:
    """The entries of one enrolment that are in no block and not set aside, as they arrived."""
    query = sa.select(SEALED_ENTRIES).where(_FRESH, _ENTRIES.enrolment == enrolment)
    return connection.execute(query.order_by(_ENTRIES.received_at, _ENTRIES.id)).all()


def last_block(connection: sa.Connection, enrolment: UUID) -> sa.Row | None:
    """The newest block of an enrolment, or None."""
    query = sa.select(BLOCKS).where(BLOCKS.c.enrolment == enrolment).order_by(BLOCKS.c.number.desc()).limit(1)
    return connection.execute(query).first()


def write_block(
    connection: sa.Connection,
    enrolment: UUID,
    number: int,
    *,
    replaces: int | None,
    sealed: bytes,
    entries: Sequence[UUID],
    now: datetime,
) -> None:
    """Put a block where it belongs and fold `entries` into it.

    `replaces` is the revision that stood there when the block was made (None: no block), the new one is the next.
    Raises `Conflict`, and the caller's transaction must not stand, if the block or any entry changed meanwhile.
    """
    if replaces is None:
        row = {"enrolment": enrolment, "number": number, "revision": 1, "folded_at": now, "sealed": sealed}
        stands = insert_once(connection, BLOCKS, row, key=["enrolment", "number"])
    else:
        same = (BLOCKS.c.enrolment == enrolment, BLOCKS.c.number == number, BLOCKS.c.revision == replaces)
        changed = sa.update(BLOCKS).where(*same).values(revision=replaces + 1, folded_at=now, sealed=sealed)
        stands = connection.execute(changed).rowcount == 1
    if not stands:
        raise Conflict("This block has been written by somebody else meanwhile.")
    folded = 0
    for start in range(0, len(entries), _AT_ONCE):
        some = sa.and_(_ENTRIES.id.in_(entries[start : start + _AT_ONCE]), _ENTRIES.block.is_(None))
        folded += connection.execute(sa.update(SEALED_ENTRIES).where(some).values(sealed=None, block=number)).rowcount
    if folded != len(entries):
        raise Conflict("Some of these entries have changed meanwhile.")


def quarantine(connection: sa.Connection, entries: Mapping[UUID, str], *, now: datetime) -> None:
    """Set entries aside, each for a reason (a code); the seal stays as it is, so that it can be looked into."""
    for entry, reason in entries.items():
        row = {"entry": entry, "reason": reason, "found_at": now}
        insert_once(connection, QUARANTINED_ENTRIES, row, key=["entry"])


def end_quarantine(connection: sa.Connection) -> int:
    """Count every entry that was set aside among the fresh ones again; how many."""
    return connection.execute(sa.delete(QUARANTINED_ENTRIES)).rowcount


def quarantined(connection: sa.Connection) -> Sequence[sa.Row]:
    """What was set aside: entry, enrolment, participant_code, reason, received_at, found_at."""
    query = (
        sa.select(
            QUARANTINED_ENTRIES,
            _ENTRIES.enrolment,
            _ENTRIES.received_at,
            ENROLMENTS.c.participant_code,
        )
        .join(SEALED_ENTRIES, _ENTRIES.id == QUARANTINED_ENTRIES.c.entry)
        .join(ENROLMENTS, ENROLMENTS.c.id == _ENTRIES.enrolment)
        .order_by(QUARANTINED_ENTRIES.c.found_at)
    )
    return connection.execute(query).all()


def entry_counts(connection: sa.Connection) -> Mapping[str, int]:
    """How many entries there are: "fresh" (not in a block, those set aside included) and "folded"."""
    fresh, every = connection.execute(
        sa.select(sa.func.count().filter(_ENTRIES.block.is_(None)), sa.func.count()).select_from(SEALED_ENTRIES)
    ).one()
    return {"fresh": fresh, "folded": every - fresh}


def all_blocks(connection: sa.Connection, enrolments: Sequence[UUID]) -> Iterator[sa.Row]:
    """The blocks of these enrolments (enrolment, number, revision, sealed), enrolment by enrolment, in order."""
    what = sa.select(BLOCKS.c.enrolment, BLOCKS.c.number, BLOCKS.c.revision, BLOCKS.c.sealed)
    for start in range(0, len(enrolments), _AT_ONCE):
        some = BLOCKS.c.enrolment.in_(enrolments[start : start + _AT_ONCE])
        yield from connection.execute(what.where(some).order_by(BLOCKS.c.enrolment, BLOCKS.c.number))


class BlockState(NamedTuple):
    """What tells one state of a block from every other, without its bytes. The time is there because a database that
    was put back to an earlier state counts the same revisions again."""

    number: int
    revision: int
    folded_at: datetime
    size: int


def block_states(connection: sa.Connection) -> Mapping[UUID, Sequence[BlockState]]:
    """The blocks of every enrolment, in order."""
    columns = BLOCKS.c
    query = sa.select(
        columns.enrolment, columns.number, columns.revision, columns.folded_at, sa.func.length(columns.sealed)
    ).order_by(columns.enrolment, columns.number)
    found: dict[UUID, list[BlockState]] = {}
    for enrolment, *state in connection.execute(query):
        found.setdefault(enrolment, []).append(BlockState(*state))
    return found


def erase_entries(connection: sa.Connection, enrolment: UUID) -> int:
    """Delete every entry and block of an enrolment; how many entries there were. Its alerts are buried before."""
    set_aside = sa.select(_ENTRIES.id).where(_ENTRIES.enrolment == enrolment)
    connection.execute(sa.delete(QUARANTINED_ENTRIES).where(QUARANTINED_ENTRIES.c.entry.in_(set_aside)))
    connection.execute(sa.delete(BLOCKS).where(BLOCKS.c.enrolment == enrolment))
    return connection.execute(sa.delete(SEALED_ENTRIES).where(_ENTRIES.enrolment == enrolment)).rowcount
