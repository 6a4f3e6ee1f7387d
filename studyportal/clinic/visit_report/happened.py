"""What was recorded when it happened, as reported: doses, adverse events, diaries by phone. Pure."""

from collections.abc import Iterator, Sequence

from studyportal.clinic.timeline.events import IN_SHORT, Event
from studyportal.clinic.timeline.whole import Timeline
from studyportal.paper import Grid, Heading, Part
from studyportal.protocol import Protocol
from studyportal.web.words import counted, moment

# More of a kind are counted in the table of weeks, and read on the page.
MOST = 60
# So many are printed with all their answers.
IN_FULL = 20


def happened(shown: Timeline, protocol: Protocol) -> Iterator[Part]:
    """A table for each kind, the latest first."""
    followed = {one.schedule.after for one in protocol.instruments.values()}
    for title, events in shown.events:
        yield Heading(title)
        name = events[0].line.entry.instrument
        more = len(events) - MOST
        note = f"{counted(more, 'earlier one is', 'earlier ones are')} not printed here." if more > 0 else ""
        caption = f"{counted(len(events), 'entry', 'entries')} in the time shown, as reported, the latest first"
        if name in followed or len(events) > IN_FULL:
            yield Grid(caption, ("When", "As reported", "Some time after it"), _short(events[:MOST]), note=note)
        else:
            yield Grid(caption, ("When", "As reported"), _full(events), note=note)


def _when(event: Event) -> str:
    remarks = "".join(f"\n({one})" for one in event.line.remarks)
    return f"{moment(event.line.at, event.line.entry.zone)}{remarks}"


def _short(events: Sequence[Event]) -> tuple[tuple[str, ...], ...]:
    return tuple((_when(one), one.short, "\n".join(_after(some) for some in one.after)) for one in events)


def _after(event: Event) -> str:
    return f"{event.line.at:%H:%M}: {'; '.join(_pair(*pair) for pair in event.answers[:IN_SHORT])}"


def _full(events: Sequence[Event]) -> tuple[tuple[str, ...], ...]:
    return tuple((_when(one), "\n".join(_pair(*pair) for pair in one.answers)) for one in events)


def _pair(asked: str, answer: str) -> str:
    return f"{asked}{'' if asked.endswith('?') else ':'} {answer}"
