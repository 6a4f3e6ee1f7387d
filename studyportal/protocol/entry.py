"""Write a diary entry as bytes, in exactly one way, and read it back.

These bytes are what is sealed, and what the receipt commits to (without `blind`), so the same entry must always give
the same bytes: keys sorted, no spaces, no absent fields. Refused on reading: unknown or repeated names, NaN and
infinities, lone surrogates, dates and times that are none, an answer beside the reason for having none. An entry never
shows itself when printed.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Any, Literal, NoReturn, get_args

import msgspec

from studyportal.errors import Invalid
from studyportal.protocol.items import REASONS
from studyportal.saying import said

# "phone": a participant's own answers, written down by staff; "clinician": what staff answer themselves.
Source = Literal["participant", "imported", "synthetic", "clinician", "phone"]
SOURCES: tuple[str, ...] = get_args(Source)
# What staff write names its writer; what a participant says raises alerts, whoever writes it down.
BY_STAFF = frozenset({"clinician", "phone"})
OWN_WORDS = frozenset({"participant", "phone"})
LONGEST_NAME = 80

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
ZONE = re.compile(r"[A-Za-z0-9_+/-]{1,64}")
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
BLIND = re.compile(r"[A-Za-z0-9_-]{43}")


Cell = bool | int | float | str


class DiaryEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The answers to one instrument on one occasion, in memory only.

    `diary_date` is the local date the entry is about; `event_at` the moment the participant says something happened,
    `saved_at` the device's clock when it was saved (ISO 8601 with offset); `zone` the IANA name in force there.
    `answers` holds `Answers.to_wire()`, `missing` the reasons given in place of answers. `amends` is the id of the
    entry this one corrects, and `reason` says why; `follows` is the id of the entry of the event that this one is
    about. `blind` is 32 random bytes as base64url without padding. `written_by` is the name of the member of staff who
    wrote it.
    """

    instrument: str
    protocol_version: str
    diary_date: str
    zone: str
    source: Source
    answers: dict[str, Cell | list[str | dict[str, Cell | list[str]]]]
    blind: str
    missing: dict[str, str] = {}
    event_at: str | None = None
    saved_at: str | None = None
    amends: str | None = None
    reason: str | None = None
    follows: str | None = None
    written_by: str | None = None

    def __post_init__(self) -> None:
        wrong = [name for name, holds in CHECKS.items() if not holds(getattr(self, name))]
        if self.reason is not None and self.amends is None:
            wrong.append("reason")  # there is nothing that it could be the reason for
        if not self.missing.keys().isdisjoint(self.answers):
            wrong.append("missing")  # an answer and the reason for having none
        if (self.written_by is not None) != (self.source in BY_STAFF):
            wrong.append("written_by")
        if wrong:
            raise Invalid("This is not a diary entry.", {name: said("This cannot be read.") for name in wrong})

    def __repr__(self) -> str:
        return "DiaryEntry(...)"

    __str__ = __repr__

    def __rich_repr__(self) -> Any:
        return iter(())


def _is_day(value: str) -> bool:
    if not DAY.fullmatch(value):
        return False
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_moment(value: str | None) -> bool:
    if value is None:
        return True
    if not MOMENT.fullmatch(value):
        return False
    try:
        return datetime.fromisoformat(value).utcoffset() is not None
    except ValueError:
        return False


def _is_id(value: str | None) -> bool:
    return value is None or bool(ID.fullmatch(value))


def _is_name(value: str | None) -> bool:
    return value is None or (0 < len(value) <= LONGEST_NAME and value.isprintable())


def _are_wires(answers: dict[str, Any]) -> bool:
    # What no kind writes: nothing in a list, or codes beside rows.
    lists = [value for value in answers.values() if type(value) is list]
    return all(value and len(set(map(type, value))) == 1 for value in lists)


def _is_blind(value: str) -> bool:
    # The last of 43 letters carries two spare bits: only one spelling of 32 bytes counts.
    return bool(BLIND.fullmatch(value)) and write_blind(read_blind(value)) == value


CHECKS: dict[str, Callable[[Any], bool]] = {
    "diary_date": _is_day,
    "event_at": _is_moment,
    "saved_at": _is_moment,
    "zone": lambda value: bool(ZONE.fullmatch(value)),
    "source": SOURCES.__contains__,
    "answers": _are_wires,
    "missing": lambda missing: REASONS.keys() >= set(missing.values()),
    "amends": _is_id,
    "follows": _is_id,
    "written_by": _is_name,
    "blind": _is_blind,
}

LIMITS: dict[type, float] = {int: 2**63, float: 1e308}

# What is not written at all when it is absent.
ABSENT: dict[str, Any] = {"missing": {}} | dict.fromkeys(
    ("event_at", "saved_at", "amends", "reason", "follows", "written_by")
)

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(DiaryEntry)


def write_blind(raw: bytes) -> str:
    """32 bytes as they stand in an entry."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def read_blind(blind: str) -> bytes:
    """The 32 bytes of an entry's `blind`."""
    return urlsafe_b64decode(blind + "=")


def encode(entry: DiaryEntry) -> bytes:
    """The entry as canonical JSON in UTF-8. Raises `Invalid` for text that UTF-8 cannot hold and for numbers JSON
    lacks."""
    return _written(entry)


def commitment_body(entry: DiaryEntry) -> bytes:
    """The canonical JSON of everything but `blind`: what a receipt commits to, together with the blind."""
    body = {name: getattr(entry, name) for name in entry.__struct_fields__ if name != "blind"}
    return _written({name: value for name, value in body.items() if name not in ABSENT or value != ABSENT[name]})


def decode(data: bytes) -> DiaryEntry:
    """Read an entry back; raises `Invalid` for anything that is not exactly one entry.

    Bytes from `encode` are recognised by writing them again; other spacing or order is allowed, repeated names are not.
    """
    try:
        entry = _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise Invalid("This is not a diary entry.") from None
    if _written(entry) != data:
        _refuse_repeated_names(data)
    return entry


def _written(value: object) -> bytes:
    _refuse_numbers_without_json(value.answers if isinstance(value, DiaryEntry) else value["answers"])  # type: ignore[index]
    try:
        return _encoder.encode(value)
    except (msgspec.MsgspecError, UnicodeError, OverflowError):
        raise Invalid("This is not a diary entry.") from None


def _refuse_numbers_without_json(answers: dict[str, Any]) -> None:
    # msgspec writes NaN and infinities as null, which would read back as another entry; no column holds larger
    # integers.
    for value in _singles(answers.values()):
        if type(value) in LIMITS and not -LIMITS[type(value)] < value < LIMITS[type(value)]:
            raise Invalid("This is not a diary entry.")


def _singles(values: Iterable[Any]) -> Iterator[Any]:
    """The values, and those within their lists and rows."""
    for value in values:
        if isinstance(value, list | dict):
            yield from _singles(value if isinstance(value, list) else value.values())
        else:
            yield value


def _refuse_repeated_names(data: bytes) -> None:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in found}) < len(found):
            raise Invalid("This is not a diary entry: a name stands in it twice.")
        return dict(found)

    json.loads(data, object_pairs_hook=pairs, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> NoReturn:
    raise Invalid("This is not a diary entry.")
