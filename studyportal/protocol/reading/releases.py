"""Read how an answer is released: the name of a treatment and what it must be told.

What is written is read here; whether it fits the item is `settling`'s to say. There is no default.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studyportal.protocol.reading.fields import (
    ByName,
    Field,
    ListOf,
    Names,
    Reader,
    Record,
    Schema,
    Shaped,
    Then,
    words,
)
from studyportal.protocol.reading.places import WRONG, Place
from studyportal.protocol.reading.texts import Words
from studyportal.protocol.reading.tree import Node, Table
from studyportal.protocol.reading.values import Number, Whole, Word, typed
from studyportal.protocol.treatments import TREATMENTS

CODE = r"[A-Za-z0-9._+-]{1,40}"
CODE_RULE = "A code holds letters, digits and . _ + - only (at most 40)."
CODES = Names(re.compile(CODE), CODE_RULE, frozenset({"none", "missing"}))
ANY_CODE = Word(CODE, CODE_RULE)

_CODES = ListOf(reader=ANY_CODE, what="codes", least=1, most=200)
_GROUP = Record({
    "text": Field(Words(200), "What the broader choice is called."),
    "codes": Field(_CODES, "The choices that become this broader one.", "List the codes that become this one."),
})  # fmt: skip
_GROUPS = ByName(
    reader=Shaped(
        "List the codes that become this broader choice.",
        listing=Then(_CODES, lambda codes, place: ("", codes)),
        table=Then(_GROUP, lambda values, place: (values.get("text", ""), values["codes"])),
    ),
    names=CODES,
    what="broader choices",
    least=1,
    most=200,
)

# What a treatment takes -> how that is read, an example, and what it means.
PARAMETERS: Mapping[str, tuple[Reader, str, str]] = {
    "edges": (
        ListOf(reader=Number(lengths=True), what="numbers", least=1, most=60),
        "[18, 30, 40, 50]",
        "Where each band begins, in increasing order.",
    ),
    "at": (Number(lengths=True), "80", "Where the numbers are cut."),
    "groups": (_GROUPS, "{mild: [none_at_all, a_little], severe: [a_lot]}", "Broader choices, each with the codes that become it."),
    "length": (Whole(1, 40), "3", "How many characters of the code are released."),
    "item": (Word(r"[a-z][a-z0-9_]{0,39}", "Write the name of a question."), "substance", "A question of the group."),
}  # fmt: skip
assert {row.takes for row in TREATMENTS.values()} - {None} <= PARAMETERS.keys()


@dataclass(frozen=True, slots=True)
class Written:
    """A release as written, before its item is known. `given` is None for a treatment that stands alone."""

    treatment: str
    given: Any
    place: Place


@dataclass(frozen=True, slots=True)
class ReleaseReader(Reader):
    """`keep`, or `{band: [18, 30]}`."""

    def read(self, node: Node, place: Place) -> Any:
        parameter = None
        if isinstance(node, Table):
            if len(node.rows) != 1:
                return place.refuse("Name one treatment here.")
            ((name, (_, parameter)),) = node.rows.items()
        else:
            name = typed(node, place)
        if name is WRONG or name not in TREATMENTS:
            return name if name is WRONG else place.refuse(f"There is no such treatment. Write {words(TREATMENTS)}.")
        takes = TREATMENTS[name].takes
        if takes is None:
            return (
                Written(name, None, place)
                if parameter is None
                else place.refuse(f"{name} stands alone: write release: {name}.")
            )
        reader, example, _ = PARAMETERS[takes]
        if parameter is None:
            return place.refuse(f"{name} needs to know more. Write release: {{{name}: {example}}}.")
        given = reader.read(parameter, place.within(name, parameter.line))
        wrong = given is WRONG or any(
            one is WRONG for one in (given.values() if isinstance(given, Mapping) else _all(given))
        )
        return WRONG if wrong else Written(name, given, place)

    def schema(self, shared: dict[str, Schema]) -> Schema:
        alone = [name for name, row in TREATMENTS.items() if row.takes is None]
        forms: list[Schema] = [{"enum": alone}]
        for name, row in TREATMENTS.items():
            if row.takes:
                reader, _, meaning = PARAMETERS[row.takes]
                said = {"description": f"Released {row.words}. {meaning}"}
                forms.append({
                    "type": "object",
                    "properties": {name: reader.schema(shared) | said},
                    "required": [name],
                    "additionalProperties": False,
                })  # fmt: skip
        shared.setdefault("release", {"anyOf": forms})
        return {"$ref": "#/$defs/release"}


def _all(given: Any) -> tuple[Any, ...]:
    return given if isinstance(given, tuple) else (given,)
