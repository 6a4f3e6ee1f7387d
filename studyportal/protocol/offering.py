"""Say which questions of a study a researcher can ask for, in the study's own words.

One line per question, however many columns its release has; a question that is dropped has none. What is asked for,
granted and refused is the name of a question: instrument and item, joined by a point.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from studyportal.protocol.document import Protocol
from studyportal.protocol.released import released


@dataclass(frozen=True, slots=True)
class Question:
    """One question that is released. `name` is what a grant calls it, `title` that of its instrument."""

    name: str
    title: str
    ask: str
    treated: str
    quasi_identifier: bool


def questions(view: Mapping[str, Any]) -> Mapping[str, Question]:
    """The questions of a released view by name, in the study's order."""
    found: dict[str, Question] = {}
    for instrument, shown in view["instruments"].items():
        for column, one in shown["items"].items():
            name = f"{instrument}.{one['item']}"
            if name not in found or column == one["item"]:
                ask = one.get("question", one["ask"])
                found[name] = Question(name, shown["title"], ask, one["treated"], one["quasi_identifier"])
    return MappingProxyType(found)


@lru_cache(maxsize=8)
def offered_questions(protocol: Protocol) -> Mapping[str, Question]:
    """The same of a study document."""
    return questions(released(protocol))


def by_instrument(names: Iterable[str], known: Mapping[str, Question]) -> list[tuple[str, list[Question]]]:
    """These questions in the study's order, under the titles of their instruments; unknown names are left out."""
    wanted, found = set(names), {}
    for name, question in known.items():
        if name in wanted:
            found.setdefault((name.split(".", 1)[0], question.title), []).append(question)
    return [(title, asked) for (_, title), asked in found.items()]
