"""Know every kind of question: how an answer is read, checked, described, written and kept in a column.

One row per kind. A raw answer is what a form or an app sends (text, number, true or false); what comes out is a
Python value or `Unacceptable` with a sentence for the participant. Nothing is guessed or rounded, and no sentence
repeats the answer.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from types import MappingProxyType

from studyportal.protocol.items import Item

Value = int | float | bool | str | date | time
Wire = int | float | bool | str

WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)  # catches a slip of the year; no study lies outside


class Unacceptable(ValueError):
    """One raw answer cannot be taken; the text is the sentence to show beside the question."""


def _same(value: Value) -> Wire:
    return value  # type: ignore[return-value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of question.

    `parse(item, raw)` gives the value; `to_wire` and `from_wire` go between the value and its JSON form, and
    `to_column` and `from_column` between the JSON form and the cell of an Arrow column of type `column`.
    """

    name: str
    words: str
    parse: Callable[[Item, object], Value]
    describe: Callable[[Item], str]
    wire: type
    column: str
    form_field: str
    may_release: tuple[str, ...]
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    to_wire: Callable[[Value], Wire] = _same
    from_wire: Callable[[Wire], Value] = _same
    to_column: Callable[[Wire], object] = _same
    from_column: Callable[[object], Wire] = _same


def _whole(item: Item, raw: object) -> int:
    if type(raw) is str and WHOLE.fullmatch(text := raw.strip()):
        raw = int(text)
    if type(raw) is not int or not item.minimum <= raw <= item.maximum:
        raise Unacceptable(f"Give a whole number from {item.minimum} to {item.maximum}.")
    return raw


def _rating(item: Item, raw: object) -> int:
    try:
        return _whole(item, raw)
    except Unacceptable:
        raise Unacceptable(f"Choose a number from {item.minimum} to {item.maximum}.") from None


def _decimal(item: Item, raw: object) -> float:
    if type(raw) is str and DECIMAL.fullmatch(text := raw.strip()):
        raw = float(text)
    # Compared before it becomes a float: a huge whole number has none, and NaN is in no range.
    if type(raw) not in (int, float) or not item.minimum <= raw <= item.maximum:
        raise Unacceptable(
            f"Give a number from {item.minimum} to {item.maximum}, with a point for decimals, as in 2.5."
        )
    return float(raw) + 0.0  # minus zero becomes zero


YES_NO = {"yes": True, "no": False}


def _yes_no(item: Item, raw: object) -> bool:
    answer = raw if type(raw) is bool else YES_NO.get(raw.strip()) if type(raw) is str else None
    if answer is None:
        raise Unacceptable("Choose yes or no.")
    return answer


def _choice(item: Item, raw: object) -> str:
    if type(raw) is not str or raw not in item.choices:
        raise Unacceptable("Choose one of the answers offered.")
    return raw


def _date(item: Item, raw: object) -> date:
    if type(raw) is str and DATE.fullmatch(text := raw.strip()):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise Unacceptable("This day is not in the calendar.") from None
        if EARLIEST <= day <= LATEST:
            return day
    raise Unacceptable("Give a date as year-month-day, as in 2026-03-31.")


def _time(item: Item, raw: object) -> time:
    if type(raw) is not str or not TIME.fullmatch(text := raw.strip()):
        raise Unacceptable("Give a time from 00:00 to 23:59, as in 21:40.")
    return time(int(text[:2]), int(text[3:]))


def _notes(item: Item, raw: object) -> str:
    if type(raw) is not str:
        raise Unacceptable("Write this as text.")
    if len(raw) > 8 * item.max_length:  # normalising shortens a text by a small factor only; a flood is not worth it
        raise Unacceptable(f"Shorten this to {item.max_length} characters.")
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t" for sign in text):
        raise Unacceptable("There is a character in this text that cannot be kept. Delete it or write the text again.")
    if len(text) > item.max_length:
        raise Unacceptable(f"Shorten this to {item.max_length} characters; it has {len(text)}.")
    return text


def _describe_number(item: Item) -> str:
    what = "A whole number" if item.kind == "integer" else "A number"
    return f"{what} from {item.minimum} to {item.maximum}{' ' + item.unit if item.unit else ''}"


NUMBERS = ("keep", "drop", "band", "top_code")

_ALL = (
    Kind(
        name="rating", words="a number from 0 to 10", wire=int, column="int8", form_field="scale",
        parse=_rating, may_release=("keep", "drop", "band"), needs=("low", "high"),
        describe=lambda item: f"A number from 0 ({item.low}) to 10 ({item.high})",
    ),
    Kind(
        name="integer", words="a whole number", wire=int, column="int64", form_field="integer",
        parse=_whole, may_release=NUMBERS, needs=("minimum", "maximum"), takes=("unit",), describe=_describe_number,
    ),
    Kind(
        name="decimal", words="a number with decimals", wire=float, column="float64", form_field="decimal",
        parse=_decimal, may_release=NUMBERS, needs=("minimum", "maximum"), takes=("unit",), describe=_describe_number,
    ),
    Kind(
        name="yes_no", words="yes or no", wire=bool, column="bool", form_field="yes_no",
        parse=_yes_no, may_release=("keep", "drop"), describe=lambda item: "Yes or no",
    ),
    Kind(
        name="choice", words="one of several answers", wire=str, column="string", form_field="choice",
        parse=_choice, may_release=("keep", "drop"), needs=("choices",),
        describe=lambda item: "One of: " + "; ".join(item.choices.values()),
    ),
    Kind(
        name="date", words="a date", wire=str, column="date32", form_field="date",
        parse=_date, may_release=("drop", "relative_day"), describe=lambda item: "A date",
        to_wire=date.isoformat, from_wire=date.fromisoformat, to_column=date.fromisoformat, from_column=date.isoformat,
    ),
    Kind(
        name="time", words="a time of day", wire=str, column="int32", form_field="time",
        parse=_time, may_release=("drop", "hour"), describe=lambda item: "A time of day, to the minute",
        to_wire=lambda value: value.isoformat("minutes"), from_wire=time.fromisoformat,
        to_column=lambda wire: int(wire[:2]) * 60 + int(wire[3:]),
        from_column=lambda minutes: f"{minutes // 60:02d}:{minutes % 60:02d}",
    ),
    Kind(
        # Free text names people, places and things nobody foresees: it can only be dropped.
        name="notes", words="a text in own words", wire=str, column="string", form_field="notes",
        parse=_notes, may_release=("drop",), needs=("max_length",),
        describe=lambda item: f"A text of at most {item.max_length} characters",
    ),
)  # fmt: skip

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})
