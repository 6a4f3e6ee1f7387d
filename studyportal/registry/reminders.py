"""Keep how somebody wants to be reminded: when, of what, and whereto. Whereto is sealed."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from studyportal.database import insert_once
from studyportal.registry.adherence import has_left
from studyportal.registry.reminder_tables import (
    CALENDAR_FEEDS,
    REMINDER_CONTACTS,
    REMINDER_WAYS,
    REMINDER_WISHES,
    REMINDERS,
)
from studyportal.registry.tables import ENROLMENTS
from studyportal.web.answering.reminding import Quiet, Wishes, clock_of, minutes_of

_CONTACTS, _ENROLMENTS, _FEEDS = REMINDER_CONTACTS.c, ENROLMENTS.c, CALENDAR_FEEDS.c
_REMINDERS, _WISHES = REMINDERS.c, REMINDER_WISHES.c


def working_ways(connection: sa.Connection) -> Mapping[str, sa.Row]:
    """The ways by which custody can remind anybody now: way -> public_key, services."""
    return {row.way: row for row in connection.execute(sa.select(REMINDER_WAYS))}


def wishes_of(connection: sa.Connection, enrolment: UUID) -> sa.Row | None:
    """When and of what somebody wants to be reminded; None if they never said."""
    return connection.execute(sa.select(REMINDER_WISHES).where(_WISHES.enrolment == enrolment)).first()


def set_wishes(
    connection: sa.Connection,
    enrolment: UUID,
    wishes: Wishes,
    *,
    now: datetime,
) -> None:
    """Keep when and of what somebody wants to be reminded; the worker looks at once what that means."""
    values = {
        "quiet_begins": minutes_of(wishes.quiet.begins),
        "quiet_ends": minutes_of(wishes.quiet.ends),
        "after_minutes": wishes.after // timedelta(minutes=1),
        "without": json.dumps(sorted(wishes.without)),
        "changed_at": now,
        "next_at": now,
    }
    if not insert_once(connection, REMINDER_WISHES, {"enrolment": enrolment, **values}, key=["enrolment"]):
        connection.execute(sa.update(REMINDER_WISHES).where(_WISHES.enrolment == enrolment).values(values))


def remind_again(connection: sa.Connection, enrolment: UUID, *, now: datetime) -> None:
    """Let the worker look at once what is due for somebody who wants to be reminded."""
    connection.execute(sa.update(REMINDER_WISHES).where(_WISHES.enrolment == enrolment).values(next_at=now))


def wishes_in(row: sa.Row) -> Wishes:
    """The wishes that a row holds."""
    quiet = Quiet(clock_of(row.quiet_begins), clock_of(row.quiet_ends))
    return Wishes(quiet, timedelta(minutes=row.after_minutes), frozenset(json.loads(row.without)))


def contacts_of(connection: sa.Connection, enrolment: UUID) -> Sequence[sa.Row]:
    """Where one person is reminded, the oldest first, each with its seal."""
    query = sa.select(REMINDER_CONTACTS).where(_CONTACTS.enrolment == enrolment)
    return connection.execute(query.order_by(_CONTACTS.made_at, _CONTACTS.id)).all()


def put_contact(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    """Insert a place to be reminded at, instead of the one with the same mark; the worker looks at once."""
    same = (_CONTACTS.enrolment == row["enrolment"], _CONTACTS.way == row["way"], _CONTACTS.mark == row["mark"])
    connection.execute(sa.delete(REMINDER_CONTACTS).where(*same))
    connection.execute(sa.insert(REMINDER_CONTACTS), dict(row))
    whose = _WISHES.enrolment == row["enrolment"]
    connection.execute(sa.update(REMINDER_WISHES).where(whose).values(next_at=row["made_at"]))


def end_contact(connection: sa.Connection, enrolment: UUID, id: UUID) -> str | None:
    """Forget one place, address and all; its way, or None if there is no such place of this person."""
    one = (_CONTACTS.id == id, _CONTACTS.enrolment == enrolment)
    return connection.scalar(sa.delete(REMINDER_CONTACTS).where(*one).returning(_CONTACTS.way))


def feed_of(connection: sa.Connection, enrolment: UUID) -> sa.Row | None:
    """Since when somebody has a calendar address (made_at), or None."""
    return connection.execute(sa.select(_FEEDS.made_at).where(_FEEDS.enrolment == enrolment)).first()


def replace_feed(connection: sa.Connection, enrolment: UUID, token_hash: bytes, *, now: datetime) -> None:
    """Give somebody a calendar address; the one before leads nowhere from now on."""
    end_feed(connection, enrolment)
    row = {"token_hash": token_hash, "enrolment": enrolment, "made_at": now}
    connection.execute(sa.insert(CALENDAR_FEEDS), row)


def end_feed(connection: sa.Connection, enrolment: UUID) -> bool:
    """Let a calendar address lead nowhere; False if there was none."""
    return connection.execute(sa.delete(CALENDAR_FEEDS).where(_FEEDS.enrolment == enrolment)).rowcount == 1


def of_feed(connection: sa.Connection, token_hash: bytes, *, required_scopes: Collection[str]) -> sa.Row | None:
    """Whose calendar an address shows: enrolment, zone, started_on, has_stopped; None for an unknown one."""
    left = has_left(required_scopes).label("has_stopped")
    query = sa.select(_FEEDS.enrolment, _ENROLMENTS.zone, _ENROLMENTS.started_on, left)
    return connection.execute(
        query.join(ENROLMENTS, _ENROLMENTS.id == _FEEDS.enrolment).where(_FEEDS.token_hash == token_hash)
    ).first()


def last_outcomes(connection: sa.Connection, enrolment: UUID) -> Sequence[sa.Row]:
    """How the last reminder to each place ended: way, mark, outcome, ended_at."""
    newest = (
        sa.select(_REMINDERS.way, _REMINDERS.mark, sa.func.max(_REMINDERS.ended_at).label("ended_at"))
        .where(_REMINDERS.enrolment == enrolment, _REMINDERS.outcome != "dropped")
        .group_by(_REMINDERS.way, _REMINDERS.mark)
        .subquery()
    )
    same = sa.and_(
        _REMINDERS.way == newest.c.way, _REMINDERS.mark == newest.c.mark, _REMINDERS.ended_at == newest.c.ended_at
    )
    query = sa.select(_REMINDERS.way, _REMINDERS.mark, _REMINDERS.outcome, _REMINDERS.ended_at).distinct()
    return connection.execute(query.join(newest, same).where(_REMINDERS.enrolment == enrolment)).all()


def forget_reminders(connection: sa.Connection, enrolment: UUID) -> int:
    """Delete everything about one person's reminders; how many places were among it."""
    for table in (REMINDER_WISHES, CALENDAR_FEEDS, REMINDERS):
        connection.execute(sa.delete(table).where(table.c.enrolment == enrolment))
    return connection.execute(sa.delete(REMINDER_CONTACTS).where(_CONTACTS.enrolment == enrolment)).rowcount


def forget_devices(connection: sa.Connection, enrolment: UUID) -> None:
    """End what was set up on somebody's devices: browsers and the calendar. A mail address stays."""
    pushed = (_CONTACTS.enrolment == enrolment, _CONTACTS.way == "push")
    connection.execute(sa.delete(REMINDER_CONTACTS).where(*pushed))
    end_feed(connection, enrolment)
