"""Write the answers of an entry back into the fields of its form, so that one can be put right. The inverse of `sent`.

What is worked out is left out: it is worked out again.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from studyportal.protocol import KINDS, Instrument, Item
from studyportal.web.questions import REASON

MINUTES_OF_AN_HOUR = 60
Pairs = Iterator[tuple[str, str]]


def _line(item: Item, answer: Any) -> Pairs:
    yield item.name, str(answer)


def _yes_no(item: Item, answer: Any) -> Pairs:
    yield item.name, "yes" if answer else "no"


def _number(item: Item, answer: Any) -> Pairs:
    # 4.0 was typed as 4; the longest number that was typed stays as long.
    yield item.name, repr(answer).removesuffix(".0")


def _list(item: Item, answer: Any) -> Pairs:
    for code in answer:
        yield item.name, str(code)


def _moment(item: Item, answer: Any) -> Pairs:
    # By the clock of its own zone, without the offset: the form asks for it so.
    yield item.name, str(answer)[:16]


def _duration(item: Item, answer: Any) -> Pairs:
    hours, minutes = divmod(int(answer), MINUTES_OF_AN_HOUR)
    yield f"{item.name}-hours", str(hours)
    yield f"{item.name}-minutes", str(minutes)


def _rows(item: Item, answer: Any) -> Pairs:
    for number, row in enumerate(answer):
        for name, one in row.items():
            for field, value in FILLS[KINDS[item.items[name].kind].form_field](item.items[name], one):
                yield f"{item.name}-{number}-{field}", value


def _nothing(item: Item, answer: Any) -> Pairs:
    return iter(())


# How each `form_field` of the protocol's kinds is filled; tests/web/test_filling.py checks that none is missing.
FILLS: Mapping[str, Callable[[Item, Any], Pairs]] = {
    "analogue": _line,
    "body_map": _list,
    "choice": _line,
    "choices": _list,
    "date": _line,
    "date_time": _moment,
    "decimal": _number,
    "duration": _duration,
    "explanation": _nothing,
    "group": _rows,
    "heading": _nothing,
    "integer": _line,
    "notes": _line,
    "nothing": _nothing,
    "scale": _line,
    "text": _line,
    "time": _line,
    "yes_no": _yes_no,
}


def filled_fields(
    instrument: Instrument, answers: Mapping[str, Any], missing: Mapping[str, str]
) -> MultiDict[str, str]:
    """The fields of the form of an instrument with these answers (as an entry keeps them) and reasons for none."""
    fields: MultiDict[str, str] = MultiDict()
    for name, item in instrument.items.items():
        if name in answers:
            for field, value in FILLS[KINDS[item.kind].form_field](item, answers[name]):
                fields.add(field, value)
        if name in missing:
            fields.add(name, REASON + missing[name])
    return fields
