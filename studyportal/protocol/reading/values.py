"""Read single values: words, numbers, times and lengths of time. Each is text as it was typed until it is read here."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import time
from typing import Any

from studyportal.protocol.reading.fields import Reader, Schema, words
from studyportal.protocol.reading.places import WRONG, Place
from studyportal.protocol.reading.tree import Node, Text
from studyportal.protocol.schedules import Duration

# What a YAML reader makes of a text without quotes.
SCALARS = ["string", "number", "boolean"]


def typed(node: Node, place: Place) -> Any:
    """The text of a scalar as typed."""
    if not isinstance(node, Text):
        return place.refuse("Write one text here, not a list or a group.")
    if node.empty or not node.value:
        return place.refuse("Something must stand here; it is empty.")
    return node.value


@dataclass(frozen=True, slots=True)
class Plain(Reader):
    """A text of at most `most` characters that is the same in every language. Line breaks count as spaces."""

    most: int

    def read(self, node: Node, place: Place) -> Any:
        value = typed(node, place)
        if value is not WRONG and len(value) > self.most:
            return place.refuse(f"This text is too long: at most {self.most} characters, it has {len(value)}.")
        return value if value is WRONG else " ".join(value.split())

    def schema(self, shared: dict[str, Schema]) -> Schema:
        return {"type": SCALARS, "minLength": 1, "maxLength": self.most}


@dataclass(frozen=True, slots=True)
class Word(Reader):
    """A text of a fixed form; `rule` is the sentence if it has another. `make` may raise ValueError."""

    pattern: str
    rule: str
    make: Callable[[str], Any] = str

    def read(self, node: Node, place: Place) -> Any:
        value = typed(node, place)
        if value is WRONG:
            return WRONG
        if not re.fullmatch(self.pattern, value, re.ASCII):
            return place.refuse(self.rule)
        try:
            return self.make(value)
        except ValueError:
            return place.refuse(self.rule)

    def schema(self, shared: dict[str, Schema]) -> Schema:
        return {"type": SCALARS, "pattern": f"^(?:{self.pattern})$"}


@dataclass(frozen=True, slots=True)
class OneOf(Reader):
    """One of some words."""

    known: tuple[str, ...]

    def read(self, node: Node, place: Place) -> Any:
        value = typed(node, place)
        return value if value is WRONG or value in self.known else place.refuse(f"Write {words(self.known)}.")

    def schema(self, shared: dict[str, Schema]) -> Schema:
        return {"enum": list(self.known)}


def one_of(known: Iterable[str]) -> OneOf:
    """One of some words."""
    return OneOf(tuple(known))


@dataclass(frozen=True, slots=True)
class Flag(Reader):
    """`true` or `false`, of which only `allowed` may stand here."""

    allowed: tuple[bool, ...] = (True, False)

    def read(self, node: Node, place: Place) -> Any:
        value = typed(node, place)
        known = {str(flag).lower(): flag for flag in self.allowed}
        return WRONG if value is WRONG else known[value] if value in known else place.refuse(f"Write {words(known)}.")

    def schema(self, shared: dict[str, Schema]) -> Schema:
        return {"enum": list(self.allowed)}


@dataclass(frozen=True, slots=True)
class Whole(Reader):
    """A whole number within limits, as digits without leading zeros."""

    least: int
    most: int

    def read(self, node: Node, place: Place) -> Any:
        value = typed(node, place)
        if value is WRONG:
            return WRONG
        if re.fullmatch(r"-?(?:0|[1-9][0-9]{0,14})", value) and self.least <= int(value) <= self.most:
            return int(value)
        return place.refuse(f"Write a whole number from {self.least} to {self.most}, without quotes or units.")

    def schema(self, shared: dict[str, Schema]) -> Schema:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


def _as_number(value: str) -> int | float:
    return float(value) if "." in value else int(value)


@dataclass(frozen=True, slots=True)
class Number(Reader):
    """A number; a whole one stays whole. With `lengths`, also a length of time such as "8 hours"."""

    lengths: bool = False

    def read(self, node: Node, place: Place) -> Any:
        value = typed(node, place)
        if value is WRONG:
            return WRONG
        if self.lengths and re.fullmatch(LENGTH.pattern, value):
            return LENGTH.make(value)
        if re.fullmatch(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?", value):
            return _as_number(value)
        return place.refuse("Write a number, such as 10 or 2.5, without a unit.")

    def schema(self, shared: dict[str, Schema]) -> Schema:
        number: Schema = {"type": "number"}
        return {"anyOf": [number, LENGTH.schema(shared)]} if self.lengths else number


UNITS = {
    "minute": Duration(minutes=1), "hour": Duration(minutes=60), "day": Duration(days=1), "week": Duration(days=7),
}  # fmt: skip


def _as_duration(value: str) -> Duration:
    count, unit = value.split()
    one = UNITS[unit.removesuffix("s")]
    return Duration(days=int(count) * one.days, minutes=int(count) * one.minutes)


def length(*units: str) -> Word:
    """A length of time in one of some units: "10 hours"."""
    shown = words(f"{unit}s" for unit in units)
    rule = f"Write a length of time as a number and {shown}, such as 2 {units[0]}s."
    return Word(rf"(?:0|[1-9][0-9]{{0,3}}) (?:{'|'.join(units)})s?", rule, _as_duration)


LENGTH = length("hour", "minute", "day", "week")
CLOCK = Word(
    r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", 'Write a time from "00:00" to "23:59", such as "17:00".', time.fromisoformat
)
STUDY_DAY = Word(r"day [1-9][0-9]{0,4}", "Write a study day, such as day 1.", lambda value: int(value[4:]))
