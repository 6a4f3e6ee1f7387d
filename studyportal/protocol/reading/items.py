"""Read one question of a study document and hold it against its kind and its treatment.

A question without a release is refused: there is no default, because a wrong one would publish somebody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from studyportal.protocol.items import Item, Release
from studyportal.protocol.kinds import FLAT, KINDS, Kind
from studyportal.protocol.kinds.regions import REGIONS
from studyportal.protocol.reading.fields import ByName, Field, Reader, Record, Schema, words
from studyportal.protocol.reading.places import WRONG, Place, is_wrong
from studyportal.protocol.reading.questions import COMMON, NAMES, SETTINGS, common_of, in_a_row_of
from studyportal.protocol.reading.releases import Written
from studyportal.protocol.reading.tree import Node
from studyportal.protocol.reading.values import one_of
from studyportal.protocol.schedules import Duration
from studyportal.protocol.scores import SCORES
from studyportal.protocol.settling import Unsettled, settled

DROP = Release("drop")


@dataclass(frozen=True, slots=True)
class ItemReader(Reader):
    """An `Item` of one of `kinds`, each of which takes its own settings and those of `common`."""

    name: str
    fields: Mapping[str, Field]
    kinds: tuple[str, ...]
    common: Callable[[Kind], tuple[str, ...]]

    def read(self, node: Node, place: Place) -> Any:
        fields = {
            name: replace(field, missing="" if name == "release" else field.missing)
            for name, field in self.fields.items()
        }
        values = Record(fields).read(node, place)
        kind = KINDS.get(values["kind"]) if values["kind"] else None
        if kind is None:
            return WRONG
        self._hold_against_kind(kind, values, place)
        if is_wrong({name: value for name, value in values.items() if name not in ("release",)}):
            return WRONG
        item = _complete(kind, values, place)
        return WRONG if item is WRONG or values.get("release", DROP) is WRONG else _released(item, values, place)

    def _hold_against_kind(self, kind: Kind, values: dict[str, Any], place: Place) -> None:
        common = self.common(kind)
        for name in [*values]:
            if name not in (*common, *kind.needs, *kind.takes):
                values[name] = place.findings.at(f"{place.path}.{name}").refuse(
                    f"A question of kind {kind.name} has no {name}."
                )
        needed = [name for name in (*kind.needs, *("release",) * ("release" in common)) if name not in values]
        for name in needed:
            values[name] = place.refuse((SETTINGS | COMMON | GROUPED)[name].missing)

    def schema(self, shared: dict[str, Schema]) -> Schema:
        if self.name not in shared:
            shared[self.name] = {}  # so that it is known below
            shared[self.name] = Record(self.fields).schema(shared) | {
                "required": ["ask", "kind"],
                "allOf": [self._of_kind(KINDS[name]) for name in self.kinds],
            }
        return {"$ref": f"#/$defs/{self.name}"}

    def _of_kind(self, kind: Kind) -> Schema:
        common = self.common(kind)
        foreign = [name for name in self.fields if name not in (*common, *kind.needs, *kind.takes)]
        allowed = {"enum": [*kind.may_release]}
        released = {"release": {"anyOf": [allowed, {"type": "object", "propertyNames": allowed}]}}
        return {
            "if": {"properties": {"kind": {"const": kind.name}}, "required": ["kind"]},
            "then": {
                "description": f"Asks for {kind.words}.",
                "required": [*kind.needs, *(["release"] if "release" in common else [])],
                "properties": dict.fromkeys(foreign, False) | (released if "release" in common else {}),
            },
        }


def _complete(kind: Kind, values: Mapping[str, Any], place: Place) -> Any:
    """The item, its limits checked; its release is still to be settled."""
    given = {name: value for name, value in values.items() if name != "release"}
    given |= {name: _plain(value, kind) for name, value in given.items() if name in ("minimum", "maximum")}
    if is_wrong(given):
        shown = "a length of time, such as 8 hours" if kind.name == "duration" else "a number without a unit of time"
        return place.refuse(f"minimum and maximum of this kind are each {shown}.")
    item = Item(name=place.name, release=DROP, **(FIXED.get(kind.name, _nothing)(values) | given))
    if item.minimum is not None and item.maximum is not None and "maximum" in kind.needs:
        if kind.wire is int and not all(type(limit) is int for limit in (item.minimum, item.maximum)):
            return place.refuse("The limits of a whole number must be whole numbers.")
        if item.minimum >= item.maximum:
            return place.refuse("minimum must be smaller than maximum.")
    if item.max_length and kind.name == "text" and item.max_length > LINE:
        return place.refuse(f"A line has at most {LINE} characters; for more, write kind: notes.")
    if item.none and item.none in item.choices.values():
        return place.refuse("Two choices have the same text. Nobody could tell them apart.")
    if unknown := [code for code in item.recode.values() if code not in item.choices]:
        return place.refuse(f"recode leads to {unknown[0]}, which is not among the choices of this question.")
    return item


LINE = 200  # characters of a text of one line


def _plain(limit: Any, kind: Kind) -> Any:
    """A limit as the kind counts it: lengths of time in minutes, all else as numbers."""
    if isinstance(limit, Duration) is not (kind.name == "duration"):
        return WRONG
    return int(limit.nominal.total_seconds() // 60) if isinstance(limit, Duration) else limit


def _nothing(values: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _score_limits(values: Mapping[str, Any]) -> dict[str, Any]:
    score = SCORES[values["score"]]
    return {"minimum": score.minimum, "maximum": score.maximum}


# What an item has because of its kind.
FIXED: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "rating": lambda values: {"minimum": 0, "maximum": 10},
    "analogue": lambda values: {"minimum": 0, "maximum": 100},
    "duration": lambda values: {"minimum": 0},
    "body_map": lambda values: {"choices": REGIONS},
    "score": _score_limits,
}


def _released(item: Item, values: Mapping[str, Any], place: Place) -> Any:
    written = values.get("release")
    if written is None:
        return item
    try:
        return replace(item, release=settled(written.treatment, _in_minutes(written, item), item))
    except Unsettled as refusal:
        return written.place.refuse(str(refusal))


def _in_minutes(written: Written, item: Item) -> Any:
    """What a treatment was told, with lengths of time in minutes."""
    parts = written.given if isinstance(written.given, tuple) else (written.given,)
    if not any(isinstance(part, Duration) for part in parts):
        return written.given
    if item.kind != "duration":
        raise Unsettled("Write numbers without a unit of time here.")
    minutes = tuple(_plain(part, KINDS["duration"]) if isinstance(part, Duration) else part for part in parts)
    return minutes if isinstance(written.given, tuple) else minutes[0]


_FLAT_SETTINGS = {
    name: field
    for name, field in SETTINGS.items()
    if any(name in (*KINDS[kind].needs, *KINDS[kind].takes) for kind in FLAT)
}
ROW_ITEM = {name: COMMON[name] for name in in_a_row_of(KINDS["text"])} | {
    "kind": Field(one_of(FLAT), "The kind of question.", f"A group can ask for {words(FLAT)}."),
    **{name: replace(field, missing="") for name, field in _FLAT_SETTINGS.items()},
}
_ROW = ByName(
    reader=ItemReader("question_of_a_group", ROW_ITEM, tuple(FLAT), in_a_row_of),
    names=NAMES,
    what="questions of a group",
    least=1,
    most=20,
)
GROUPED = {
    "items": Field(_ROW, "The questions of a group, asked once per row.", "Write the questions of the group (items).")
}

ITEM = COMMON | {name: replace(field, missing="") for name, field in (SETTINGS | GROUPED).items()}
ITEMS = ByName(
    reader=ItemReader("question", ITEM, tuple(KINDS), common_of), names=NAMES, what="items", least=1, most=300
)
