"""Bring somebody's opened entries into the lines that the clinic's report is made of, and count what they were asked.
Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from studyportal.charts.daily import DailyCourse, Measure, measures_of
from studyportal.desk import Entry
from studyportal.intake.course.asked import States, was_late
from studyportal.intake.course.opening import OwnEntry
from studyportal.protocol import DiaryEntry, Protocol
from studyportal.web.course.events import Event, events_of
from studyportal.web.course.lines import Line, lines_of, within
from studyportal.web.course.measures import by_day
from studyportal.web.course.spans import Span

# Pain, mood, energy and sleep in the study that is shipped; the table of weeks has the others.
DRAWN = 4


@dataclass(frozen=True, slots=True)
class LaidOut:
    """One person's entries over some days. `lines` are all that count, `here` those of these days; `kinds` are the
    titles of what happened that they want printed, with it; `states` is what became of what they were asked."""

    span: Span
    started_on: date
    zone: str
    lines: Sequence[Line] = field(repr=False)
    faults: int
    measures: Sequence[Measure]
    values: Mapping[tuple[Measure, date], float] = field(repr=False)
    kinds: Sequence[tuple[str, Sequence[Event]]] = field(repr=False)
    states: States = field(repr=False)

    @property
    def here(self) -> Sequence[Line]:
        return within(self.lines, self.span)

    def course(self) -> DailyCourse | None:
        """What is drawn; None where there is too little."""
        events = [(title, [one.line.happened for one in some]) for title, some in self.kinds]
        found = DailyCourse(
            max(self.span.first, self.started_on), self.span.last, self.measures, self.values, events, DRAWN
        )
        return found if found.is_drawable else None


def laid_out(
    entries: Sequence[OwnEntry],
    states: States,
    protocol: Protocol,
    *,
    span: Span,
    kinds: Sequence[str],
    started_on: date,
    zone: str,
) -> LaidOut:
    """`kinds` are the instruments on demand that they want printed."""
    opened = [_entry(own, own.entry, protocol, started_on) for own in entries if own.entry is not None]
    lines = lines_of(opened, protocol)
    measures = measures_of(protocol)
    after = {name for name, one in protocol.instruments.items() if one.schedule.after in kinds}
    wanted = [line for line in lines if line.entry.instrument in {*kinds, *after}]
    return LaidOut(
        span=span,
        started_on=started_on,
        zone=zone,
        lines=lines,
        faults=sum(own.entry is None for own in entries),
        measures=measures,
        values={at: value for at, value in by_day(lines, measures).items() if at[1] in span},
        kinds=events_of(wanted, span),
        states=states,
    )


def _entry(own: OwnEntry, entry: DiaryEntry, protocol: Protocol, started_on: date) -> Entry:
    return Entry(
        id=own.id,
        instrument=entry.instrument,
        version=entry.protocol_version,
        diary_date=date.fromisoformat(entry.diary_date),
        zone=entry.zone,
        written_at=own.written_at,
        received_at=own.received_at,
        event_at=datetime.fromisoformat(entry.event_at) if entry.event_at else None,
        occasion=own.occasion,
        late=was_late(own, protocol, start=started_on),
        source=entry.source,
        answers=entry.answers,
        missing=entry.missing,
        amends=UUID(entry.amends) if entry.amends else None,
        follows=UUID(entry.follows) if entry.follows else None,
        written_by=entry.written_by,
        reason=entry.reason,
    )
