"""What was recorded when it happened, as reported: doses, adverse events, diaries by phone. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date

from studyportal.charts.daily import head_of
from studyportal.paper import Grid, Heading, Part
from studyportal.protocol import Protocol
from studyportal.web.course.events import Event
from studyportal.web.telling import TELL
from studyportal.web.words import counted, moment, short_moment

# More of a kind are counted in the table of weeks, and read on the page.
MOST = 60
# Of what came after one, so many answers are printed.
FIRST = 4
# So many are printed with all their answers.
IN_FULL = 20


def happened(
    kinds: Sequence[tuple[str, Sequence[Event]]], protocol: Protocol, *, last: date, most: int = MOST
) -> Iterator[Part]:
    """A table for each kind, the latest `most` first; `last` is the last day of the time shown."""
    followed = {one.schedule.after for one in protocol.instruments.values()}
    for title, events in kinds:
        yield Heading(title)
        name = events[0].line.entry.instrument
        more = len(events) - most
        note = f"{counted(more, 'earlier one is', 'earlier ones are')} not printed here." if more > 0 else ""
        caption = f"{counted(len(events), 'entry', 'entries')} in the time shown, as reported, the latest first"
        if name in followed or len(events) > IN_FULL:
            rows, head = _short(events[:most], last), ("When", "As reported", "Some time after it")
            if not any(after for _, _, after in rows):
                rows, head = tuple(row[:2] for row in rows), head[:2]
            yield Grid(caption, head, rows, note=note)
        else:
            yield Grid(caption, ("When", "As reported"), _full(events, last), note=note)


def _when(event: Event, last: date) -> str:
    """The year only where it is another one than at the end of the time shown."""
    said = short_moment if event.line.at.year == last.year else moment
    remarks = "".join(f"\n({one})" for one in event.line.remarks)
    return f"{said(event.line.at, event.line.entry.zone)}{remarks}"


def _short(events: Sequence[Event], last: date) -> tuple[tuple[str, ...], ...]:
    return tuple((_when(one, last), one.short, "\n".join(_after(some) for some in one.after)) for one in events)


def _after(event: Event) -> str:
    """The first answers, each under the short name of its question."""
    line = event.line
    asked = [item for item in line.instrument.items.values() if item.name in line.entry.answers][:FIRST]  # type: ignore[union-attr]
    said = (f"{head_of(item.name).lower()} {TELL[item.kind](item, line.entry.answers[item.name])}" for item in asked)
    return f"{line.at:%H:%M}: {', '.join(said)}"


def _full(events: Sequence[Event], last: date) -> tuple[tuple[str, ...], ...]:
    return tuple((_when(one, last), "\n".join(_pair(*pair) for pair in one.answers)) for one in events)


def _pair(asked: str, answer: str) -> str:
    return f"{asked}{'' if asked.endswith('?') else ':'} {answer}"
