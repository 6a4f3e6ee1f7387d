"""Read one question of a study document and hold it against its kind and its treatment.

A question without a release is refused: there is no default, because a wrong one would publish somebody.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from studyportal.protocol.reading import fields
from studyportal.protocol.answers import NAME
from studyportal.protocol.reading.fields import WRONG, Field, Place
from studyportal.protocol.items import Item, Release
from studyportal.protocol.kinds import KINDS, Kind
from studyportal.protocol.treatments import TREATMENTS, band_labels
from studyportal.protocol.reading.tree import Node, Table

NAME_RULE = "A name begins with a small letter and goes on with small letters, digits and _ (at most 40 in all)."
CODE_RULE = "A code holds letters, digits and . _ + - only (at most 40)."


@dataclass(frozen=True, slots=True)
class _Written:
    """A release as written, before the kind of its item is known."""

    name: str
    parameter: Node | None
    place: Place


def _read_release(node: Node, place: Place) -> Any:
    parameter = None
    if isinstance(node, Table):
        if len(node.rows) != 1:
            return place.refuse("Name one treatment here.")
        ((name, (_, parameter)),) = node.rows.items()
    else:
        name = fields.typed(node, place)
        if name is WRONG:
            return WRONG
    if name not in TREATMENTS:
        return place.refuse(f"There is no such treatment. Write {fields.words(TREATMENTS)}.")
    return _Written(name, parameter, place)


# What only some kinds have: how it is read, and what is said if a kind needs it and it is missing.
SETTINGS = {
    "low": Field(fields.line(60), "Name the low end of the scale, such as low: No pain."),
    "high": Field(fields.line(60), "Name the high end of the scale, such as high: Worst imaginable."),
    "minimum": Field(fields.number, "Give the smallest answer that is possible, such as minimum: 0."),
    "maximum": Field(fields.number, "Give the largest answer that is possible, such as maximum: 100."),
    "unit": Field(fields.line(30), "Give the unit, such as unit: hours."),
    "choices": Field(
        fields.by_name(
            fields.line(200), re.compile(r"[A-Za-z0-9._+-]{1,40}"), CODE_RULE, what="choices", least=2, most=200
        ),
        "Give the choices, each with a code and a text, such as mild: Mild pain.",
    ),
    "max_length": Field(fields.whole(1, 5000), "Give the greatest length in characters, such as max_length: 400."),
}

ITEM = {
    "ask": Field(fields.line(300), "Write the question, such as ask: Average pain over the last 24 hours."),
    "kind": Field(fields.one_of(KINDS), f"Give the kind of question: {fields.words(KINDS)}."),
    "release": Field(
        _read_release, "Say how this answer is released, such as release: keep or release: drop. There is no default."
    ),
    "hint": Field(fields.line(500)),
    "required": Field(fields.flag),
    "quasi_identifier": Field(fields.flag),
    **{name: Field(setting.read) for name, setting in SETTINGS.items()},
}


def read_item(node: Node, place: Place) -> Any:
    """An `Item`, or WRONG."""
    values = fields.record(node, place, ITEM)
    kind = KINDS.get(values["kind"]) if values["kind"] else None
    if kind is None:
        return WRONG
    _check_settings(kind, values, node, place)
    release = _settle_release(values["release"], kind, values)
    if any(value is WRONG for value in (*values.values(), release)):
        return WRONG
    if kind.name == "rating":
        values |= {"minimum": 0, "maximum": 10}
    return Item(name=place.path.rpartition(".")[2], **(values | {"release": release}))


def _check_settings(kind: Kind, values: dict[str, Any], node: Node, place: Place) -> None:
    for name, setting in SETTINGS.items():
        if name in values and name not in kind.needs + kind.takes:
            line = node.rows[name][0] if isinstance(node, Table) else place.line
            place.within(name, line).refuse(f"A question of kind {kind.name} has no {name}. Remove it.")
        elif name not in values and name in kind.needs:
            values[name] = place.refuse(setting.missing)
    least, most = values.get("minimum"), values.get("maximum")
    if isinstance(least, int | float) and isinstance(most, int | float) and "minimum" in kind.needs:
        if kind.wire is int and not (type(least) is int and type(most) is int):
            values["minimum"] = place.refuse("The limits of a whole number must be whole numbers.")
        elif least >= most:
            values["minimum"] = place.refuse("minimum must be smaller than maximum.")
    labels = list((values.get("choices") or {}).values())
    if labels and len(set(labels)) < len(labels):
        place.refuse("Two choices have the same text. Nobody could tell them apart.")
        values["choices"] = WRONG


def _settle_release(written: Any, kind: Kind, values: dict[str, Any]) -> Any:
    if written is WRONG:
        return WRONG
    place, name = written.place, written.name
    if name not in kind.may_release:
        why = (
            "Free text can only be dropped" if kind.may_release == ("drop",) else f"A {kind.name} cannot be released so"
        )
        return place.refuse(f"{why}. Write {fields.words(kind.may_release)}.")
    takes = TREATMENTS[name].takes
    if takes is None:
        return place.refuse(f"{name} stands alone: write release: {name}.") if written.parameter else Release(name)
    read, example = PARAMETERS[takes]
    if written.parameter is None:
        return place.refuse(f"{name} needs to know where. Write release: {{{name}: {example}}}.")
    given = read(written.parameter, place.within(name, written.parameter.line))
    least, most = (0, 10) if kind.name == "rating" else (values.get("minimum"), values.get("maximum"))
    parts = given if isinstance(given, tuple) else (given,)
    if any(part is WRONG for part in (*parts, least, most)):
        return WRONG
    if kind.wire is int and any(type(part) is not int for part in parts):
        return place.refuse("Answers are whole numbers here, so write whole numbers.")
    if not all(least <= part <= most for part in parts):
        return place.refuse(f"Every number must lie between the limits of the question, {least} and {most}.")
    if takes == "at":
        return Release(name, MappingProxyType({"at": given}))
    if any(low >= high for low, high in pairwise(parts)) or parts == (least,):
        return place.refuse("Write where each band begins, in increasing order, and at least two bands.")
    shape = Item(name="", ask="", kind=kind.name, release=Release(name))
    return Release(name, MappingProxyType({"edges": parts, "labels": band_labels(parts, shape)}))


PARAMETERS = {
    "edges": (fields.listing(fields.number, what="numbers", least=1, most=60), "[18, 30, 40, 50]"),
    "at": (fields.number, "80"),
}

read_items = fields.by_name(read_item, NAME, NAME_RULE, what="items", least=1, most=300)
