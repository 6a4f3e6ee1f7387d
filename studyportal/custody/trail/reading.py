"""The latest events of the three trails, in words; codes and counts are all that there is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from studyportal.audit import ACTIONS
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import BINDS, reading
from studyportal.web.sign_in.accounts import accounts


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a page tells it, or as many routine ones of a kind as happened in a row (`times`)."""

    at: datetime
    bind: str
    who: str
    what: str
    which: str
    detail: Mapping[str, str | int]
    times: int = 1


# What happens by the thousand without anybody deciding it; runs of it are one line.
ROUTINE = frozenset(
    ACTIONS[name]
    for name in ("block:fold", "consent:give", "enrolment:import", "entry:submit", "key:rewrap", "keyring:claim")
)

# So many events are read for each line to be shown: a night's folding alone is one event per participant.
_READ_PER_LINE = 40


def latest(lines: int) -> list[Told]:
    """The latest events of all databases, newest first, runs of the same event as one line; `lines` at most."""
    found, names = [], _staff()
    for bind in BINDS:
        events = AUDIT_EVENTS[bind]
        newest = sa.select(events).order_by(events.c.at.desc(), events.c.sequence.desc()).limit(lines * _READ_PER_LINE)
        with reading(bind) as connection:
            found += [_told(bind, row, names) for row in connection.execute(newest)]
    return _in_runs(sorted(found, key=lambda event: event.at, reverse=True))[:lines]


def _in_runs(events: list[Told]) -> list[Told]:
    runs: list[Told] = []
    for event in events:
        before = runs[-1] if runs else None
        if (
            before
            and event.what in ROUTINE
            and (before.who, before.what, before.bind) == (event.who, event.what, event.bind)
        ):
            runs[-1] = replace(before, times=before.times + 1)
        else:
            runs.append(event)
    return runs


def _staff() -> Mapping[str, str]:
    """The names of everybody with a staff account, by the account's id."""
    found = {}
    for bind in BINDS:
        with reading(bind) as connection:
            found |= {str(row.id): row.shown_name for row in accounts(connection, bind)}
    return found


def _told(bind: str, row: sa.Row, names: Mapping[str, str]) -> Told:
    actor = f"{row.actor_kind} {_short(row.actor_id)}" if row.actor_kind != row.actor_id else row.actor_kind
    who = f"{row.room} · {names.get(row.actor_id, actor)}"
    which = f"{row.object_kind} {names.get(row.object_id, _short(row.object_id))}"
    return Told(row.at, bind, who, ACTIONS.get(row.action, row.action), which, json.loads(row.detail))


def _short(id: str) -> str:
    """The first eight signs of an id; a person's or thing's name as it is."""
    return id[:8] if len(id) >= 32 else id
