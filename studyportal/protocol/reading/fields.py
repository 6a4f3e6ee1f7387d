"""Build readers out of readers: groups, lists, names of the document's own, and choices between them.

A reader is one object that reads a node of the tree and describes as JSON Schema what it reads, so that a document is
checked and described by the same tables. It gives a value, or notes a mistake at its place and gives `WRONG`. No
reader has a default.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from studyportal.protocol.reading.places import WRONG, Place, is_wrong
from studyportal.protocol.reading.tree import Listing, Node, Table, Text

Schema = dict[str, Any]


class Reader(ABC):
    """`schema` may put what is used more than once into `shared`, by name."""

    @abstractmethod
    def read(self, node: Node, place: Place) -> Any: ...

    @abstractmethod
    def schema(self, shared: dict[str, Schema]) -> Schema: ...


@dataclass(frozen=True, slots=True)
class Field:
    """A name that may stand in a part of the document, and what it means.

    `missing` is said when it is not there: it is then required.
    """

    reader: Reader
    meaning: str
    missing: str = ""


def words(choices: Iterable[str]) -> str:
    """A list for a sentence: "keep, drop or band"."""
    *first, last = choices
    return f"{', '.join(first)} or {last}" if first else last


@dataclass(frozen=True, slots=True)
class Record(Reader):
    """A group of named values by a table; unknown and missing names are mistakes. Gives a dictionary."""

    fields: Mapping[str, Field]

    def read(self, node: Node, place: Place) -> dict[str, Any]:
        if not isinstance(node, Table):
            place.refuse(f"Write this as a group of names with values: {words(self.fields)}.")
            return dict.fromkeys(self.fields, WRONG)
        for name, (line, _) in node.rows.items():
            if name not in self.fields:
                place.within(name, line).refuse(f"This name is not known here. {_meant(name, self.fields)}")
        values = {}
        for name, field in self.fields.items():
            if name in node.rows:
                line, value = node.rows[name]
                values[name] = field.reader.read(value, place.within(name, line))
            elif field.missing:
                values[name] = place.refuse(field.missing)
        return values

    def schema(self, shared: dict[str, Schema]) -> Schema:
        return {
            "type": "object",
            "properties": {
                name: field.reader.schema(shared) | {"description": field.meaning}
                for name, field in self.fields.items()
            },
            "required": [name for name, field in self.fields.items() if field.missing],
            "additionalProperties": False,
        }


def _meant(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(known)}."


@dataclass(frozen=True, slots=True)
class Names:
    """Which names of its own a document may use somewhere: their form, words that are taken, and the rule in a
    sentence.

    Names that differ only by case are refused unless `cased`.
    """

    pattern: re.Pattern[str]
    rule: str
    taken: frozenset[str] = frozenset()
    cased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ByName(Reader):
    """From `least` to `most` values, each under a name of the document's own. `shape` is said if they have no names."""

    reader: Reader
    names: Names
    what: str
    least: int
    most: int
    shape: str = ""

    def read(self, node: Node, place: Place) -> Any:
        if not isinstance(node, Table):
            return place.refuse(self.shape or f"Write {self.what} as a group of names with values.")
        if not self.least <= len(node.rows) <= self.most:
            place.refuse(
                f"There must be from {self.least} to {self.most} {self.what} here; there are {len(node.rows)}."
            )
            if len(node.rows) > self.most:
                return WRONG
        values, alike = {}, {}
        for name, (line, value) in node.rows.items():
            inside = place.within(name, line)
            if not self.names.pattern.fullmatch(name):
                inside.refuse(self.names.rule)
            elif name in self.names.taken:
                inside.refuse("This name has a meaning of its own. Write another one.")
            elif "__" in name and self.names.taken:
                inside.refuse("Two underscores side by side have a meaning of their own. Write one.")
            first = alike.setdefault(name if self.names.cased else name.casefold(), name)
            if first != name:
                inside.refuse(f"This differs from {first} only by small and capital letters. Write another name.")
            values[name] = self.reader.read(value, inside)
        return MappingProxyType(values)

    def schema(self, shared: dict[str, Schema]) -> Schema:
        names: Schema = {"pattern": f"^(?:{self.names.pattern.pattern})$"}
        if self.names.taken:
            names["not"] = {"anyOf": [{"enum": sorted(self.names.taken)}, {"pattern": "__"}]}
        return {
            "type": "object",
            "additionalProperties": self.reader.schema(shared),
            "propertyNames": names,
            "minProperties": self.least,
            "maxProperties": self.most,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf(Reader):
    """From `least` to `most` values, as a tuple."""

    reader: Reader
    what: str
    least: int
    most: int

    def read(self, node: Node, place: Place) -> Any:
        if not isinstance(node, Listing):
            return place.refuse(f"Write {self.what} as a list.")
        if not self.least <= len(node.nodes) <= self.most:
            return place.refuse(
                f"There must be from {self.least} to {self.most} {self.what} here; there are {len(node.nodes)}."
            )
        return tuple(
            self.reader.read(inner, place.numbered(number, inner.line)) for number, inner in enumerate(node.nodes, 1)
        )

    def schema(self, shared: dict[str, Schema]) -> Schema:
        return {
            "type": "array",
            "items": self.reader.schema(shared),
            "minItems": self.least,
            "maxItems": self.most,
        }


@dataclass(frozen=True, slots=True)
class Then(Reader):
    """What another reader reads, finished by `finish(value, place)` if nothing in it is wrong, or with `partial`
    anyway."""

    reader: Reader
    finish: Callable[[Any, Place], Any]
    partial: bool = False

    def read(self, node: Node, place: Place) -> Any:
        value = self.reader.read(node, place)
        unfit = value is WRONG if self.partial else is_wrong(value)
        return WRONG if unfit else self.finish(value, place)

    def schema(self, shared: dict[str, Schema]) -> Schema:
        return self.reader.schema(shared)


@dataclass(frozen=True, slots=True)
class Shaped(Reader):
    """One of several readers, by the shape of what is written: a text, a list or a group. `rule` names those there
    are."""

    rule: str
    text: Reader | None = None
    listing: Reader | None = None
    table: Reader | None = None

    def read(self, node: Node, place: Place) -> Any:
        reader = {Text: self.text, Listing: self.listing, Table: self.table}[type(node)]
        return reader.read(node, place) if reader else place.refuse(self.rule)

    def schema(self, shared: dict[str, Schema]) -> Schema:
        readers = (self.text, self.listing, self.table)
        return {"anyOf": [reader.schema(shared) for reader in readers if reader]}


@dataclass(frozen=True, slots=True)
class Variants(Reader):
    """A group that comes in several forms, told apart by the one name that only this form has."""

    forms: Mapping[str, Reader]
    rule: str

    def read(self, node: Node, place: Place) -> Any:
        found = [name for name in self.forms if isinstance(node, Table) and name in node.rows]
        return self.forms[found[0]].read(node, place) if len(found) == 1 else place.refuse(self.rule)

    def schema(self, shared: dict[str, Schema]) -> Schema:
        return {"anyOf": [reader.schema(shared) for reader in self.forms.values()]}
