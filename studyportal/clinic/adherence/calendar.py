"""One participant's occasions as a calendar: given, late, missed, open, or in a pause. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from studyportal.protocol import Instrument, Occasion, occasion, occasions_due
from studyportal.protocol.schedules import Pause, paused_numbers

# State -> the kind of its look (parts.html) and its word.
STATES: Mapping[str, tuple[str, str]] = {
    "given": ("good", "Given"),
    "late": ("attention", "Came late"),
    "missed": ("neutral", "Missed"),
    "open": ("neutral", "Open"),
    "paused": ("neutral", "Paused"),
}


@dataclass(frozen=True, slots=True)
class Day:
    """One diary date with its occasion's state; None on a day without one."""

    date: date
    state: str | None


@dataclass(frozen=True, slots=True)
class Month:
    """A month in weeks of seven days, Monday first; None outside the month."""

    first: date
    weeks: Sequence[Sequence[Day | None]]


def state_of(due: Occasion, came: datetime | None, *, now: datetime) -> str:
    """What became of an occasion. `came` is when its entry arrived; the device's own word for it is under the seal."""
    if came is not None:
        return "late" if due.is_late(came) else "given"
    return "open" if now < due.grace_ends else "missed"


def occasion_states(
    instrument: Instrument,
    came: Mapping[tuple[str, int], datetime],
    *,
    start: date,
    zone: str,
    now: datetime,
    pauses: Sequence[Pause] = (),
) -> Mapping[date, str]:
    """The state of every occasion so far, by diary date; also of one that was given before it opens in this zone."""
    found = {}
    opened = occasions_due(instrument.schedule, start=start, zone=zone, now=now)
    if (instrument.name, opened + 1) in came:
        opened += 1
    paused = paused_numbers(instrument.schedule, pauses, start=start, zone=zone, now=now)
    for number in range(1, opened + 1):
        due, at = occasion(instrument.schedule, number, start, zone), came.get((instrument.name, number))
        found[due.diary_date] = "paused" if at is None and number in paused else state_of(due, at, now=now)
    return found


def months(states: Mapping[date, str]) -> Sequence[Month]:
    """The months that hold these days, the latest first."""
    firsts = sorted({day.replace(day=1) for day in states}, reverse=True)
    return [Month(first, _weeks(first, states)) for first in firsts]


def _weeks(first: date, states: Mapping[date, str]) -> Sequence[Sequence[Day | None]]:
    monday = first - timedelta(days=first.weekday())
    weeks = []
    while monday < first or monday.month == first.month:
        days = [monday + timedelta(days=number) for number in range(7)]
        weeks.append([Day(day, states.get(day)) if day.month == first.month else None for day in days])
        monday += timedelta(days=7)
    return weeks
