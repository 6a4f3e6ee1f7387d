"""Which stretch of somebody's time in the study is shown. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TypeVar

from studyportal.saying import said

Thing = TypeVar("Thing")

# What an address may ask for -> its words, and how many days up to today (None: since day 1).
SPANS: Mapping[str, tuple[str, int | None]] = {
    "4": (said("4 weeks"), 28),
    "12": (said("12 weeks"), 84),
    "all": (said("All"), None),
}
USUAL = "4"

# Days of the last week; of the last four, and of the four before, with which they are compared.
WEEK, MONTH = 7, 28


@dataclass(frozen=True, slots=True)
class Span:
    """Local days from `first` to `last`, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def by_month(things: Iterable[Thing], day_of: Callable[[Thing], date]) -> Sequence[tuple[date, Sequence[Thing]]]:
    """Things in the order that they have, parted by month: its first day, and what is in it."""
    return [(first, list(some)) for first, some in groupby(things, key=lambda thing: day_of(thing).replace(day=1))]


def opened_from(span: Span) -> date | None:
    """From which day entries are needed to show a span, and to compare four weeks with those before; None for all."""
    if span.first == date.min:
        return None
    return min(span.first, span.last - timedelta(days=2 * MONTH - 1))


def stretch(name: str) -> str:
    """The words for a name of `SPANS` where it stands alone."""
    words, days = SPANS[name]
    return said("The last %(weeks)s", weeks=words) if days else said("Since the start")


def weeks_before(today: date, *, ago: int = 0) -> Span:
    """The four weeks that end today or, of so many days ago, then."""
    last = today - timedelta(days=ago)
    return Span(last - timedelta(days=MONTH - 1), last)


def span_of(name: str, *, started_on: date, today: date) -> Span:
    """The days behind a name of `SPANS`. "all" begins with the first questions, which may be older than day 1."""
    days = SPANS[name][1]
    return Span(date.min if days is None else max(started_on, today - timedelta(days=days - 1)), today)
