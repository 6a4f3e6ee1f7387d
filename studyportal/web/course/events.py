"""What happened between the occasions: every dose and when, what was felt after it, adverse events. Pure.

As it was written, in the words in which it was asked: nothing is weighed, summed up or advised.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from studyportal.saying import said, said_together
from studyportal.web.course.lines import Line
from studyportal.web.course.spans import Span
from studyportal.web.telling import TELL, told

# Of a dose of the shipped study: what, in what form, how much, in which unit, and how that is known.
IN_SHORT = 5
NOTHING = said("No details were given")
# Up to so many of a kind a page shows with all their answers; of more, each in one line.
IN_FULL = 100


@dataclass(frozen=True, slots=True)
class Event:
    """One entry on demand in words, and those that follow it, in the order of their time."""

    line: Line
    after: "Sequence[Event]" = ()

    @property
    def answers(self) -> Sequence[tuple[str, str]]:
        """All that was asked and answered."""
        return told(self.line.entry, self.line.instrument)  # type: ignore[arg-type]

    @property
    def short(self) -> str:
        """What was answered to the first questions, in one line."""
        asked = list(self.line.instrument.items.values())[:IN_SHORT]  # type: ignore[union-attr]
        given = self.line.entry.answers
        return (
            said_together((TELL[item.kind](item, given[item.name]) for item in asked if item.name in given), ", ")
            or NOTHING
        )


def events_of(lines: Sequence[Line], span: Span) -> Sequence[tuple[str, Sequence[Event]]]:
    """The events of the span by instrument, the latest first; what follows one that is here stands beneath it."""
    events = [line for line in lines if line.on_demand and line.day in span]
    here = {line.first for line in events if line.follows is None}
    after: dict[UUID, list[Event]] = {}
    for line in events:
        if line.follows in here:
            after.setdefault(line.follows, []).append(Event(line))  # type: ignore[arg-type]
    found: dict[str, list[Event]] = {}
    for line in reversed(events):
        if line.follows not in here:
            found.setdefault(line.title, []).append(Event(line, after.get(line.first, [])))
    return list(found.items())
