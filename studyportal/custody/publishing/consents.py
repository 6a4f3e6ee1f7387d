"""Count consent and withdrawal by study week for researchers: how many, never who, and no small number.

Everybody who ever agreed is counted, also those who share nothing or have left: only so does the count say how many
left. Counts are of people, cumulative, rounded down to fives, and none below 11 (CMS cell size policy), so that one
person who agrees or leaves changes a number at most once, and never a small one.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from uuid import UUID

import sqlalchemy as sa

from studyportal.protocol import Protocol
from studyportal.registry.consents import consents_of_study, withdrawals_of_study
from studyportal.registry.screening import event_counts, monday_of
from studyportal.snapshots.documents import ConsentLine, ConsentRecords
from studyportal.snapshots.writing import shown_count

WEEK = timedelta(weeks=1)
LONGEST = 520  # ten years of weeks; a clock that was wrong must not make a file of any size
ARRIVALS = ("looked", "screened", "not_eligible")
STRENGTHS = ("stop", "remove", "erase")

Key = tuple[str, str, str]


def consent_records(connection: sa.Connection, protocol: Protocol, *, now: datetime) -> ConsentRecords:
    """The lines for what happened on the way in, every version that was signed, every scope of the study document and
    every strength."""
    first: dict[Key, dict[UUID, datetime]] = defaultdict(dict)
    for key, who, when in (*_agreed(connection), *_withdrawn(connection)):
        first[key].setdefault(who, when)
    begun = min((when for many in first.values() for when in many.values()), default=now)
    weeks = min(LONGEST, max(1, -(-(now - begun) // WEEK) or 1))
    lines = [ConsentLine("arrival", name, "", came) for name, came in _arrived(connection, begun, weeks)]
    lines += [
        ConsentLine(what, name, strength, _by_week(first.get((what, name, strength), {}), begun, weeks))
        for what, name, strength in _listed(first, protocol)
    ]
    return ConsentRecords(1, weeks, lines)


def _listed(first: Mapping[Key, object], protocol: Protocol) -> Iterator[Key]:
    """Which lines there are depends on the document, and on which versions anybody signed."""
    yield from sorted(key for key in first if key[0] == "version")
    for scope in protocol.consent.scopes:
        yield "scope", scope, ""
    for scope in protocol.consent.scopes:
        for strength in STRENGTHS:
            yield "withdrawal", scope, strength


def _agreed(connection: sa.Connection) -> Iterator[tuple[Key, UUID, datetime]]:
    for row in consents_of_study(connection):
        yield ("version", row.form_version, ""), row.enrolment, row.agreed_at
        for scope in _scopes(row.scopes):
            yield ("scope", scope, ""), row.enrolment, row.agreed_at


@lru_cache(maxsize=256)
def _scopes(text: str) -> tuple[str, ...]:
    """A study has few sets of scopes and many who agreed to them."""
    return tuple(json.loads(text))


def _withdrawn(connection: sa.Connection) -> Iterator[tuple[Key, UUID, datetime]]:
    for row in withdrawals_of_study(connection):
        yield ("withdrawal", row.scope, row.strength), row.enrolment, row.requested_at


def _arrived(connection: sa.Connection, begun: datetime, weeks: int) -> Iterator[tuple[str, list[int | None]]]:
    """What happened before a consent, in times: it is counted by the calendar's weeks, which begin in one of the
    study's."""
    counted = event_counts(connection, None)
    for name in ARRIVALS:
        came = [0] * weeks
        for (week, what), times in counted.items():
            if what == name:
                came[min(weeks - 1, max(0, (monday_of(week) - begun.date()) // WEEK))] += times
        yield name, _grown(came)


def _by_week(when: Mapping[UUID, datetime], begun: datetime, weeks: int) -> list[int | None]:
    """How many had done it by the end of each week, as it may be said."""
    came = [0] * weeks
    for moment in when.values():
        came[min(weeks - 1, max(0, (moment - begun) // WEEK))] += 1
    return _grown(came)


def _grown(came: Iterable[int]) -> list[int | None]:
    return [shown_count(total) for total in accumulate(came)]
