"""Hold what a document tells a treatment against the item it stands at: limits, codes, questions of a group.

The reader of documents reads the shape of what is written (`Treatment.takes` names it); here it becomes the
parameters that the treatment works with, or one sentence for the person who writes the document. Nothing is filled
in: a code that the document leaves out of a map is a mistake, not a missing value.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from studyportal.protocol.items import Item, Release
from studyportal.protocol.kinds import KINDS
from studyportal.protocol.treatments import TREATMENTS, band_labels, shortened

Groups = Mapping[str, tuple[str, Sequence[str]]]  # broader code -> its text ("" if none was written), and its codes

BROADER_CODE = re.compile(r"[A-Za-z0-9._+-]{1,40}")
RESERVED = frozenset({"none", "missing"})


class Unsettled(ValueError):
    """A release does not fit its item; the text is the sentence for the document."""


def settled(treatment: str, given: Any, item: Item) -> Release:
    """The release of `item` by this treatment, `given` what was written for it (None if it takes nothing).

    `item` is complete but for the parameters of its release. Raises `Unsettled`, also for what its kind does not allow.
    """
    allowed = KINDS[item.kind].may_release
    if treatment not in allowed:
        why = "Free text can only be dropped" if allowed == ("drop",) else f"A {item.kind} cannot be released so"
        raise Unsettled(f"{why}. Write {_words(allowed)}.")
    takes = TREATMENTS[treatment].takes
    if takes is None:
        return Release(treatment)
    return Release(treatment, MappingProxyType(SETTLE[takes](given, item, treatment)))


def _edges(edges: tuple[int | float, ...], item: Item, treatment: str) -> dict[str, Any]:
    _within(edges, item)
    if any(low >= high for low, high in pairwise(edges)) or edges == (item.minimum,):
        raise Unsettled("Write where each band begins, in increasing order, and at least two bands.")
    return {"edges": edges, "labels": band_labels(edges, item)}


def _at(at: float, item: Item, treatment: str) -> dict[str, Any]:
    _within((at,), item)
    return {"at": at}


def _within(numbers: Sequence[int | float], item: Item) -> None:
    least, most = item.minimum, item.maximum
    if KINDS[item.kind].wire is int and any(type(number) is not int for number in numbers):
        raise Unsettled("Answers are whole numbers here, so write whole numbers.")
    if least is None or most is None or not all(least <= number <= most for number in numbers):
        raise Unsettled(f"Every number must lie between the limits of the question, {least} and {most}.")


def _groups(groups: Groups, item: Item, treatment: str) -> dict[str, Any]:
    of: dict[str, str] = {}
    for broad, (_, codes) in groups.items():
        if not BROADER_CODE.fullmatch(broad) or broad in RESERVED:
            raise Unsettled(
                "A broader code holds letters, digits and . _ + - only (at most 40), and is not none or missing."
            )
        for code in codes:
            if code not in item.choices:
                raise Unsettled(f"{broad} names {code}, which is not among the choices of this question.")
            if code in of:
                raise Unsettled(f"{code} stands in {of[code]} and in {broad}. Every choice goes to one broader choice.")
            of[code] = broad
    if forgotten := [code for code in item.choices if code not in of]:
        raise Unsettled(f"Say where {_words(forgotten, 'and')} goes: every choice needs a broader one.")
    if empty := [broad for broad in groups if broad not in of.values()]:
        raise Unsettled(f"Nothing goes to {_words(empty, 'and')}. Name its choices or remove it.")
    labels = {broad: text or _label(broad, item) for broad, (text, _) in groups.items()}
    if len(set(labels.values())) < len(labels):
        raise Unsettled("Two broader choices have the same text. Nobody could tell them apart.")
    return {
        "choices": MappingProxyType(labels),
        "of": MappingProxyType({code: of[code] for code in item.choices}),
    }


def _label(broad: str, item: Item) -> str:
    words = broad.replace("_", " ").strip() or broad
    return item.choices.get(broad) or words[:1].upper() + words[1:]


def _length(length: int, item: Item, treatment: str) -> dict[str, Any]:
    if not 1 <= length < max(map(len, item.choices)):
        raise Unsettled(
            "Write how many characters of the code are released: at least 1, and fewer than the longest has."
        )
    shorter = shortened(replace(item, release=Release(treatment, {"length": length})))
    if len(set(shorter.values())) < len(shorter):
        raise Unsettled("Shortened so, two codes would have the same text. Write another length.")
    return {"length": length}


def _item(name: str, item: Item, treatment: str) -> dict[str, Any]:
    fitting = [one.name for one in item.items.values() if one.kind == "choice"]
    if name not in fitting:
        if not fitting:
            raise Unsettled("None of the questions of this group is a choice. Write drop or count.")
        raise Unsettled(f"Name a question of this group whose kind is choice: {_words(fitting)}.")
    return {"item": name}


def _words(names: Sequence[str], last_word: str = "or") -> str:
    *first, last = names
    return f"{', '.join(first)} {last_word} {last}" if first else last


# How what is written for each shape becomes parameters.
SETTLE: Mapping[str, Callable[[Any, Item, str], dict[str, Any]]] = MappingProxyType(
    {"at": _at, "edges": _edges, "groups": _groups, "item": _item, "length": _length}
)
