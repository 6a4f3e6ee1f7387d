"""The course week by week: means, how many days have an answer, how many were missed. Pure.

Weeks are those of the study: they begin on the weekday of study day 1. A mean is of the days that have an answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from studyportal.charts.daily import Mean, Measure, mean_of
from studyportal.clinic.timeline.whole import Timeline
from studyportal.protocol import Instrument

DAYS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """One week of the study as far as it is shown: the mean of each measure, what became of the daily entries, and how
    often something of each kind happened."""

    number: int
    first: date
    last: date
    means: Sequence[Mean]
    given: int
    late: int
    missed: int
    happened: Sequence[int]


def weeks_of(shown: Timeline, measures: Sequence[Measure], *, started_on: date) -> Sequence[Week]:
    """The weeks of what is shown, the first one first."""
    daily = [days for asked, days in shown.states.values() if is_daily(asked)]
    found, first = [], started_on
    while first <= shown.span.last:
        begins, ends = max(first, shown.span.first), min(first + DAYS - timedelta(days=1), shown.span.last)
        if begins <= ends:
            found.append(
                _week(shown, measures, daily, number=(first - started_on).days // 7 + 1, first=begins, last=ends)
            )
        first += DAYS
    return found


def is_daily(asked: Instrument) -> bool:
    return asked.schedule.every_days == 1


def missed_days(shown: Timeline) -> Mapping[str, Sequence[date]]:
    """The days in the time shown for which a daily entry was missed, by its title, in order."""
    return {
        asked.title: sorted(on for on, state in days.items() if state == "missed" and on in shown.span)
        for asked, days in shown.states.values()
        if is_daily(asked)
    }


def _week(
    shown: Timeline,
    measures: Sequence[Measure],
    daily: Sequence[Mapping[date, str]],
    *,
    number: int,
    first: date,
    last: date,
) -> Week:
    days = [first + timedelta(days=ago) for ago in range((last - first).days + 1)]
    means = [mean_of(shown.values[one, on] for on in days if (one, on) in shown.values) for one in measures]
    states = [one.get(on) for one in daily for on in days]
    happened = [sum(event.line.day in days for event in events) for _, events in shown.events]
    given, late, missed = (states.count(state) for state in ("given", "late", "missed"))
    return Week(number, first, last, means, given, late, missed, happened)
