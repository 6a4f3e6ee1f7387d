"""One participant's occasions as a calendar: given, late, missed, open, or in a pause. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

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
