"""Write times and numbers as people read them, in the language of the page. Every page uses these, so that a date looks
the same everywhere.

English is written here, the way this package has it; other languages as Babel knows them.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton

from studyportal.protocol.contacts import country_names
from studyportal.web.here import words_now
from studyportal.web.languages import ENGLISH, locale_of

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(value: date) -> str:
    """Mon 3 Mar 2025"; of a `datetime`, its own local day."""
    return _in_own_way(value, "yMMMEd") or f"{_english_day(value)} {value.year}"


def short_day(value: date) -> str:
    """Mon 3 Mar", where the year is plain."""
    return _in_own_way(value, "MMMEd") or _english_day(value)


def month(value: date) -> str:
    """Mar 2025"."""
    return _in_own_way(value, "yMMM") or f"{_MONTHS[value.month - 1]} {value.year}"


def short_day_in(value: datetime, zone: str) -> str:
    """Mon 3 Mar": the day of a moment in a zone such as "Europe/Berlin"."""
    return short_day(value.astimezone(ZoneInfo(zone)))


def moment(value: datetime, zone: str) -> str:
    """Mon 3 Mar 2025, 21:40" in a zone such as "Europe/Berlin"."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local)}, {local:%H:%M}"


def short_moment(value: datetime, zone: str) -> str:
    """Mon 3 Mar, 21:40", where the year is plain."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{short_day(local)}, {local:%H:%M}"


def _english_day(value: date) -> str:
    return f"{_DAYS[value.weekday()]} {value.day} {_MONTHS[value.month - 1]}"


def _in_own_way(value: date, parts: str) -> str:
    """A day as another language than English writes it; "" for English."""
    language = words_now()
    if language == ENGLISH:
        return ""
    # Babel would move a moment to UTC; the day that is meant is the one that it says.
    return format_skeleton(parts, datetime.combine(value, time()), locale=locale_of(language))


def _separated(english: str) -> str:
    """Digits with the separators of the language: 12,400.5 is 12.400,5 in German."""
    language = words_now()
    if language == ENGLISH:
        return english
    signs = locale_of(language).number_symbols["latn"]
    return english.translate(str.maketrans({",": signs["group"], ".": signs["decimal"]}))


def country(code: str) -> str:
    """The usual name of a country by its code (ISO 3166-1, "GB"); "" for none."""
    english = country_names().get(code, "")
    language = words_now()
    return english if language == ENGLISH else locale_of(language).territories.get(code, english)


def decimal_sign() -> str:
    """What stands before the decimals: a point, or a comma."""
    return _separated(".")


def count(value: int) -> str:
    """12,400"."""
    return _separated(f"{value:,}")


def number(value: float) -> str:
    """2.5", "1,000,000"; every digit that the value has, never an exponent."""
    # The shortest digits that mean this value, as Python's repr finds them; a decimal prints them without exponent.
    return _separated(f"{Decimal(repr(value)).normalize():,f}")


def counted(value: int, one: str, many: str) -> str:
    """1 entry", "12,400 entries"."""
    return f"{count(value)} {one if value == 1 else many}"


def figure(value: float) -> str:
    """4", "6.5": a single answer, at most two decimals."""
    return number(round(float(value), 2))


def mean(value: float) -> str:
    """4.0", "6.5": a mean, always with one decimal."""
    return _separated(f"{value:,.1f}")


FILTERS: Mapping[str, Callable[..., Any]] = {
    "count": count,
    "counted": counted,
    "day": day,
    "figure": figure,
    "mean": mean,
    "moment": moment,
    "month": month,
    "short_day": short_day,
    "short_day_in": short_day_in,
    "short_moment": short_moment,
}
