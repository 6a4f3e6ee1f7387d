"""The course as a picture: one track for each subject that is asked about daily, with what happened as marks below. Pure.

The table beside it has the same numbers, a line for each day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from studyportal.charts import Chart, ChartTable
from studyportal.charts.course import Marks, Track, course
from studyportal.clinic.timeline.events import Event
from studyportal.clinic.timeline.measures import Measure
from studyportal.clinic.timeline.whole import Timeline
from studyportal.web.words import day as in_words
from studyportal.web.words import figure

# More are not read at a glance; every one is in the day by day.
MOST = 6
SCALE = 10
WEEK = 7
FEWEST = 2
# Of a longer time a picture shows the means of weeks: single days are no longer told apart.
DAYS_APART = 100

DAILY = "Each point is one day's answer; a gap is a time without one."
WEEKLY = "Each point is the mean of the days of one week that have an answer; a gap is a week without one."
MARKED = " What happened is marked on its day, whatever came before or after it."


class Words(NamedTuple):
    """What a picture is called, and what its points are."""

    title: str
    note: str


def words_of(shown: Timeline, *, started_on: date, most: int = MOST) -> Words | None:
    """The words beside the picture, which a page can have before it is drawn; None where there is nothing to draw: a
    single day is no course."""
    if len({day for _, day in shown.values}) < FEWEST:
        return None
    heads = ", ".join(measure.head for measure in _drawn(shown, most))
    weekly = _is_weekly(shown, started_on)
    note = (WEEKLY if weekly else DAILY) + (MARKED if shown.events else "")
    return Words(f"{heads}, {'week by week' if weekly else 'day by day'}", note)


def picture_of(shown: Timeline, *, started_on: date, most: int = MOST) -> Chart | None:
    """The picture of what is shown, of at most so many subjects; None where there is nothing to draw."""
    words = words_of(shown, started_on=started_on, most=most)
    if words is None:
        return None
    begins, weekly, drawn = max(shown.span.first, started_on), _is_weekly(shown, started_on), _drawn(shown, most)
    tracks = [
        _track(measure, by_week(found, begins) if weekly else found, WEEK if weekly else 1)
        for measure, found in drawn.items()
    ]
    marks = [Marks(title, _marks(events)) for title, events in shown.events]
    ends = shown.span.last + timedelta(days=1)
    chart = course(tracks, marks, title=words.title, begins=begins, ends=ends, note=words.note)
    return replace(chart, table=_table(shown, list(drawn)))


def _is_weekly(shown: Timeline, started_on: date) -> bool:
    return (shown.span.last - max(shown.span.first, started_on)).days > DAYS_APART


def _drawn(shown: Timeline, most: int) -> Mapping[Measure, Sequence[tuple[date, float]]]:
    """The points of each subject that has some."""
    points: dict[Measure, list[tuple[date, float]]] = {measure: [] for measure in subjects(shown.measures)}
    for (measure, day), value in sorted(shown.values.items(), key=lambda one: one[0][1]):
        if measure in points:
            points[measure].append((day, value))
    return {measure: found for measure, found in list(points.items())[:most] if found}


def subjects(measures: Sequence[Measure]) -> Sequence[Measure]:
    """The first measure of each subject, by the first word of its name: of pain now, worst and average the first."""
    first: dict[str, Measure] = {}
    for measure in measures:
        first.setdefault(measure.name.partition("_")[0], measure)
    return list(first.values())[:MOST]


def by_week(points: Sequence[tuple[date, float]], begins: date) -> Sequence[tuple[date, float]]:
    """The mean of each week since a day, on the day in the middle of the week."""
    weeks: dict[int, list[float]] = {}
    for day, value in points:
        weeks.setdefault((day - begins).days // WEEK, []).append(value)
    return [(begins + timedelta(days=WEEK * at + WEEK // 2), sum(some) / len(some)) for at, some in weeks.items()]


def _marks(events: Sequence[Event]) -> Sequence[tuple[date, str]]:
    """A mark for each day, with the times of all that happened on it."""
    times: dict[date, list[str]] = {}
    for event in reversed(events):
        times.setdefault(event.line.day, []).append(f"{event.line.at:%H:%M}")
    return [(day, ", ".join(some)) for day, some in times.items()]


def _track(measure: Measure, found: Sequence[tuple[date, float]], step: int) -> Track:
    item, values = measure.item, [value for _, value in found]
    per = 60 if item.kind == "duration" else 1
    low = 0 if item.kind == "rating" else (item.minimum or 0) / per
    high = SCALE if item.kind == "rating" else item.maximum / per if item.maximum is not None else max(values)
    return Track(measure.head, min(low, *values), max(high, low + 1, *values), found, step)


def _table(shown: Timeline, measures: Sequence[Measure]) -> ChartTable:
    days = sorted({day for _, day in shown.values} | {event.line.day for _, some in shown.events for event in some})
    happened = _happened(shown.events)
    rows = tuple(
        (
            in_words(day),
            *(figure(shown.values[measure, day]) if (measure, day) in shown.values else "" for measure in measures),
            happened.get(day, ""),
        )
        for day in reversed(days)
    )
    head = ("Day", *(measure.head for measure in measures), "Happened")
    return ChartTable("The numbers of the picture, the latest day first", head, rows)


def _happened(events: Sequence[tuple[str, Sequence[Event]]]) -> dict[date, str]:
    found: dict[date, list[str]] = {}
    for title, some in events:
        for event in reversed(some):
            found.setdefault(event.line.day, []).append(f"{title}, {event.line.at:%H:%M}")
    return {day: "; ".join(lines) for day, lines in found.items()}
