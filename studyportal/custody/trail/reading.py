"""The latest events of the three trails, in words; codes and counts are all that there is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from studyportal.audit import ACTIONS
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import BINDS, reading


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a page tells it."""

    at: datetime
    bind: str
    who: str
    what: str
    which: str
    detail: Mapping[str, str | int]


def latest(count: int) -> list[Told]:
    """The latest `count` events of all databases, newest first."""
    found = []
    for bind in BINDS:
        events = AUDIT_EVENTS[bind]
        with reading(bind) as connection:
            rows = connection.execute(sa.select(events).order_by(events.c.at.desc(), events.c.sequence.desc()).limit(count))
            found += [_told(bind, row) for row in rows]
    return sorted(found, key=lambda event: event.at, reverse=True)[:count]


def _told(bind: str, row: sa.Row) -> Told:
    who = f"{row.room} · {row.actor_kind} {_short(row.actor_id)}"
    which = f"{row.object_kind} {_short(row.object_id)}"
    return Told(row.at, bind, who, ACTIONS.get(row.action, row.action), which, json.loads(row.detail))


def _short(id: str) -> str:
    """The first eight signs of an id; a person's or thing's name as it is."""
    return id[:8] if len(id) >= 32 else id
