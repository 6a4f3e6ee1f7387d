"""Keep the sealed sets of people that were answered. Nothing here can open one.

Whoever adds holds the lock until its transaction ends, so each sees what all before it added.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from studyportal.workbench.tables import ANSWERED_SETS

# Any number will do, as long as it is always this one.
_LOCK = 7_313_004_002


def lock_answers(connection: sa.Connection) -> None:
    """Wait until nobody else is adding, and keep others waiting. On SQLite whoever writes at all has that already."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def answers_since(connection: sa.Connection, revision: int) -> Sequence[sa.Row]:
    """Sequence, revision and sealed bytes of every row that is newer, in the order of its sequence."""
    newer = sa.select(ANSWERED_SETS).where(ANSWERED_SETS.c.revision > revision)
    return connection.execute(newer.order_by(ANSWERED_SETS.c.sequence)).all()


def add_answers(connection: sa.Connection, sequence: int, sealed: bytes, *, revision: int) -> None:
    """Add a row behind all others."""
    connection.execute(sa.insert(ANSWERED_SETS).values(sequence=sequence, revision=revision, sealed=sealed))


def replace_answers(connection: sa.Connection, sequence: int, sealed: bytes, *, revision: int) -> None:
    """Write a row again, without somebody who withdrew."""
    row = sa.update(ANSWERED_SETS).where(ANSWERED_SETS.c.sequence == sequence)
    connection.execute(row.values(sealed=sealed, revision=revision))
