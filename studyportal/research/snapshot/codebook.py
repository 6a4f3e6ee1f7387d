"""Read the released view of a protocol, which every snapshot carries, into values. Nothing identified is in it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from studyportal.research.disclosure import Protection
from studyportal.research.disclosure.protection import LEAST_NOISE
from studyportal.web.words import number

NUMBERS = frozenset({"rating", "integer", "decimal"})
KINDS = NUMBERS | {"yes_no", "choice"}
# What is answered on demand counts so often in a week.
MOST_ON_DEMAND = 14
YES_NO = MappingProxyType({"yes": "Yes", "no": "No"})
# What kinds look like in words, for people who read the codebook.
WORDS = {
    "rating": "number from 0 to 10",
    "integer": "whole number",
    "decimal": "number",
    "yes_no": "yes or no",
    "choice": "one of several",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedItem:
    """One item as it is released: `kind`, limits and choices are those after treatment.

    `asked` is the question that an approval names: that of the item, or the one that several columns share.
    One of the columns of a set of codes has the `question` that they share and its own `label` ("" for others).
    `cutoffs` are the published words for a score from a value on. `notes` are sentences on where the answer is from.
    """

    instrument: str
    name: str
    asked: str
    ask: str
    kind: str
    treatment: str
    treated: str
    quasi_identifier: bool
    choices: Mapping[str, str]
    minimum: float | None
    maximum: float | None
    unit: str
    low: str
    high: str
    question: str
    label: str
    cutoffs: tuple[tuple[float, str], ...]
    notes: tuple[str, ...]

    @property
    def address(self) -> str:
        """How the item is called in a criterion and in a release: instrument and item."""
        return f"{self.instrument}.{self.name}"

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS

    @property
    def is_reason(self) -> bool:
        """Whether it is the column that says why there is no answer: nearly everybody has none, and that is no gap."""
        return self.name.endswith("__missing")

    @property
    def is_day(self) -> bool:
        """Whether it is a date that became a study day, and so has no limits of its own."""
        return self.treatment == "relative_day"

    @property
    def scale(self) -> str:
        """The limits and unit of a number, in words; empty for what is no number."""
        if self.low:
            return f"{number(self.minimum)} {self.low}, {number(self.maximum)} {self.high}"
        limits = "" if self.minimum is None else f"{number(self.minimum)} to {number(self.maximum)}"
        return f"{limits} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class Rhythm:
    """On which study days an instrument is due: every `step` days from `first` on, up to `last` if it ends."""

    first: int
    step: int
    last: int | None

    def due_by(self, day: int) -> int:
        """How many occasions there are up to a study day, this day included."""
        until = day if self.last is None else min(day, self.last)
        return max(0, (until - self.first) // self.step + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedInstrument:
    """Items asked together: once in all, on demand, or again and again as `schedule` says.

    `rhythm` counts its occasions, if it comes every so many days; in months, their days depend on the start.
    """

    name: str
    title: str
    is_once: bool
    is_on_demand: bool
    schedule: str
    rhythm: Rhythm | None
    items: tuple[ReleasedItem, ...]

    @property
    def most_in_a_week(self) -> int:
        """How many answers of one person count in a week: those that were due, or two a day where nobody says when."""
        return MOST_ON_DEMAND if self.rhythm is None else -(-7 // self.rhythm.step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Codebook:
    """What a snapshot holds, in the study's own words, and how strictly its numbers are protected: those of cells, and
    how many people look alike in a data set that leaves."""

    code: str
    title: str
    version: str
    protection: Protection
    release_threshold: int
    instruments: tuple[ReleasedInstrument, ...]

    @property
    def items(self) -> Mapping[str, ReleasedItem]:
        """Every item by its address, in the protocol's order."""
        return {item.address: item for instrument in self.instruments for item in instrument.items}

    def limited_to(self, questions: Collection[str]) -> "Codebook":
        """The same with these questions alone; an instrument of which none is left is not in it."""
        cut = (
            replace(one, items=tuple(item for item in one.items if item.asked in questions)) for one in self.instruments
        )
        return replace(self, instruments=tuple(one for one in cut if one.items))


def phrase(ask: str, rest: str, *, between: str = ", ") -> str:
    """A question and what is said of it as one line: "Sex, by week", but "Do you smoke? By week"."""
    if ask[-1:] in ".?!":
        return f"{ask} {rest[:1].upper()}{rest[1:]}"
    return f"{ask}{between}{rest}"


def read_codebook(released: Mapping[str, Any]) -> Codebook:
    """The codebook in a released view (`protocol.released`); raises `KeyError` or `ValueError` for another shape."""
    study, disclosure = released["study"], released["disclosure"]
    return Codebook(
        code=study["code"],
        title=study["title"],
        version=study["version"],
        protection=Protection(
            threshold=disclosure["threshold"],
            rounding=disclosure["rounding"],
            # A snapshot can be older than the least that is safe today.
            noise=max(disclosure["noise"], LEAST_NOISE),
            project_ledger=disclosure["ledger"],
            study_ledger=disclosure["ledger_of_all"],
        ),
        release_threshold=disclosure["release"],
        instruments=tuple(_instrument(name, view) for name, view in released["instruments"].items()),
    )


def _instrument(name: str, view: Mapping[str, Any]) -> ReleasedInstrument:
    return ReleasedInstrument(
        name=name,
        title=view["title"],
        is_once=view["schedule"]["once"],
        is_on_demand=view["schedule"]["on_demand"],
        schedule=view["schedule"]["description"],
        rhythm=_rhythm(view["schedule"]),
        items=tuple(_item(name, item, one) for item, one in view["items"].items()),
    )


def _rhythm(schedule: Mapping[str, Any]) -> Rhythm | None:
    if schedule["form"] != "every":
        return None
    return Rhythm(schedule["first_day"], schedule["every_days"], schedule["last_day"])


def _item(instrument: str, name: str, view: Mapping[str, Any]) -> ReleasedItem:
    if view["kind"] not in KINDS:
        raise ValueError("a released item has a kind that is never released")
    choices = YES_NO if view["kind"] == "yes_no" else view.get("choices", {})
    return ReleasedItem(
        instrument=instrument,
        name=name,
        asked=f"{instrument}.{view['item']}",
        ask=view["ask"],
        kind=view["kind"],
        treatment=view["treatment"],
        treated=view["treated"],
        quasi_identifier=view["quasi_identifier"],
        choices=MappingProxyType(dict(choices)),
        minimum=view.get("minimum"),
        maximum=view.get("maximum"),
        unit=view.get("unit", ""),
        low=view.get("low", ""),
        high=view.get("high", ""),
        question=view.get("question", ""),
        label=view.get("label", ""),
        cutoffs=tuple((least, words) for least, words in view.get("cutoffs", ())),
        notes=tuple(_notes(view)),
    )


def _notes(view: Mapping[str, Any]) -> Iterator[str]:
    if "asked_when" in view:
        yield f"Asked if {view['asked_when']}."
    if "formula" in view:
        yield f"Worked out as {view['formula']}."
    if "score" in view:
        yield f"Score: {view['score']}. {view['incomplete']} {view['source']}."
    if view.get("cutoffs"):
        yield f"Published words: {'; '.join(f'from {number(least)} {words}' for least, words in view['cutoffs'])}."
    yield from view.get("history", ())
