"""Sum up the numbers that come day by day: means, with the number of days they are of; no trend, no judgement. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from studyportal.charts.daily import Mean, Measure, mean_of
from studyportal.web.course.lines import Line
from studyportal.web.course.spans import MONTH, WEEK, Span, weeks_before


@dataclass(frozen=True, slots=True)
class Summary:
    """One measure in the last week, in the last four, in the four before, and over the whole span."""

    measure: Measure
    week: Mean
    lately: Mean
    before: Mean
    lowest: float | None
    highest: float | None


def by_day(lines: Collection[Line], measures: Sequence[Measure]) -> Mapping[tuple[Measure, date], float]:
    """The number of each measure on each day that has one."""
    asked: dict[str, list[Measure]] = {}
    for measure in measures:
        asked.setdefault(measure.instrument, []).append(measure)
    found: dict[tuple[Measure, date], float] = {}
    for line in lines:
        for measure in asked.get(line.entry.instrument, ()):
            value = measure.number(line.entry.instrument, line.entry.answers)
            if value is not None:
                found[measure, line.day] = value
    return found


def summaries(
    values: Mapping[tuple[Measure, date], float], measures: Sequence[Measure], *, today: date, shown: Span
) -> Sequence[Summary]:
    """Each measure over the last seven days, the last four weeks, the four before, and its extremes in the span
    shown."""
    spans = Span(today - timedelta(days=WEEK - 1), today), weeks_before(today), weeks_before(today, ago=MONTH)
    of: dict[Measure, list[tuple[date, float]]] = {measure: [] for measure in measures}
    for (measure, day), value in values.items():
        of[measure].append((day, value))
    found = []
    for measure, points in of.items():
        seen = [value for day, value in points if day in shown]
        found.append(
            Summary(
                measure,
                *(mean_of(value for day, value in points if day in span) for span in spans),
                min(seen, default=None),
                max(seen, default=None),
            )
        )
    return found
