"""Read single values of a study document: small readers, put together in tables by `reading`.

A reader takes a node and a place and gives a value, or notes a mistake at that place and gives `WRONG`. So reading
goes on and every mistake is found. No reader has a default.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import time
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from studyportal.protocol.mistakes import Mistake
from studyportal.protocol.schedules import Duration
from studyportal.protocol.reading.tree import Listing, Node, Table, Text


class _Wrong:
    def __bool__(self) -> bool:
        return False


WRONG: Any = _Wrong()


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the document the reader is."""

    line: int
    path: str
    mistakes: list[Mistake]

    def within(self, name: str, line: int) -> "Place":
        return replace(self, path=f"{self.path}.{name}" if self.path else name, line=line)

    def numbered(self, number: int, line: int) -> "Place":
        return replace(self, path=f"{self.path}[{number}]", line=line)

    def refuse(self, sentence: str) -> Any:
        self.mistakes.append(Mistake(self.line, self.path, sentence))
        return WRONG


Reader = Callable[[Node, Place], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A name that may stand in a part of the document. `missing` is said when it does not: it is then required."""

    read: Reader
    missing: str = ""


def words(choices: Iterable[str]) -> str:
    """A list for a sentence: "keep, drop or band"."""
    *first, last = choices
    return f"{', '.join(first)} or {last}" if first else last


def record(node: Node, place: Place, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Read a group of named values by a table; unknown and missing names are mistakes."""
    if not isinstance(node, Table):
        place.refuse(f"Write this as a group of names with values: {words(fields)}.")
        return dict.fromkeys(fields, WRONG)
    for name, (line, _) in node.rows.items():
        if name not in fields:
            near = get_close_matches(name, fields, n=1)
            meant = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(fields)}."
            place.within(name, line).refuse(f"This name is not known here. {meant}")
    values = {}
    for name, field in fields.items():
        if name in node.rows:
            line, value = node.rows[name]
            values[name] = field.read(value, place.within(name, line))
        elif field.missing:
            values[name] = place.refuse(field.missing)
    return values


def by_name(read: Reader, pattern: re.Pattern[str], rule: str, *, what: str, least: int, most: int) -> Reader:
    """A reader of a mapping from names of the document's own to values."""

    def reader(node: Node, place: Place) -> Any:
        if not isinstance(node, Table):
            return place.refuse(f"Write {what} as a group of names with values.")
        if not least <= len(node.rows) <= most:
            place.refuse(f"There must be from {least} to {most} {what} here; there are {len(node.rows)}.")
            if len(node.rows) > most:
                return WRONG
        values = {}
        for name, (line, value) in node.rows.items():
            inside = place.within(name, line)
            if not pattern.fullmatch(name):
                inside.refuse(rule)
            values[name] = read(value, inside)
        return MappingProxyType(values)

    return reader


def listing(read: Reader, *, what: str, least: int, most: int) -> Reader:
    """A reader of a list, as a tuple."""

    def reader(node: Node, place: Place) -> Any:
        if not isinstance(node, Listing):
            return place.refuse(f"Write {what} as a list.")
        if not least <= len(node.nodes) <= most:
            return place.refuse(f"There must be from {least} to {most} {what} here; there are {len(node.nodes)}.")
        return tuple(read(inner, place.numbered(number, inner.line)) for number, inner in enumerate(node.nodes, 1))

    return reader


def typed(node: Node, place: Place) -> Any:
    """The text of a scalar as typed."""
    if not isinstance(node, Text):
        return place.refuse("Write one text here, not a list or a group.")
    if node.empty or not node.value:
        return place.refuse("Something must stand here; it is empty.")
    return node.value


def text(most: int) -> Reader:
    """A text of at most `most` characters."""

    def reader(node: Node, place: Place) -> Any:
        value = typed(node, place)
        if value is not WRONG and len(value) > most:
            return place.refuse(f"This text is too long: at most {most} characters, it has {len(value)}.")
        return value

    return reader


def line(most: int) -> Reader:
    """A text whose line breaks count as spaces."""

    def reader(node: Node, place: Place) -> Any:
        value = text(most)(node, place)
        return value if value is WRONG else " ".join(value.split())

    return reader


def matching(pattern: str, rule: str, make: Callable[[str], Any] = str) -> Reader:
    """A scalar that has a fixed form; `rule` is the sentence if it has not. `make` may raise ValueError."""
    compiled = re.compile(pattern, re.ASCII)

    def reader(node: Node, place: Place) -> Any:
        value = typed(node, place)
        if value is WRONG:
            return WRONG
        if not compiled.fullmatch(value):
            return place.refuse(rule)
        try:
            return make(value)
        except ValueError:
            return place.refuse(rule)

    return reader


def one_of(choices: Iterable[str]) -> Reader:
    """One of some words."""
    known = tuple(choices)
    return matching("|".join(map(re.escape, known)), f"Write {words(known)}.")


def whole(least: int, most: int) -> Reader:
    """A whole number within limits, as digits without leading zeros."""

    def make(value: str) -> int:
        if not least <= int(value) <= most:
            raise ValueError
        return int(value)

    return matching(
        r"-?(?:0|[1-9]\d{0,14})", f"Write a whole number from {least} to {most}, without quotes or units.", make
    )


def as_number(value: str) -> int | float:
    """A whole number stays whole."""
    return float(value) if "." in value else int(value)


number = matching(
    r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?", "Write a number, such as 10 or 2.5, without a unit.", as_number
)
flag = matching("true|false", "Write true or false.", "true".__eq__)
clock = matching(
    r"(?:[01]\d|2[0-3]):[0-5]\d", 'Write a time from "00:00" to "23:59", such as "17:00".', time.fromisoformat
)
study_day_number = matching(r"day [1-9]\d{0,4}", "Write a study day, such as day 1.", lambda value: int(value[4:]))

UNITS = {
    "minute": Duration(minutes=1), "hour": Duration(minutes=60), "day": Duration(days=1), "week": Duration(days=7),
}  # fmt: skip


def duration(*units: str) -> Reader:
    """A length of time in one of some units: "10 hours"."""

    def make(value: str) -> Duration:
        count, unit = value.split()
        one = UNITS[unit.removesuffix("s")]
        return Duration(days=int(count) * one.days, minutes=int(count) * one.minutes)

    shown = words(f"{unit}s" for unit in units)
    rule = f"Write a length of time as a number and {shown}, such as 2 {units[0]}s."
    return matching(rf"(?:0|[1-9]\d{{0,3}}) (?:{'|'.join(units)})s?", rule, make)
