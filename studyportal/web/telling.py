"""Write answers in the words in which they were asked, and reasons for none in theirs. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from studyportal.protocol import DiaryEntry, Instrument, Item
from studyportal.protocol.scores import label_of
from studyportal.saying import said, said_together
from studyportal.web.words import day, number

Wire = Any  # the JSON value of an answer; which one, its kind knows

MINUTES_OF_AN_HOUR = 60


def _number(item: Item, answer: Wire) -> str:
    shown = number(answer) if isinstance(answer, float) else answer
    return f"{shown} {item.unit}".strip()


def _code(item: Item, code: str) -> str:
    return item.choices.get(code) or (item.none if code == "none" and item.none else code)


def _codes(item: Item, answer: Wire) -> str:
    return ", ".join(_code(item, str(code)) for code in answer)


def _regions(item: Item, answer: Wire) -> str:
    return item.none or said("Nowhere") if answer == ["none"] else _codes(item, answer)


def _duration(item: Item, answer: Wire) -> str:
    hours, minutes = divmod(int(answer), MINUTES_OF_AN_HOUR)
    return " ".join(f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min")) if count) or "0 min"


def _moment(item: Item, answer: Wire) -> str:
    written, _, zone = str(answer).rstrip("]").partition("[")
    local = datetime.fromisoformat(written)
    return f"{day(local)}, {local:%H:%M} ({zone.replace('_', ' ')})"


def _rows(item: Item, answer: Wire) -> str:
    return said_together((_row(item, row) for row in answer), "\n")


def _row(group: Item, row: Mapping[str, Wire]) -> str:
    asked = [(one, row[name]) for name, one in group.items.items() if name in row]
    told_of = ((f"{one.ask}{'' if one.ask.endswith('?') else ':'}", TELL[one.kind](one, given)) for one, given in asked)
    return said_together((said_together(line, " ") for line in told_of), "; ")


def _score(item: Item, answer: Wire) -> str:
    label = label_of(item.score, answer)
    words = {"score": _rounded(answer), "most": number(float(item.maximum)), "label": label}  # type: ignore[arg-type]
    return said("%(score)s of %(most)s: %(label)s", **words) if label else said("%(score)s of %(most)s", **words)


def _computed(item: Item, answer: Wire) -> str:
    return f"{_rounded(answer)} {item.unit}".strip()


def _rounded(answer: Wire) -> str:
    # What is worked out may have no end of decimals; the file to download has them all.
    return number(round(float(answer), 2))


def _as_written(item: Item, answer: Wire) -> str:
    return str(answer)


# How an answer of each kind is told; tests/intake/test_course.py checks that every kind has its line.
TELL: Mapping[str, Callable[[Item, Wire], str]] = {
    "analogue": lambda item, answer: said("%(score)s of %(most)s", score=answer, most=item.maximum),
    "body_map": _regions,
    "choice": lambda item, answer: _code(item, str(answer)),
    "choices": _codes,
    "computed": _computed,
    "date": lambda item, answer: day(date.fromisoformat(str(answer))),
    "date_time": _moment,
    "decimal": _number,
    "duration": _duration,
    "explanation": _as_written,
    "group": _rows,
    "heading": _as_written,
    "integer": _number,
    "notes": _as_written,
    "rating": lambda item, answer: said("%(score)s of %(most)s", score=answer, most=10),
    "score": _score,
    "text": _as_written,
    "time": _as_written,
    "yes_no": lambda item, answer: said("Yes") if answer else said("No"),
}


def told(entry: DiaryEntry, instrument: Instrument | None) -> Sequence[tuple[str, str]]:
    """Questions and answers in the order of the instrument; what the protocol no longer asks comes last, as written."""
    items = instrument.items if instrument else {}
    lines = [(item.ask, _told(item, entry)) for name, item in items.items() if name in entry.answers | entry.missing]
    rest = (entry.answers | entry.missing).items()
    return lines + [(name, str(answer)) for name, answer in rest if name not in items]


def _told(item: Item, entry: DiaryEntry) -> str:
    if item.name in entry.answers:
        return TELL[item.kind](item, entry.answers[item.name])
    reason = entry.missing[item.name]
    return item.missing.get(reason, reason)
