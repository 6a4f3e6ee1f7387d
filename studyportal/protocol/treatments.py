"""Know every treatment: what release does to an answer, and what is then left of it.

One row per treatment. `apply` takes a checked value and gives the released one, or None for nothing. A treatment
that a kind does not allow is refused when the document is read, never here, and never skipped.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from types import MappingProxyType

from studyportal.protocol.items import Item
from studyportal.protocol.kinds import KINDS, Value
from studyportal.protocol.schedules import study_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """A way of releasing an answer.

    `apply(value, item=, start=)`: `start` is the participant's first study day. `column(item)` is the type of the
    released column and `kind(item)` the kind of what is released (None: nothing is). `takes` names the parameter
    written in the document: "edges" (increasing numbers), "at" (a number) or None.
    """

    name: str
    words: str
    apply: Callable[..., Value | None]
    column: Callable[[Item], str | None]
    kind: Callable[[Item], str | None]
    describe: Callable[[Item], str]
    takes: str | None = None


def band_labels(edges: Sequence[int | float], item: Item) -> tuple[str, ...]:
    """The names of the bands that `edges` cut an item's range into, lowest first: "under 18", "18-29", "30 and over"."""
    whole = item.kind != "decimal"
    inner = [
        (f"{low}-{high - 1}" if high - 1 > low else f"{low}") if whole else f"{low} to under {high}"
        for low, high in pairwise(edges)
    ]
    return (f"under {edges[0]}", *inner, f"{edges[-1]} and over")


def released_bands(item: Item) -> tuple[str, ...]:
    """The bands that can occur: without "under ..." if the first edge is the smallest answer."""
    labels: tuple[str, ...] = item.release.parameters["labels"]
    return labels[1:] if item.release.parameters["edges"][0] == item.minimum else labels


def _keep(value: Value, *, item: Item, start: date) -> Value:
    return value


def _drop(value: Value, *, item: Item, start: date) -> None:
    return None


def _band(value: float, *, item: Item, start: date) -> str:
    parameters = item.release.parameters
    return parameters["labels"][bisect_right(parameters["edges"], value)]


def _top_code(value: float, *, item: Item, start: date) -> int | float:
    return min(value, item.release.parameters["at"])


def _relative_day(value: date, *, item: Item, start: date) -> int:
    return study_day(value, start)


def _hour(value: time, *, item: Item, start: date) -> int:
    return value.hour


def _own_column(item: Item) -> str:
    return KINDS[item.kind].column


def _own_kind(item: Item) -> str:
    return item.kind


_ALL = (
    Treatment(
        name="keep", words="as it is", apply=_keep, column=_own_column, kind=_own_kind,
        describe=lambda item: "released as given",
    ),
    Treatment(
        name="drop", words="never", apply=_drop, column=lambda item: None, kind=lambda item: None,
        describe=lambda item: "never released",
    ),
    Treatment(
        name="band", words="in bands", takes="edges", apply=_band,
        column=lambda item: "string", kind=lambda item: "choice",
        describe=lambda item: "released in bands: " + ", ".join(released_bands(item)),
    ),
    Treatment(
        name="top_code", words="cut at the top", takes="at", apply=_top_code, column=_own_column, kind=_own_kind,
        describe=lambda item: f"released up to {item.release.parameters['at']}; what is above counts as that",
    ),
    Treatment(
        name="relative_day", words="as study day", apply=_relative_day,
        column=lambda item: "int32", kind=lambda item: "integer",
        describe=lambda item: "released as study day, 1 being the day of consent; never as a date",
    ),
    Treatment(
        name="hour", words="as the hour", apply=_hour, column=lambda item: "int8", kind=lambda item: "integer",
        describe=lambda item: "released as the full hour, 0 to 23",
    ),
)  # fmt: skip

TREATMENTS: Mapping[str, Treatment] = MappingProxyType({treatment.name: treatment for treatment in _ALL})
