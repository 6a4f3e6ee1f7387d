"""The enrolment log: by site and week, from code to consent and on; and the numbers of a STROBE flow diagram.

Counts alone. Codes, consents and withdrawals are counted from the rows that are kept of them; what happens before
anybody is enrolled is counted as events (`screening`).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date

import sqlalchemy as sa

from studyportal.registry.adherence import has_left
from studyportal.registry.enrolment_tables import CAMPAIGNS
from studyportal.registry.screening import event_counts, monday_of, reason_counts, week_of
from studyportal.registry.tables import ENROLMENT_CODES, ENROLMENTS, WITHDRAWALS

_CODES, _ENROLMENTS, _LEFT = ENROLMENT_CODES.c, ENROLMENTS.c, WITHDRAWALS.c
# Literal, since PostgreSQL groups by an expression only if it is the same to the letter.
_DAY = sa.literal_column(str(24 * 3600 * 1_000_000), sa.BigInteger)  # in the microseconds that the registry keeps
_TO_MONDAY = sa.literal_column("4", sa.BigInteger)  # days from Thursday 1 January 1970 to the first Monday
_WEEK = sa.literal_column("7", sa.BigInteger)


@dataclass(frozen=True, slots=True)
class Week:
    """One week of a log. `looked`, `screened` and `not_eligible` are events, all others people or codes."""

    monday: date
    issued: int = 0
    looked: int = 0
    screened: int = 0
    not_eligible: int = 0
    consented: int = 0
    left: int = 0
    erased: int = 0


COLUMNS = tuple(one.name for one in fields(Week))[1:]


@dataclass(frozen=True, slots=True)
class Flow:
    """How many came how far, over the whole time: what STROBE asks for (item 13), stage by stage.

    `reasons` maps the name of each condition to how often it turned somebody away; None where it was asked of one site.
    `imported` are people whose answers came from a file: they passed none of the stages before.
    """

    issued: int
    places_taken: int
    looked: int
    screened: int
    not_eligible: int
    reasons: Mapping[str, int] | None
    consented: int
    imported: int
    left: int
    erased: int
    taking_part: int


def enrolment_weeks(
    connection: sa.Connection, site: str | None, *, required_scopes: Collection[str], until: date
) -> Sequence[Week]:
    """The log of one site, or (None) of all together, from the first week in which anything happened to that of
    `until`, the latest first; weeks in which nothing happened stand there as noughts."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for (week, what), count in event_counts(connection, site).items():
        counts[week][what] = count
    for name, count_weeks in _COUNTED.items():
        for week, count in count_weeks(connection, site, required_scopes):
            counts[week][name] = counts[week].get(name, 0) + count
    if not counts:
        return ()
    return [Week(monday_of(week), **counts.get(week, {})) for week in range(week_of(until), min(counts) - 1, -1)]


def enrolment_flow(connection: sa.Connection, site: str | None, *, required_scopes: Collection[str]) -> Flow:
    """The flow of one site, or (None) of the whole study with the reasons for which people were turned away."""
    events: dict[str, int] = defaultdict(int)
    for (_, what), count in event_counts(connection, site).items():
        events[what] += count
    begun = _ENROLMENTS.started_on.is_not(None)
    imported = _ENROLMENTS.source == "imported"
    left = has_left(required_scopes)
    people = sa.select(
        sa.func.count().filter(begun, sa.not_(imported)).label("consented"),
        sa.func.count().filter(begun, imported).label("imported"),
        sa.func.count().filter(begun, left).label("left"),
        sa.func.count().filter(begun, _is_erased()).label("erased"),
        sa.func.count().filter(begun, sa.not_(left)).label("taking_part"),
    ).select_from(ENROLMENTS)
    row = connection.execute(_at(people, _ENROLMENTS.site, site)).one()
    return Flow(
        issued=_total(connection, sa.func.count(), _CODES.site, site),
        places_taken=_total(connection, sa.func.coalesce(sa.func.sum(CAMPAIGNS.c.used), 0), CAMPAIGNS.c.site, site),
        looked=events["looked"],
        screened=events["screened"],
        not_eligible=events["not_eligible"],
        reasons=reason_counts(connection) if site is None else None,
        **row._mapping,
    )


Weekly = Sequence[tuple[int, int]]


def _issued(connection: sa.Connection, site: str | None, _: Collection[str]) -> Weekly:
    return _weekly(connection, sa.select(_week(_CODES.issued_at), sa.func.count()), _CODES.site, site)


def _consented(connection: sa.Connection, site: str | None, _: Collection[str]) -> Weekly:
    query = sa.select(_ENROLMENTS.started_on, sa.func.count()).where(
        _ENROLMENTS.started_on.is_not(None), _ENROLMENTS.source != "imported"
    )
    days = connection.execute(_at(query, _ENROLMENTS.site, site).group_by(_ENROLMENTS.started_on))
    return [(week_of(day), count) for day, count in days]


def _left(connection: sa.Connection, site: str | None, required_scopes: Collection[str]) -> Weekly:
    """Everybody once, in the week in which they first withdrew what nobody can take part without."""
    first = _firsts(_LEFT.requested_at, _LEFT.scope.in_(sorted(required_scopes)), site)
    return connection.execute(sa.select(first.c.week, sa.func.count()).group_by(first.c.week)).all()


def _erased(connection: sa.Connection, site: str | None, _: Collection[str]) -> Weekly:
    first = _firsts(_LEFT.completed_at, _LEFT.strength == "erase", site)
    return connection.execute(sa.select(first.c.week, sa.func.count()).group_by(first.c.week)).all()


# Columns of the log that are counted from rows -> how.
_COUNTED: Mapping[str, Callable[[sa.Connection, str | None, Collection[str]], Weekly]] = {
    "issued": _issued,
    "consented": _consented,
    "left": _left,
    "erased": _erased,
}


def _firsts(moment: sa.Column, which: sa.ColumnElement[bool], site: str | None) -> sa.Subquery:  # type: ignore[type-arg]
    first = _week(sa.func.min(moment)).label("week")
    query = sa.select(_LEFT.enrolment, first).join(ENROLMENTS, _ENROLMENTS.id == _LEFT.enrolment)
    query = query.where(which, moment.is_not(None), _ENROLMENTS.started_on.is_not(None))
    return _at(query, _ENROLMENTS.site, site).group_by(_LEFT.enrolment).subquery()


def _week(moment: sa.ColumnElement) -> sa.ColumnElement[int]:  # type: ignore[type-arg]
    return (sa.type_coerce(moment, sa.BigInteger) // _DAY - _TO_MONDAY) // _WEEK


def _weekly(connection: sa.Connection, query: sa.Select, column: sa.Column, site: str | None) -> Weekly:  # type: ignore[type-arg]
    week = query.selected_columns[0]
    return connection.execute(_at(query, column, site).group_by(week)).all()


def _total(connection: sa.Connection, what: sa.ColumnElement, column: sa.Column, site: str | None) -> int:  # type: ignore[type-arg]
    return int(connection.scalar(_at(sa.select(what).select_from(column.table), column, site)) or 0)


def _at(query: sa.Select, column: sa.Column, site: str | None) -> sa.Select:  # type: ignore[type-arg]
    return query if site is None else query.where(column == site)


def _is_erased() -> sa.ColumnElement[bool]:
    return sa.exists(_LEFT.enrolment).where(
        _LEFT.enrolment == _ENROLMENTS.id, _LEFT.strength == "erase", _LEFT.completed_at.is_not(None)
    )
