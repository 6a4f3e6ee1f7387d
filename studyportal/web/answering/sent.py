"""Read what a form sent into raw answers and reasons, item by item. What an answer means is for the protocol to parse.

A reason stands in the place of an answer (`~not_said` under the item's own name), so that it needs no script; sent
together with an answer, it is a problem. Fields that no item asks for go on to the protocol, which refuses them.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from werkzeug.datastructures import MultiDict

from studyportal.protocol import KINDS, Instrument, InvalidAnswers, Item
from studyportal.saying import said
from studyportal.web.questions import REASON, sent_rows
from studyportal.web.words import decimal_sign

BOTH = said("Give an answer or the reason for none, not both.")

Fields = MultiDict[str, str]


class Sent(NamedTuple):
    """What a form said: raw answers by item, and reasons for none by item."""

    answers: Mapping[str, object]
    missing: Mapping[str, str]


def _line(item: Item, fields: Fields) -> object:
    values = _values(item, fields)
    return values[0] if len(values) < 2 and values else values or None


def _decimal(item: Item, fields: Fields) -> object:
    """A number as the language of the page writes it: its keyboard on a phone may have no point."""
    found = _line(item, fields)
    sign = decimal_sign()
    return found.replace(sign, ".") if isinstance(found, str) and sign != "." and "." not in found else found


def _list(item: Item, fields: Fields) -> object:
    return _values(item, fields) or None


def _duration(item: Item, fields: Fields) -> object:
    hours, minutes = (fields.get(f"{item.name}-{part}", "").strip() for part in ("hours", "minutes"))
    # Minutes alone may be more than an hour has.
    return f"{hours}:{minutes.zfill(2)}" if hours else minutes or None


def _rows(item: Item, fields: Fields) -> object:
    return [_row(item, row) for row in sent_rows(item.name, fields)] or None


def _row(group: Item, row: Fields) -> Mapping[str, object]:
    found = {name: read(one, row) for name, one in group.items.items()}
    return {name: value for name, value in found.items() if value is not None}


def _nothing(item: Item, fields: Fields) -> None:
    return None


def _values(item: Item, fields: Fields) -> list[str]:
    return [one for one in fields.getlist(item.name) if one.strip() and not _reason(item, one)]


def _reason(item: Item, value: str) -> str | None:
    return value[1:] if value.startswith(REASON) and value[1:] in item.missing else None


# How each `form_field` of the protocol's kinds arrives; what is not here is one value under the item's name.
ARRIVES: Mapping[str, Callable[[Item, Fields], object]] = {
    "body_map": _list,
    "choices": _list,
    "decimal": _decimal,
    "duration": _duration,
    "explanation": _nothing,
    "group": _rows,
    "heading": _nothing,
    "nothing": _nothing,
}


def read(item: Item, fields: Fields) -> object:
    """The raw answer to one item; None if there is none."""
    return ARRIVES.get(KINDS[item.kind].form_field, _line)(item, fields)


def is_blank(item: Item, fields: Fields) -> bool:
    """Whether nothing stands there yet, neither an answer nor a reason for none."""
    return read(item, fields) is None and not any(_reason(item, value) for value in fields.getlist(item.name))


def read_form(instrument: Instrument, fields: Fields) -> Sent:
    """The raw answers and reasons in the fields of a form. Raises `InvalidAnswers` where both were given."""
    answers = {name: read(item, fields) for name, item in instrument.items.items()}
    answers = {name: value for name, value in answers.items() if value is not None}
    reasons = {
        name: [found for value in fields.getlist(name) if (found := _reason(item, value))]
        for name, item in instrument.items.items()
    }
    missing = {name: found[0] for name, found in reasons.items() if found}
    if problems := {name: BOTH for name, found in reasons.items() if found and (name in answers or len(found) > 1)}:
        raise InvalidAnswers(problems)
    return Sent(answers | _unknown(instrument, fields), missing)


_PART = re.compile(r"-(?:hours|minutes|[0-9]{1,4}-[a-z][a-z0-9_-]{0,50})")


def _unknown(instrument: Instrument, fields: Fields) -> Mapping[str, object]:
    """Fields that no item has, which the protocol shall refuse; parts of an item's answer are its own."""
    return {
        field: fields[field]
        for field in fields
        if field not in instrument.items
        and not any(field.startswith(name) and _PART.fullmatch(field, len(name)) for name in instrument.items)
    }
