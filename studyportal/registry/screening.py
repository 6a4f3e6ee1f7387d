"""Count what happens on the way in, without a person: how often a code was looked at, somebody screened, turned away.

These are counts of events, not of people: who answers twice is counted twice. Why somebody was turned away is counted
for the whole study together: a coordinator who gave out one code this week must not read a reason off it.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from studyportal.registry.enrolment_tables import COUNTED, SCREENING_COUNTS

_COUNTS = SCREENING_COUNTS.c
_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_FIRST_MONDAY = date(1970, 1, 5)
EVERYWHERE, ALWAYS = "", 0


def week_of(day: date) -> int:
    """The number of the week that a day is in; weeks begin on Monday."""
    return (day - _FIRST_MONDAY).days // 7


def monday_of(week: int) -> date:
    """The first day of a week."""
    return _FIRST_MONDAY + timedelta(days=7 * week)


def count_event(connection: sa.Connection, what: str, *, site: str, now: datetime, reasons: Iterable[str] = ()) -> None:
    """Count one event at a site ("looked", "screened" or "not_eligible"), and each reason for all sites together."""
    if what not in COUNTED[:3]:
        raise ValueError(f"nothing called {what} is counted")
    _add(connection, site, week_of(now.date()), what, "")
    for reason in sorted(set(reasons)):
        _add(connection, EVERYWHERE, ALWAYS, "reason", reason)


def _add(connection: sa.Connection, site: str, week: int, what: str, reason: str) -> None:
    insert = _INSERTS[connection.dialect.name](SCREENING_COUNTS).values(
        site=site, week=week, what=what, reason=reason, count=1
    )
    key = ["site", "week", "what", "reason"]
    connection.execute(insert.on_conflict_do_update(index_elements=key, set_={"count": _COUNTS["count"] + 1}))


def event_counts(connection: sa.Connection, site: str | None) -> Mapping[tuple[int, str], int]:
    """How many events there were by week and what they were, at one site or (None) at all together."""
    query = sa.select(_COUNTS.week, _COUNTS.what, sa.func.sum(_COUNTS["count"])).where(_COUNTS.what != "reason")
    if site is not None:
        query = query.where(_COUNTS.site == site)
    return {
        (week, what): int(count) for week, what, count in connection.execute(query.group_by(_COUNTS.week, _COUNTS.what))
    }


def reason_counts(connection: sa.Connection) -> Mapping[str, int]:
    """How often somebody was turned away for each reason, by its name in the study document, in the whole study."""
    query = sa.select(_COUNTS.reason, _COUNTS["count"]).where(_COUNTS.what == "reason").order_by(_COUNTS.reason)
    return dict(connection.execute(query).all())
