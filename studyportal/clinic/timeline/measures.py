"""The numbers that come day by day: pain, mood, sleep and whatever else a study asks for daily. Pure.

Means, with the number of days they are of; no smoothing, no trend, no judgement.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from studyportal.clinic.timeline.lines import Line
from studyportal.clinic.timeline.spans import MONTH, WEEK, Span, weeks_before
from studyportal.protocol import Item, Protocol

# Kinds whose answers are one number for the day.
NUMBERS = frozenset({"rating", "analogue", "integer", "decimal", "duration", "computed"})


def head_of(name: str) -> str:
    """The short name of an item: "pain_average" is "Pain average"."""
    return name.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Measure:
    """An item that is asked at least daily."""

    instrument: str
    name: str
    item: Item = field(compare=False)

    @property
    def head(self) -> str:
        """A short name for the head of a column; the whole question stands in the table above."""
        return head_of(self.name)

    @property
    def scale(self) -> str:
        """What its numbers mean."""
        if self.item.kind == "duration":
            return "hours"
        if self.item.low and self.item.high:
            return f"0 {self.item.low} – {10 if self.item.kind == 'rating' else self.item.maximum} {self.item.high}"
        return self.item.unit


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of `days` days; None of none."""

    value: float | None
    days: int


@dataclass(frozen=True, slots=True)
class Summary:
    """One measure in the last week, in the last four, in the four before, and over the whole span."""

    measure: Measure
    week: Mean
    lately: Mean
    before: Mean
    lowest: float | None
    highest: float | None


def measures_of(protocol: Protocol) -> Sequence[Measure]:
    """What participants are asked every day, in the order of the study document."""
    daily = [one for one in protocol.instruments.values() if one.in_diary and one.schedule.every_days == 1]
    return [Measure(one.name, item.name, item) for one in daily for item in one.items.values() if item.kind in NUMBERS]


def value_of(line: Line, measure: Measure) -> float | None:
    """The number that a line has for a measure, a duration in hours; None if it has none."""
    value = line.entry.answers.get(measure.name) if line.entry.instrument == measure.instrument else None
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return value / 60 if measure.item.kind == "duration" else value


def by_day(lines: Collection[Line], measures: Sequence[Measure]) -> Mapping[tuple[Measure, date], float]:
    """The number of each measure on each day that has one."""
    asked: dict[str, list[Measure]] = {}
    for measure in measures:
        asked.setdefault(measure.instrument, []).append(measure)
    found: dict[tuple[Measure, date], float] = {}
    for line in lines:
        for measure in asked.get(line.entry.instrument, ()):
            value = value_of(line, measure)
            if value is not None:
                found[measure, line.day] = value
    return found


def summaries(
    values: Mapping[tuple[Measure, date], float], measures: Sequence[Measure], *, today: date, shown: Span
) -> Sequence[Summary]:
    """Each measure over the last seven days, the last four weeks, the four before, and its extremes in the span shown."""
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


def mean_of(values: Iterable[float]) -> Mean:
    """The mean of these values; None of none."""
    kept = list(values)
    return Mean(sum(kept) / len(kept) if kept else None, len(kept))
