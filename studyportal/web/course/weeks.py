"""The course week by week: means, how many days have an answer, how many were missed. Pure.

Weeks are those of the study: they begin on the weekday of study day 1. A mean is of the days that have an answer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from studyportal.charts.daily import Mean, Measure, mean_of
from studyportal.protocol import Instrument
from studyportal.protocol.adherence import Adherence, adherence_of
from studyportal.web.course.spans import Span

DAYS = timedelta(days=7)
_DAY = timedelta(days=1)
Values = Mapping[tuple[Measure, date], float]


@dataclass(frozen=True, slots=True)
class Week:
    """One week of the study as far as it is shown: the mean of each measure, what became of the daily entries, and how
    often something of each kind happened."""

    number: int
    first: date
    last: date
    means: Sequence[Mean]
    entries: Adherence
    happened: Sequence[int]


def weeks_of(
    values: Values,
    measures: Sequence[Measure],
    daily: Sequence[Mapping[date, str]],
    happened: Sequence[Collection[date]] = (),
    *,
    span: Span,
    started_on: date,
) -> Sequence[Week]:
    """The weeks of the span, the first one first. `daily` is what became of each daily instrument's occasions, by day;
    `happened` the days on which something of each kind happened, one for each time."""
    found = []
    for week in study_weeks(span, started_on=started_on):
        days = [week.first + timedelta(days=ago) for ago in range((week.last - week.first).days + 1)]
        means = [mean_of(values[one, on] for on in days if (one, on) in values) for one in measures]
        states = [states[on] for states in daily for on in days if on in states]
        counts = [sum(on in week for on in some) for some in happened]
        number = (week.first - started_on).days // DAYS.days + 1
        found.append(Week(number, week.first, week.last, means, adherence_of(states), counts))
    return found


def study_weeks(span: Span, *, started_on: date) -> Sequence[Span]:
    """The weeks of the study as far as they lie in the span."""
    found, first = [], started_on
    while first <= span.last:
        begins, ends = max(first, span.first), min(first + DAYS - _DAY, span.last)
        if begins <= ends:
            found.append(Span(begins, ends))
        first += DAYS
    return found


def is_daily(asked: Instrument) -> bool:
    return asked.schedule.every_days == 1
