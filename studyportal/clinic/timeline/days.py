"""The course day by day: numbers, what was given, late or missed, and what was written in words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from studyportal.charts.daily import Measure, head_of
from studyportal.protocol import Instrument, Protocol, adherence, study_day
from studyportal.protocol.schedules import Pause
from studyportal.web.course.lines import Line
from studyportal.web.course.spans import Span
from studyportal.web.telling import TELL

WORDS = frozenset({"notes", "text"})
# What the state of an occasion says already.
SHOWN = frozenset({"written late"})


@dataclass(slots=True)
class Day:
    """One local day. `states` are (title, state) of what was due, `said` what was said besides numbers, `remarks` what
    is to be known of how an entry came about."""

    date: date
    number: int
    values: Sequence[float | None] = ()
    states: list[tuple[str, str]] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list, repr=False)
    remarks: list[str] = field(default_factory=list)
    happened: list[str] = field(default_factory=list, repr=False)


def states_of(
    protocol: Protocol,
    lines: Sequence[Line],
    came: Mapping[tuple[str, int], datetime],
    *,
    start: date,
    zone: str,
    now: datetime,
    pauses: Sequence[Pause] = (),
) -> Mapping[str, tuple[Instrument, Mapping[date, str]]]:
    """What became of every occasion, by instrument. Late is what custody calls late of what it opened; of what does not
    open, what arrived late."""
    late = {(line.entry.instrument, line.entry.diary_date): line.entry.late for line in lines}
    return adherence.states_of(protocol, came, late, start=start, zone=zone, now=now, pauses=pauses)


def days_of(
    lines: Sequence[Line],
    values: Mapping[tuple[Measure, date], float],
    measures: Sequence[Measure],
    states: Mapping[str, tuple[Instrument, Mapping[date, str]]],
    *,
    span: Span,
    start: date,
) -> Sequence[Day]:
    """Each day on which something came, happened or was due, the latest first."""
    days: dict[date, Day] = {}

    def on(day: date) -> Day:
        if day not in days:
            found = [values.get((measure, day)) for measure in measures]
            days[day] = Day(day, study_day(day, start), found)
        return days[day]

    for instrument, occasions in states.values():
        for day, state in occasions.items():
            if day in span:
                on(day).states.append((instrument.title, state))
    for line in lines:
        if line.day not in span:
            continue
        day = on(line.day)
        if line.on_demand:
            day.happened.append(", ".join(filter(None, (line.title, line.clock))))
        elif line.instrument is not None and line.instrument.schedule.every_days == 1:
            day.said += said(line)
            day.remarks += [f"{line.title}: {remark}" for remark in line.remarks if remark not in SHOWN]
    return sorted(days.values(), key=lambda day: day.date, reverse=True)


def said(line: Line) -> list[tuple[str, str]]:
    """What stands in a daily entry besides its numbers: what was answered with yes, chosen, or written."""
    found = []
    for name, item in line.instrument.items.items() if line.instrument else ():
        answer = line.entry.answers.get(name)
        head = head_of(name)
        if name in line.entry.missing:
            reason = line.entry.missing[name]
            found.append((head, f"no answer ({item.missing.get(reason, reason)})"))
        elif item.kind == "yes_no" and answer is True:
            found.append((head, ""))
        elif item.kind in WORDS and answer:
            found.append((head, f"“{answer}”"))
        elif item.kind in ("choice", "choices", "body_map") and answer:
            found.append((head, TELL[item.kind](item, answer)))
    return found
