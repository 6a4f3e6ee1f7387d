"""Keep what custody's worker knows of reminders: who is to be looked at, what was claimed, tried, and how it ended.

Each occasion is claimed once for each place, and each message tried once unless it certainly did not go out.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from studyportal.database import insert_each_once, insert_once
from studyportal.registry.adherence import has_left
from studyportal.registry.reminder_tables import REMINDER_CONTACTS, REMINDER_WAYS, REMINDER_WISHES, REMINDERS
from studyportal.registry.tables import ENROLMENTS, SEALED_ENTRIES

_CONTACTS, _ENROLMENTS, _ENTRIES = REMINDER_CONTACTS.c, ENROLMENTS.c, SEALED_ENTRIES.c
_REMINDERS, _WISHES = REMINDERS.c, REMINDER_WISHES.c
# An occasion whose window is over comes never again; what happened to its reminder is of use a little longer.
KEPT = timedelta(days=60)


def tell_ways(connection: sa.Connection, ways: Mapping[str, Mapping[str, str]], *, now: datetime) -> None:
    """Write down which ways work: way -> public_key and services for push, nothing for mail."""
    known = {row.way: row for row in connection.execute(sa.select(REMINDER_WAYS))}
    for way, row in known.items():
        said = ways.get(way)
        if said is None or any(getattr(row, name) != value for name, value in said.items()):
            connection.execute(sa.delete(REMINDER_WAYS).where(REMINDER_WAYS.c.way == way))
    for way, said in ways.items():
        insert_once(connection, REMINDER_WAYS, {"way": way, "told_at": now, **said}, key=["way"])


def people_due(
    connection: sa.Connection, *, required_scopes: Collection[str], now: datetime, limit: int
) -> Sequence[sa.Row]:
    """Who is to be looked at now: their wishes with zone and started_on. Nobody who has left or not begun.

    Two workers that ask at once are given different people.
    """
    query = (
        sa.select(REMINDER_WISHES, _ENROLMENTS.zone, _ENROLMENTS.started_on)
        .join(ENROLMENTS, _ENROLMENTS.id == _WISHES.enrolment)
        .where(_WISHES.next_at <= now, _ENROLMENTS.started_on.is_not(None), sa.not_(has_left(required_scopes)))
        .order_by(_WISHES.next_at, _WISHES.enrolment)
        .limit(limit)
        .with_for_update(of=REMINDER_WISHES, skip_locked=True)
    )
    return connection.execute(query).all()


def places_of(connection: sa.Connection, enrolments: Collection[UUID]) -> Mapping[UUID, Sequence[sa.Row]]:
    """Where each of these is reminded (way, mark), without the seals."""
    query = sa.select(_CONTACTS.enrolment, _CONTACTS.way, _CONTACTS.mark).where(_CONTACTS.enrolment.in_(enrolments))
    found: dict[UUID, list[sa.Row]] = {}
    for row in connection.execute(query.order_by(_CONTACTS.made_at, _CONTACTS.id)):
        found.setdefault(row.enrolment, []).append(row)
    return found


def last_given(connection: sa.Connection, enrolments: Collection[UUID]) -> Mapping[UUID, Mapping[str, int]]:
    """The last occasion of each instrument that each of these has given."""
    query = (
        sa.select(_ENTRIES.enrolment, _ENTRIES.schedule, sa.func.max(_ENTRIES.occasion))
        .where(_ENTRIES.enrolment.in_(enrolments), _ENTRIES.occasion.is_not(None))
        .group_by(_ENTRIES.enrolment, _ENTRIES.schedule)
    )
    found: dict[UUID, dict[str, int]] = {}
    for enrolment, schedule, occasion in connection.execute(query):
        found.setdefault(enrolment, {})[schedule] = occasion
    return found


def look_again(connection: sa.Connection, at: Mapping[UUID, datetime]) -> None:
    """Say when the worker looks at each of these people again."""
    later = sa.update(REMINDER_WISHES).where(_WISHES.enrolment == sa.bindparam("whose"))
    if at:
        rows = [{"whose": enrolment, "then": moment} for enrolment, moment in at.items()]
        connection.execute(later.values(next_at=sa.bindparam("then")), rows)


def claim_reminders(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> frozenset[UUID]:
    """Write down that occasions are to be told at places; the messages that have one which was not before, by
    whomever."""
    key = ["enrolment", "way", "mark", "schedule", "occasion"]
    return frozenset(insert_each_once(connection, REMINDERS, rows, key=key, told=_REMINDERS.message))


def begin_try(connection: sa.Connection, message: UUID, *, now: datetime) -> Sequence[sa.Row]:
    """Write down, before it is sent, that a message is; its rows. None if that was written before, or it is done."""
    fresh = (_REMINDERS.message == message, _REMINDERS.tried_at.is_(None), _REMINDERS.ended_at.is_(None))
    tried = sa.update(REMINDERS).where(*fresh).values(tried_at=now)
    return connection.execute(tried.returning(*REMINDERS.c)).all()


def contact_for(connection: sa.Connection, enrolment: UUID, way: str, mark: bytes) -> sa.Row | None:
    """The place of a message with its seal; None once it was ended."""
    one = (_CONTACTS.enrolment == enrolment, _CONTACTS.way == way, _CONTACTS.mark == mark)
    return connection.execute(sa.select(REMINDER_CONTACTS).where(*one)).first()


def whose_message(connection: sa.Connection, enrolment: UUID, *, required_scopes: Collection[str]) -> sa.Row | None:
    """The wishes of the person that a message is for, with zone; None for somebody who has left or wants none."""
    query = sa.select(REMINDER_WISHES, _ENROLMENTS.zone).join(ENROLMENTS, _ENROLMENTS.id == _WISHES.enrolment)
    staying = (_WISHES.enrolment == enrolment, sa.not_(has_left(required_scopes)))
    return connection.execute(query.where(*staying)).first()


def let_go(connection: sa.Connection, message: UUID) -> None:
    """Let a message be tried again that certainly did not go out, and count that."""
    again = {"tried_at": None, "failures": _REMINDERS.failures + 1}
    running = (_REMINDERS.message == message, _REMINDERS.ended_at.is_(None))
    connection.execute(sa.update(REMINDERS).where(*running).values(again))


def end_message(connection: sa.Connection, message: UUID, outcome: str, *, now: datetime) -> bool:
    """Write down how a message ended; False if it had. A late "sent" takes the place of "unknown"."""
    still_open = sa.or_(_REMINDERS.ended_at.is_(None), _REMINDERS.outcome == "unknown")
    ended = sa.update(REMINDERS).where(_REMINDERS.message == message, still_open)
    return connection.execute(ended.values(outcome=outcome, ended_at=now)).rowcount > 0


def give_up_tries(connection: sa.Connection, message: UUID, *, now: datetime) -> bool:
    """Of a message that comes back although it was tried: write down that nobody knows whether it went out."""
    hanging = (_REMINDERS.message == message, _REMINDERS.tried_at.is_not(None), _REMINDERS.ended_at.is_(None))
    ended = sa.update(REMINDERS).where(*hanging).values(outcome="unknown", ended_at=now)
    return connection.execute(ended).rowcount > 0


def end_place(connection: sa.Connection, enrolment: UUID, way: str, mark: bytes) -> None:
    """Forget a place that is not there any more."""
    one = (_CONTACTS.enrolment == enrolment, _CONTACTS.way == way, _CONTACTS.mark == mark)
    connection.execute(sa.delete(REMINDER_CONTACTS).where(*one))


def forget_old(connection: sa.Connection, *, now: datetime) -> None:
    """Delete what became of reminders of long ago."""
    connection.execute(sa.delete(REMINDERS).where(_REMINDERS.wanted_at < now - KEPT, _REMINDERS.until < now - KEPT))


def outcome_counts(connection: sa.Connection, *, since: datetime) -> Mapping[tuple[str, str], int]:
    """How many messages ended how since a moment: (way, outcome) -> number. Nobody in it."""
    messages = sa.func.count(_REMINDERS.message.distinct())
    query = sa.select(_REMINDERS.way, _REMINDERS.outcome, messages).where(_REMINDERS.ended_at >= since)
    return {
        (way, outcome): n for way, outcome, n in connection.execute(query.group_by(_REMINDERS.way, _REMINDERS.outcome))
    }
