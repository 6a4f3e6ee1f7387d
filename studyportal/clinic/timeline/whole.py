"""Everything that the page and the report show of one participant's course, worked out once. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from studyportal.charts.daily import Measure, measures_of
from studyportal.clinic.adherence.calendar import STATES
from studyportal.clinic.timeline.corrections import Correction, corrections
from studyportal.clinic.timeline.days import Day, days_of, states_of
from studyportal.clinic.timeline.glances import Glance, glances
from studyportal.desk import Course
from studyportal.protocol import Instrument, Protocol, local_date
from studyportal.protocol.items import NOTHING
from studyportal.protocol.schedules import Pause
from studyportal.web.course.events import Event, events_of
from studyportal.web.course.lines import Line, alert_titles, lines_of, within
from studyportal.web.course.measures import Summary, by_day, summaries
from studyportal.web.course.scores import Scored, scored
from studyportal.web.course.spans import Span, by_month
from studyportal.web.course.yes_days import YesDays, yes_days
from studyportal.web.telling import told

# The state of an alert -> the kind of its look (parts.html) and its words.
ALERT_STATES: Mapping[str, tuple[str, str]] = {
    "waiting": ("attention", "Waits"),
    "taken": ("neutral", "Taken on"),
    "closed": ("good", "Closed"),
}


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that was done about an alert, when and by whom. What was noted besides stays sealed."""

    at: datetime
    words: str
    who: str


@dataclass(frozen=True, slots=True)
class Alert:
    """One safety alert: what raised it, where its entry says so by itself, its state (of `ALERT_STATES`), what was
    done."""

    row: Any
    titles: Sequence[str] = field(repr=False)
    state: str
    done: Sequence[Done] = ()

    @property
    def instead(self) -> str:
        """What is said where no entry says by itself what raised it."""
        return "Several entries together" if self.row.source == "history" else "The alert itself says"

    @property
    def last(self) -> str:
        """What was done last, beside the state, which says already that it was closed."""
        return self.done[-1].words.removeprefix("Closed. ") if self.done else ""


@dataclass(frozen=True, slots=True)
class Due:
    """Of what one instrument asked for in the span: how many were given in time, late, missed, or are open."""

    title: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Timeline:
    """One participant over one span."""

    span: Span
    entries: int
    faults: int
    glances: Sequence[Glance] = field(repr=False)
    dues: Sequence[Due]
    measures: Sequence[Measure]
    values: Mapping[tuple[Measure, date], float] = field(repr=False)
    summaries: Sequence[Summary] = field(repr=False)
    yes_days: Sequence[YesDays] = field(repr=False)
    states: Mapping[str, tuple[Instrument, Mapping[date, str]]] = field(repr=False)
    days: Sequence[Day] = field(repr=False)
    events: Sequence[tuple[str, Sequence[Event]]] = field(repr=False)
    scores: Sequence[Scored] = field(repr=False)
    alerts: Sequence[Alert] = field(repr=False)
    forms: Sequence[tuple[Line, Sequence[tuple[str, str]]]] = field(repr=False)
    corrections: Sequence[Correction] = field(repr=False)
    lines: Sequence[Line] = field(repr=False)

    @property
    def months(self) -> Sequence[tuple[date, Sequence[Day]]]:
        return by_month(self.days, lambda day: day.date)

    @property
    def happened(self) -> Sequence[tuple[str, int, Sequence[tuple[date, Sequence[Event]]]]]:
        """The events by kind: its title, how many, and those of each month."""
        return [(title, len(some), by_month(some, lambda event: event.line.day)) for title, some in self.events]

    @property
    def is_empty(self) -> bool:
        return not self.entries


def timeline_of(
    course: Course,
    alerts: Sequence[Any],
    came: Mapping[tuple[str, int], datetime],
    done: Mapping[UUID, Sequence[Done]] = NOTHING,
    *,
    protocol: Protocol,
    started_on: date,
    zone: str,
    span: Span,
    now: datetime,
    pauses: Sequence[Pause] = (),
) -> Timeline:
    """The course over a span. `came` is when each occasion's entry arrived, also of those that do not open; `done` what
    was done about each alert."""
    today = local_date(now, zone)
    lines = lines_of(course.entries, protocol)
    measures = measures_of(protocol)
    values = by_day(lines, measures)
    states = states_of(protocol, lines, came, start=started_on, zone=zone, now=now, pauses=pauses)
    here = within(lines, span)
    by_id = {entry.id: entry for entry in course.entries}
    summed = summaries(values, measures, today=today, shown=span)
    return Timeline(
        span=span,
        entries=len(here),
        faults=course.faults,
        glances=glances(summed, states, lines, alerts, today=today),
        dues=[_due(asked, occasions, span) for asked, occasions in states.values()],
        measures=measures,
        values={at: value for at, value in values.items() if at[1] in span},
        summaries=summed,
        yes_days=yes_days(lines, protocol, today=today, shown=span),
        states=states,
        days=days_of(here, values, measures, states, span=span, start=started_on),
        events=events_of(lines, span),
        scores=scored(here),
        alerts=[
            Alert(
                row,
                alert_titles(by_id.get(row.entry), protocol) if row.source == "entry" else (),
                _state(row),
                done.get(row.id, ()),
            )
            for row in alerts
            if local_date(row.raised_at, zone) in span or row.closed_at is None
        ],
        forms=[(line, told(line.entry, line.instrument)) for line in reversed(here) if _is_form(line)],  # type: ignore[arg-type]
        corrections=corrections(here, by_id, protocol),
        lines=lines,
    )


def _due(instrument: Any, occasions: Mapping[date, str], span: Span) -> Due:
    counts = dict.fromkeys(STATES, 0)
    for day, state in occasions.items():
        if day in span:
            counts[state] += 1
    return Due(instrument.title, counts)


def _state(row: Any) -> str:
    if row.closed_at is not None:
        return "closed"
    return "waiting" if row.acknowledged_at is None else "taken"


def _is_form(line: Line) -> bool:
    """Whether it is a questionnaire, to be read as a whole: neither daily nor an event."""
    return not line.on_demand and (line.instrument is None or line.instrument.schedule.every_days != 1)
