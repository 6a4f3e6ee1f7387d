"""Read groups: the same few questions asked again and again, such as a list of medicines.

A row is kept as JSON values by the name of its question. Rows left empty are left out. Refused: more rows than the
document allows, questions that the group does not have; each problem names its row and its question.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from studyportal.protocol.items import Item
from studyportal.protocol.kinds.kind import Kind, Row, Unacceptable, nothing
from studyportal.saying import said, said_together

UNANSWERED = said("This question needs an answer.")
MOST_TOLD = 5  # problems; a list of medicines has many more places where the same can be wrong

_encoder = msgspec.json.Encoder(order="sorted")


def no_rows(raw: object) -> bool:
    """Nothing was answered: no row, or none with anything in it."""
    return nothing(raw) or (
        isinstance(raw, list | tuple) and all(isinstance(row, Mapping) and _empty(row) for row in raw)
    )


def _empty(row: Mapping[Any, Any]) -> bool:
    return all(map(nothing, row.values()))


def group_of(kinds: Mapping[str, Kind]) -> Callable[[Item, object, str], tuple[Row, ...]]:
    """The way to read groups of questions of these kinds."""

    def group(item: Item, raw: object, zone: str) -> tuple[Row, ...]:
        if not isinstance(raw, list | tuple) or not all(isinstance(row, Mapping) for row in raw):
            raise Unacceptable(said("Send a list of rows, each with a value per question."))
        filled = [(number, row) for number, row in enumerate(raw, 1) if not _empty(row)]
        if len(filled) > item.at_most:
            raise Unacceptable(said("Give at most %(most)d rows.", most=item.at_most))
        problems: list[str] = []
        rows = [_row(item, number, row, zone, kinds, problems) for number, row in filled]
        if not rows:
            raise Unacceptable(said("Fill in at least one row."))
        if problems:
            raise Unacceptable(said_together(problems[:MOST_TOLD], " "))
        return tuple(rows)

    return group


def _row(
    group: Item, number: int, raw: Mapping[Any, Any], zone: str, kinds: Mapping[str, Kind], problems: list[str]
) -> Row:
    found = {}
    for name, item in group.items.items():
        kind, given = kinds[item.kind], raw.get(name)
        try:
            if not nothing(given):
                found[name] = kind.to_wire(kind.parse(item, given, zone))
            elif item.required:
                raise Unacceptable(UNANSWERED)
        except Unacceptable as refusal:
            problems.append(
                said(
                    "Row %(number)d, %(question)s: %(sentence)s",
                    number=number,
                    question=item.ask.rstrip("?.: "),
                    sentence=refusal.sentence,
                )
            )
    if raw.keys() - group.items.keys():
        problems.append(said("Row %(number)d: there is something in it that is not asked here.", number=number))
    return MappingProxyType(found)


def write_rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows as JSON values."""
    return [dict(row) for row in rows]


def read_rows(wire: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
    """What `write_rows` wrote."""
    return tuple(MappingProxyType(dict(row)) for row in wire)


def to_text(wire: list[dict[str, Any]]) -> str:
    """Rows in one cell: canonical JSON."""
    return _encoder.encode(wire).decode()


def from_text(text: str) -> Any:
    """What `to_text` wrote."""
    return msgspec.json.decode(text)


def describe_group(item: Item) -> str:
    asked = "; ".join(one.ask for one in item.items.values())
    return f"Up to {item.at_most} rows, each asking: {asked}"
