"""Know every treatment: what release does to an answer, and what is then left of it.

One row per treatment. `apply` takes a checked value and gives the released one, or None for nothing; a released value
may be a set of codes, which is published as one yes-or-no column per code. What a treatment must be told is settled
when the document is read (`settling`). A treatment that a kind does not allow is refused there too, never skipped here.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from studyportal.protocol.items import NOTHING, Item
from studyportal.protocol.kinds import KINDS, NONE
from studyportal.protocol.schedules import study_day
from studyportal.protocol.schedules.durations import counted

SET = "choices"  # the kind of a set of codes
Limits = tuple[int | float, int | float]


def _no_choices(item: Item) -> Mapping[str, str]:
    return NOTHING


def _no_limits(item: Item) -> Limits | None:
    return None


def _own_limits(item: Item) -> Limits | None:
    return None if item.minimum is None or item.maximum is None else (item.minimum, item.maximum)


def _own_unit(item: Item) -> str:
    return "minutes" if item.kind == "duration" else item.unit


def _no_unit(item: Item) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """A way of releasing an answer.

    `apply(value, item=, start=)`: `start` is the participant's first study day. `kind(item)` is the kind of what is
    released (None: nothing is; SET: a set of codes) and `column(item)` the type of the released column, or of each of
    them. `choices`, `limits` and `unit` say what can stand there. `takes` names what the document must tell it:
    "edges" (increasing numbers), "at" (a number), "groups" (broader codes, each with a text or "" and its codes),
    "length" (a number of characters), "item" (the name of an item of the group), or None.
    """

    name: str
    words: str
    apply: Callable[..., Any]
    column: Callable[[Item], str | None]
    kind: Callable[[Item], str | None]
    describe: Callable[[Item], str]
    takes: str | None = None
    choices: Callable[[Item], Mapping[str, str]] = _no_choices
    limits: Callable[[Item], Limits | None] = _no_limits
    unit: Callable[[Item], str] = _no_unit


def band_labels(edges: Sequence[int | float], item: Item) -> tuple[str, ...]:
    """The names of the bands that `edges` cut an item's range into, lowest first: "under 18", "18-29", "30 and
    over"."""
    whole = KINDS[item.kind].wire is int and item.kind != "duration"
    said = [amount(edge, item) for edge in edges]
    inner = [
        (f"{low}-{high - 1}" if high - 1 > low else f"{low}") if whole else f"{begins} to under {ends}"
        for (low, high), (begins, ends) in zip(pairwise(edges), pairwise(said), strict=True)
    ]
    return (f"under {said[0]}", *inner, f"{said[-1]} and over")


def amount(number: float, item: Item) -> str:
    """A number as an answer to this item would be written; lengths of time in hours and minutes."""
    if item.kind != "duration":
        return f"{number}"
    hours, minutes = divmod(int(number), 60)
    parts = [counted(hours, "hour")] if hours or not minutes else []
    return " ".join([*parts, counted(minutes, "minute")] if minutes else parts)


def released_bands(item: Item) -> tuple[str, ...]:
    """The bands that can occur: without "under ..." if the first edge is the smallest answer."""
    labels: tuple[str, ...] = item.release.parameters["labels"]
    return labels[1:] if item.release.parameters["edges"][0] == item.minimum else labels


def shortened(item: Item) -> Mapping[str, str]:
    """The shortened codes of a choice in the order of their first; a text only where the code is itself a choice."""
    length = item.release.parameters["length"]
    return {code[:length]: item.choices.get(code[:length], code[:length]) for code in item.choices}


def _keep(value: Any, *, item: Item, start: date) -> Any:
    return tuple(code for code in value if code != NONE) if _own_kind(item) == SET else value


def _drop(value: Any, *, item: Item, start: date) -> None:
    return None


def _band(value: float, *, item: Item, start: date) -> str:
    parameters = item.release.parameters
    band: str = parameters["labels"][bisect_right(parameters["edges"], value)]
    return band


def _top_code(value: float, *, item: Item, start: date) -> int | float:
    return type(value)(min(value, item.release.parameters["at"]))


def _bottom_code(value: float, *, item: Item, start: date) -> int | float:
    return type(value)(max(value, item.release.parameters["at"]))


def _relative_day(value: date, *, item: Item, start: date) -> int:
    # A moment counts by the date on the clock of its own zone.
    return study_day(value.date() if isinstance(value, datetime) else value, start)


def _hour(value: time | datetime, *, item: Item, start: date) -> int:
    return value.hour


def _map(value: Any, *, item: Item, start: date) -> str | tuple[str, ...]:
    parameters = item.release.parameters
    if isinstance(value, str):
        broad: str = parameters["of"][value]
        return broad
    found = {parameters["of"][code] for code in value if code != NONE}
    return tuple(code for code in parameters["choices"] if code in found)


def _shorten(value: str, *, item: Item, start: date) -> str:
    return value[: item.release.parameters["length"]]


def _count(value: Sequence[Any], *, item: Item, start: date) -> int:
    return sum(one != NONE for one in value)


def _codes_of(value: Sequence[Mapping[str, Any]], *, item: Item, start: date) -> tuple[str, ...] | None:
    # Rows in which the question was left open say nothing; if it was left open in all of them, nothing is known.
    name = item.release.parameters["item"]
    found = {row[name] for row in value if name in row}
    return tuple(code for code in item.items[name].choices if code in found) or None


# Kinds that are released as another kind, and as which.
RELEASED_AS = {
    "analogue": "integer", "duration": "integer", "computed": "decimal", "score": "decimal", "body_map": SET,
}  # fmt: skip


def _own_kind(item: Item) -> str:
    return RELEASED_AS.get(item.kind, item.kind)


def _own_column(item: Item) -> str:
    return "bool" if _own_kind(item) == SET else KINDS[item.kind].column


def _own_choices(item: Item) -> Mapping[str, str]:
    return item.choices


def _mapped(item: Item) -> str:
    broad, of = item.release.parameters["choices"], item.release.parameters["of"]
    texts = {code: [item.choices[one] for one, other in of.items() if other == code] for code in broad}
    return "released in broader choices: " + "; ".join(f"{broad[code]} ({', '.join(texts[code])})" for code in broad)


def _at(item: Item) -> str:
    unit = f" {item.unit}" if item.unit else ""
    return f"{amount(item.release.parameters['at'], item)}{unit}"


_ALL = (
    Treatment(
        name="keep", words="as it is", apply=_keep, column=_own_column, kind=_own_kind,
        choices=_own_choices, limits=_own_limits, unit=_own_unit,
        describe=lambda item: "released as given",
    ),
    Treatment(
        name="drop", words="never", apply=_drop, column=lambda item: None, kind=lambda item: None,
        describe=lambda item: "never released",
    ),
    Treatment(
        name="band", words="in bands", takes="edges", apply=_band,
        column=lambda item: "string", kind=lambda item: "choice", unit=_own_unit,
        choices=lambda item: {label: label for label in released_bands(item)},
        describe=lambda item: "released in bands: " + ", ".join(released_bands(item)),
    ),
    Treatment(
        name="top_code", words="cut at the top", takes="at", apply=_top_code, column=_own_column, kind=_own_kind,
        limits=lambda item: (item.minimum, item.release.parameters["at"]), unit=_own_unit,  # type: ignore[return-value, arg-type]
        describe=lambda item: f"released up to {_at(item)}; what is above counts as that",
    ),
    Treatment(
        name="bottom_code", words="cut at the bottom", takes="at", apply=_bottom_code,
        column=_own_column, kind=_own_kind,
        limits=lambda item: (item.release.parameters["at"], item.maximum), unit=_own_unit,  # type: ignore[return-value, arg-type]
        describe=lambda item: f"released from {_at(item)} on; what is below counts as that",
    ),
    Treatment(
        name="relative_day", words="as study day", apply=_relative_day,
        column=lambda item: "int32", kind=lambda item: "integer", unit=lambda item: "study day",
        describe=lambda item: "released as study day, 1 being the day of consent; never as a date",
    ),
    Treatment(
        name="hour", words="as the hour", apply=_hour, column=lambda item: "int8", kind=lambda item: "integer",
        limits=lambda item: (0, 23), unit=lambda item: "hour",
        describe=lambda item: "released as the full hour, 0 to 23",
    ),
    Treatment(
        name="map", words="as a broader choice", takes="groups", apply=_map,
        column=_own_column, kind=_own_kind, choices=lambda item: item.release.parameters["choices"], describe=_mapped,
    ),
    Treatment(
        name="shorten", words="as a shorter code", takes="length", apply=_shorten,
        column=_own_column, kind=_own_kind, choices=shortened,
        describe=lambda item: f"released as the first {item.release.parameters['length']} characters of the code",
    ),
    Treatment(
        name="count", words="as how many", apply=_count, column=lambda item: "int32", kind=lambda item: "integer",
        limits=lambda item: (0, item.at_most or len(item.choices)),
        describe=lambda item: "released as how many there are, never which",
    ),
    Treatment(
        name="codes_of", words="as the codes in one of its questions", takes="item", apply=_codes_of,
        column=lambda item: "bool", kind=lambda item: SET,
        choices=lambda item: item.items[item.release.parameters["item"]].choices,
        describe=lambda item: f"of its rows only this is released: {item.items[item.release.parameters['item']].ask}",
    ),
)  # fmt: skip

TREATMENTS: Mapping[str, Treatment] = MappingProxyType({treatment.name: treatment for treatment in _ALL})
