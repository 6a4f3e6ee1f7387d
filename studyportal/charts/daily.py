"""Turn what one person answered day by day into a course: a track for each subject that is asked about daily, with what
happened as marks below.

Pain, mood, sleep and whatever else a study asks for daily. Means of weeks where days can no longer be told apart; no
smoothing, no trend, no judgement.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from studyportal.charts.chart import Chart
from studyportal.charts.course import HEIGHT, Marks, Track, course
from studyportal.protocol import Item, Protocol
from studyportal.protocol.happened import Happened
from studyportal.saying import said, said_together

# Kinds whose answers are one number for the day.
NUMBERS = frozenset({"rating", "analogue", "integer", "decimal", "duration", "computed"})
# More are not read at a glance.
MOST = 6
SCALE = 10
MINUTES = 60
WEEK = 7
# A single day is no course.
FEWEST = 2
# Of a longer time a picture shows the means of weeks: single days are no longer told apart.
DAYS_APART = 100

DAILY = said("Each point is one day's answer; a gap is a time without one.")
WEEKLY = said("Each point is the mean of the days of one week that have an answer; a gap is a week without one.")
NO_TIME = said("no time given")
MARKED = said("What happened is marked on its day, whatever came before or after it.")


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
            return said("hours")
        if self.item.low and self.item.high:
            return f"0 {self.item.low} – {SCALE if self.item.kind == 'rating' else self.item.maximum} {self.item.high}"
        return self.item.unit

    def number(self, instrument: str, answers: Mapping[str, Any]) -> float | None:
        """The number that an entry of this instrument with these answers has, a duration in hours; None if it has
        none."""
        value = answers.get(self.name) if instrument == self.instrument else None
        if not isinstance(value, int | float) or isinstance(value, bool):
            return None
        return value / MINUTES if self.item.kind == "duration" else value


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of `days` days; None of none."""

    value: float | None
    days: int


def mean_of(values: Iterable[float]) -> Mean:
    """The mean of these values; None of none."""
    kept = list(values)
    return Mean(sum(kept) / len(kept) if kept else None, len(kept))


def measures_of(protocol: Protocol) -> Sequence[Measure]:
    """What participants are asked every day, in the order of the study document."""
    daily = [one for one in protocol.instruments.values() if one.in_diary and one.schedule.every_days == 1]
    return [Measure(one.name, item.name, item) for one in daily for item in one.items.values() if item.kind in NUMBERS]


def subjects(measures: Sequence[Measure]) -> Sequence[Measure]:
    """The first measure of each subject, by the first word of its name: of pain now, worst and average the first."""
    first: dict[str, Measure] = {}
    for measure in measures:
        first.setdefault(measure.name.partition("_")[0], measure)
    return list(first.values())[:MOST]


@dataclass(frozen=True, slots=True)
class DailyCourse:
    """The answers to `measures` on the days from `begins` to `ends`, and when something happened, by its name."""

    begins: date
    ends: date
    measures: Sequence[Measure]
    values: Mapping[tuple[Measure, date], float] = field(repr=False)
    events: Sequence[tuple[str, Sequence[Happened]]] = field(default=(), repr=False)
    most: int = MOST

    @property
    def is_drawable(self) -> bool:
        return len({day for _, day in self.values}) >= FEWEST

    @property
    def is_weekly(self) -> bool:
        return (self.ends - self.begins).days > DAYS_APART

    @property
    def title(self) -> str:
        heads = ", ".join(measure.head for measure in self.drawn)
        if self.is_weekly:
            return said("%(measures)s, week by week", measures=heads)
        return said("%(measures)s, day by day", measures=heads)

    @property
    def note(self) -> str:
        note = WEEKLY if self.is_weekly else DAILY
        return said_together((note, MARKED), " ") if self.events else note

    @property
    def drawn(self) -> Mapping[Measure, Sequence[tuple[date, float]]]:
        """The days of each subject that has some, in their order."""
        having = {measure for measure, _ in self.values}
        chosen = subjects([measure for measure in self.measures if measure in having])
        points: dict[Measure, list[tuple[date, float]]] = {measure: [] for measure in chosen[: self.most]}
        for (measure, day), value in sorted(self.values.items(), key=lambda one: one[0][1]):
            if measure in points:
                points[measure].append((day, value))
        return points

    def chart(self, *, height: int = HEIGHT) -> Chart:
        """The picture; its table has a line for each point. Each track is `height` points high."""
        tracks = [
            _track(measure, by_week(found, self.begins) if self.is_weekly else found, WEEK if self.is_weekly else 1)
            for measure, found in self.drawn.items()
        ]
        marks = [Marks(title, _marks(found)) for title, found in self.events]
        ends = self.ends + timedelta(days=1)
        return course(tracks, marks, title=self.title, begins=self.begins, ends=ends, note=self.note, height=height)


def by_week(points: Sequence[tuple[date, float]], begins: date) -> Sequence[tuple[date, float]]:
    """The mean of each week since a day, on the day in the middle of the week."""
    weeks: dict[int, list[float]] = {}
    for day, value in points:
        weeks.setdefault((day - begins).days // WEEK, []).append(value)
    return [(begins + timedelta(days=WEEK * at + WEEK // 2), sum(some) / len(some)) for at, some in weeks.items()]


def _marks(found: Sequence[Happened]) -> Sequence[tuple[date, str]]:
    """A mark for each day, with the times of all that happened on it, as far as they are known."""
    times: dict[date, list[str]] = {}
    for one in sorted(found, key=lambda one: (one.day, one.at is None, one.at)):
        times.setdefault(one.day, []).append(NO_TIME if one.at is None else f"{one.at:%H:%M}")
    return [(day, said_together(some, ", ")) for day, some in times.items()]


def _track(measure: Measure, found: Sequence[tuple[date, float]], step: int) -> Track:
    item, values = measure.item, [value for _, value in found]
    per = MINUTES if item.kind == "duration" else 1
    low = 0 if item.kind == "rating" else (item.minimum or 0) / per
    high = SCALE if item.kind == "rating" else item.maximum / per if item.maximum is not None else max(values)
    return Track(measure.head, min(low, *values), max(high, low + 1, *values), found, step)
