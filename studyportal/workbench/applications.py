"""Requests for access: who wants which answers for what, until when, and how custody decided.

A request changes until it is decided or taken back, and never after; custody decides on the revision that it read.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from studyportal.errors import Conflict, NotFound
from studyportal.workbench.tables import APPLICATIONS

Row = Mapping[str, Any]
_undecided = APPLICATIONS.c.decision.is_(None) & APPLICATIONS.c.withdrawn_at.is_(None)

# What a decision is called in a sentence.
DECIDED = {"granted": "approved", "refused": "refused"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a researcher asks for: `items` are names of questions, `level` is one of LEVELS."""

    title: str
    purpose: str
    plan: str
    ethics_reference: str
    items: tuple[str, ...]
    level: str
    wanted_until: date


def wanted_of(row: Row) -> Wanted:
    """What a row of `applications` asks for."""
    return Wanted(
        title=row["title"],
        purpose=row["purpose"],
        plan=row["plan"],
        ethics_reference=row["ethics_reference"],
        items=tuple(json.loads(row["items"])),
        level=row["level"],
        wanted_until=row["wanted_until"],
    )


def _columns(wanted: Wanted) -> dict[str, Any]:
    return asdict(wanted) | {"items": json.dumps(wanted.items, separators=(",", ":"))}


def read_revision(text: str | None) -> int:
    """The revision that a form carries; 0, which no request has, for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 6 else 0


def state_of(row: Row) -> str:
    """Where a request stands: "waiting", "withdrawn", or its decision."""
    return "withdrawn" if row["withdrawn_at"] else row["decision"] or "waiting"


def add_application(
    connection: sa.Connection, application: UUID, wanted: Wanted, *, account: UUID, now: datetime
) -> None:
    """Keep a request that nobody has decided yet."""
    row = {"id": application, "account": account, "created_at": now, "revision": 1}
    connection.execute(sa.insert(APPLICATIONS), _columns(wanted) | row)


def amend_application(
    connection: sa.Connection, application: UUID, wanted: Wanted, *, account: UUID, revision: int, now: datetime
) -> None:
    """Put another text in its place; raises `NotFound` for another's, `Conflict` if it is no longer as it was read."""
    where = (APPLICATIONS.c.id == application) & (APPLICATIONS.c.account == account) & _undecided
    changed = sa.update(APPLICATIONS).where(where, APPLICATIONS.c.revision == revision)
    values = _columns(wanted) | {"revision": revision + 1, "amended_at": now}
    if connection.execute(changed.values(values)).rowcount != 1:
        raise _too_late(own_application(connection, application, account=account), revision)


def withdraw_application(connection: sa.Connection, application: UUID, *, account: UUID, now: datetime) -> None:
    """Take back a request that waits; raises `NotFound` for another's, `Conflict` if it no longer waits."""
    where = (APPLICATIONS.c.id == application) & (APPLICATIONS.c.account == account) & _undecided
    if connection.execute(sa.update(APPLICATIONS).where(where).values(withdrawn_at=now)).rowcount != 1:
        row = own_application(connection, application, account=account)
        raise _too_late(row, row["revision"])


def decide_application(
    connection: sa.Connection,
    application: UUID,
    *,
    revision: int,
    decision: str,
    reason: str,
    by: UUID,
    by_name: str,
    now: datetime,
) -> None:
    """Write down "granted" or "refused" on the revision that was read.

    Raises `Conflict`, which says who was first, if it was decided, taken back or changed before.
    """
    statement = sa.update(APPLICATIONS).where(
        APPLICATIONS.c.id == application, _undecided, APPLICATIONS.c.revision == revision
    )
    values = {"decision": decision, "decided_at": now, "decided_by": by, "decided_name": by_name, "reason": reason}
    if connection.execute(statement.values(values)).rowcount != 1:
        raise _too_late(find_application(connection, application), revision)


def _too_late(row: Row, revision: int) -> Conflict:
    if row["withdrawn_at"]:
        return Conflict("The researcher took this request back. Nothing was changed.")
    if row["decision"]:
        who = row["decided_name"] or "The data custodian"
        return Conflict(f"{who} {DECIDED[row['decision']]} this request before you. Nothing was changed.")
    assert row["revision"] != revision
    return Conflict("This request was changed since you opened it. Read it again, then go on.")


def applications_of(connection: sa.Connection, account: UUID) -> list[Row]:
    """The requests of one researcher, newest first."""
    statement = sa.select(APPLICATIONS).where(APPLICATIONS.c.account == account)
    return [*connection.execute(statement.order_by(APPLICATIONS.c.created_at.desc())).mappings()]


def undecided_applications(connection: sa.Connection) -> list[Row]:
    """Every request that waits for custody, oldest first."""
    statement = sa.select(APPLICATIONS).where(_undecided)
    return [*connection.execute(statement.order_by(APPLICATIONS.c.created_at)).mappings()]


def closed_applications(connection: sa.Connection, *, most: int) -> list[Row]:
    """The requests that were decided or taken back last, newest first."""
    closed_at = sa.func.coalesce(APPLICATIONS.c.decided_at, APPLICATIONS.c.withdrawn_at)
    statement = sa.select(APPLICATIONS).where(~_undecided).order_by(closed_at.desc()).limit(most)
    return [*connection.execute(statement).mappings()]


def find_application(connection: sa.Connection, identifier: UUID) -> Row:
    """One request; raises `NotFound`."""
    row = connection.execute(sa.select(APPLICATIONS).where(APPLICATIONS.c.id == identifier)).mappings().first()
    if row is None:
        raise NotFound("There is no such request.")
    return row


def own_application(connection: sa.Connection, identifier: UUID, *, account: UUID) -> Row:
    """One request of this researcher; raises `NotFound` for another's, as for none."""
    row = find_application(connection, identifier)
    if row["account"] != account:
        raise NotFound("There is no such request.")
    return row
