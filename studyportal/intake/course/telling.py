"""Write answers in the words in which they were asked. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from studyportal.protocol import DiaryEntry, Instrument, Item
from studyportal.web.words import day, number

Wire = bool | int | float | str


def _number(item: Item, answer: Wire) -> str:
    shown = number(answer) if isinstance(answer, float) else answer
    return f"{shown} {item.unit}".strip()


# How an answer of each kind is told; tests/intake/test_course.py checks that every kind has its line.
TELL: Mapping[str, Callable[[Item, Wire], str]] = {
    "choice": lambda item, answer: item.choices.get(str(answer), str(answer)),
    "date": lambda item, answer: day(date.fromisoformat(str(answer))),
    "decimal": _number,
    "integer": _number,
    "notes": lambda item, answer: str(answer),
    "rating": lambda item, answer: f"{answer} of 10",
    "time": lambda item, answer: str(answer),
    "yes_no": lambda item, answer: "Yes" if answer else "No",
}


def told(entry: DiaryEntry, instrument: Instrument | None) -> Sequence[tuple[str, str]]:
    """Questions and answers in the order of the instrument; what the protocol no longer asks comes last, as written."""
    items = instrument.items if instrument else {}
    lines = [
        (item.ask, TELL[item.kind](item, entry.answers[name])) for name, item in items.items() if name in entry.answers
    ]
    return lines + [(name, str(answer)) for name, answer in entry.answers.items() if name not in items]
