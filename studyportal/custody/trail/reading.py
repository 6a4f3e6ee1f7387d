"""The latest events of the three trails, in words; codes and counts are all that there is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from studyportal.audit import ACTIONS
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import BINDS, reading


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a page tells it, or as many of a kind as happened in a row (`times`)."""

    at: datetime
    bind: str
    who: str
    what: str
    which: str
    detail: Mapping[str, str | int]
    times: int = 1


# So many events are read for each line to be shown: a night's folding alone is one event per participant.
_READ_PER_LINE = 40


def latest(lines: int) -> list[Told]:
    """The latest events of all databases, newest first, runs of the same event as one line; `lines` at most."""
    found = []
    for bind in BINDS:
        events = AUDIT_EVENTS[bind]
        newest = sa.select(events).order_by(events.c.at.desc(), events.c.sequence.desc()).limit(lines * _READ_PER_LINE)
        with reading(bind) as connection:
            found += [_told(bind, row) for row in connection.execute(newest)]
    return _in_runs(sorted(found, key=lambda event: event.at, reverse=True))[:lines]


def _in_runs(events: list[Told]) -> list[Told]:
    runs: list[Told] = []
    for event in events:
        before = runs[-1] if runs else None
        if before and (before.who, before.what, before.bind) == (event.who, event.what, event.bind):
            runs[-1] = replace(before, times=before.times + 1)
        else:
            runs.append(event)
    return runs


def _told(bind: str, row: sa.Row) -> Told:
    who = f"{row.room} · {row.actor_kind} {_short(row.actor_id)}"
    which = f"{row.object_kind} {_short(row.object_id)}"
    return Told(row.at, bind, who, ACTIONS.get(row.action, row.action), which, json.loads(row.detail))


def _short(id: str) -> str:
    """The first eight signs of an id; a person's or thing's name as it is."""
    return id[:8] if len(id) >= 32 else id
