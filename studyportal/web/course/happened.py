"""What was recorded when it happened, as reported: doses, adverse events, diaries by phone. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date

from studyportal.charts.daily import head_of
from studyportal.paper import Grid, Heading, Part
from studyportal.protocol import Protocol
from studyportal.saying import said, said_of, said_together
from studyportal.web.course.events import Event
from studyportal.web.telling import TELL
from studyportal.web.words import count, day, moment, short_day, short_moment

# More of a kind are counted in the table of weeks, and read on the page.
MOST = 60
# Of what came after one, so many answers are printed.
FIRST = 4
# So many are printed with all their answers.
IN_FULL = 20
WHEN, REPORTED = said("When"), said("As reported")


def happened(
    kinds: Sequence[tuple[str, Sequence[Event]]], protocol: Protocol, *, last: date, most: int = MOST
) -> Iterator[Part]:
    """A table for each kind, the latest `most` first; `last` is the last day of the time shown."""
    followed = {one.schedule.after for one in protocol.instruments.values()}
    for title, events in kinds:
        yield Heading(title)
        name = events[0].line.entry.instrument
        more = len(events) - most
        note = not_printed(more) if more > 0 else ""
        caption = said_of(
            len(events),
            "%(total)s entry in the time shown, as reported, the latest first",
            "%(total)s entries in the time shown, as reported, the latest first",
            total=count(len(events)),
        )
        if name in followed or len(events) > IN_FULL:
            rows, head = _short(events[:most], last), (WHEN, REPORTED, said("Some time after it"))
            if not any(after for _, _, after in rows):
                rows, head = tuple(row[:2] for row in rows), head[:2]
            yield Grid(caption, head, rows, note=note)
        else:
            yield Grid(caption, (WHEN, REPORTED), _full(events, last), note=note)


def not_printed(more: int) -> str:
    """So many that came before."""
    return said_of(
        more,
        "%(total)s earlier one is not printed here.",
        "%(total)s earlier ones are not printed here.",
        total=count(more),
    )


def _when(event: Event, last: date) -> str:
    """The year only where it is another one than at the end of the time shown."""
    line, same_year = event.line, event.line.day.year == last.year
    if line.is_timed:
        when = (short_moment if same_year else moment)(line.at, line.entry.zone)
    else:
        when = (short_day if same_year else day)(line.day)
    remarks = (said("(%(inner)s)", inner=one) for one in line.remarks)
    return said_together((when, *remarks), "\n")


def _short(events: Sequence[Event], last: date) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (_when(one, last), one.short, said_together((_after(some) for some in one.after), "\n")) for one in events
    )


def _after(event: Event) -> str:
    """The first answers, each under the short name of its question."""
    line = event.line
    asked = [item for item in line.instrument.items.values() if item.name in line.entry.answers][:FIRST]  # type: ignore[union-attr]
    told = (
        said_together((head_of(one.name).lower(), TELL[one.kind](one, line.entry.answers[one.name])), " ")
        for one in asked
    )
    return said_together((*([f"{line.clock}:"] if line.clock else []), said_together(told, ", ")), " ")


def _full(events: Sequence[Event], last: date) -> tuple[tuple[str, ...], ...]:
    return tuple((_when(one, last), said_together((_pair(*pair) for pair in one.answers), "\n")) for one in events)


def _pair(asked: str, answer: str) -> str:
    return said_together((f"{asked}{'' if asked.endswith('?') else ':'}", answer), " ")
