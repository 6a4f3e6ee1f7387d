"""The course as a picture: one track for each subject that is asked about daily, with what happened as marks below.
Pure.

The table beside it has the same numbers, a line for each day.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from studyportal.charts import Chart, ChartTable
from studyportal.charts.daily import MOST, DailyCourse, Measure
from studyportal.clinic.timeline.whole import Timeline
from studyportal.web.course.events import Event
from studyportal.web.words import day as in_words
from studyportal.web.words import figure


def course_of(shown: Timeline, *, started_on: date, most: int = MOST) -> DailyCourse | None:
    """What is drawn of what is shown, of at most so many subjects; None where there is nothing to draw."""
    events = [(title, [event.line.happened for event in events]) for title, events in shown.events]
    begins = max(shown.span.first, started_on)
    found = DailyCourse(begins, shown.span.last, shown.measures, shown.values, events, most)
    return found if found.is_drawable else None


def picture_of(shown: Timeline, *, started_on: date, most: int = MOST) -> Chart | None:
    """The picture of it."""
    found = course_of(shown, started_on=started_on, most=most)
    return found and replace(found.chart(), table=_table(shown, list(found.drawn)))


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
            found.setdefault(event.line.day, []).append(", ".join(filter(None, (title, event.line.clock))))
    return {day: "; ".join(lines) for day, lines in found.items()}
