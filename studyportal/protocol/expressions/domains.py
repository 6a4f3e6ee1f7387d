"""Say what a name in an expression may hold, so that conditions can be checked before anybody has answered."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from studyportal.protocol.expressions.parsing import Expression

# The types of answers -> how a sentence calls them.
TYPES = {
    "number": "a number",
    "yes_no": "yes or no",
    "code": "one choice of several",
    "codes": "several choices",
    "date": "a date",
    "time": "a time of day",
    "moment": "a date with a time",
    "text": "a text",
    "rows": "a group of answers",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The answers that a name may have: its type (of TYPES) and, if known, its codes or limits.

    `whole`: numbers without decimals. `asked_when`: the name is missing unless this holds.
    """

    type: str
    codes: frozenset[str] | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    whole: bool = False
    asked_when: Expression | None = None


EARLIEST, LATEST = date(1900, 1, 1).toordinal(), date(2199, 12, 31).toordinal()
MIDNIGHT = 24 * 60


def as_days(text: str) -> int | None:
    """A date as it is written, counted in days; None if it is none."""
    try:
        return date.fromisoformat(text).toordinal() if len(text) == 10 else None
    except ValueError:
        return None


def as_minutes(text: str) -> int | None:
    """A time of day as it is written, in minutes; None if it is none."""
    hours, colon, minutes = text.partition(":")
    if not (colon and len(text) == 5 and text.isascii() and hours.isdigit() and minutes.isdigit()):
        return None
    return int(hours) * 60 + int(minutes) if int(hours) < 24 and int(minutes) < 60 else None


def from_days(days: int) -> str:
    """The other way round."""
    return date.fromordinal(days).isoformat()


def from_minutes(minutes: int) -> str:
    """The other way round."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


# What has an order: how its texts become whole numbers and back, and which numbers those can be.
ORDERED: dict[str, tuple[Any, Any, int, int]] = {
    "date": (as_days, from_days, EARLIEST, LATEST),
    "time": (as_minutes, from_minutes, 0, MIDNIGHT - 1),
}
