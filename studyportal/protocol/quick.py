"""Take in good answers quickly: the items of an instrument become one typed decoder, which checks in C.

What a type cannot say is checked afterwards, and only where something was answered: calendars, texts, branches, what
is worked out. What can wait until somebody looks (spaces around a text, minus zero) waits. Whatever is not plainly
good is left to the door, which has the sentences; nothing is refused here.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import astuple

from studyportal.protocol.answers import Answers, Plan
from studyportal.protocol.derived import Work, needs
from studyportal.protocol.expressions import Expression, evaluate
from studyportal.protocol.expressions.nodes import Comparison, Name, Text, Truth
from studyportal.protocol.items import Item
from studyportal.protocol.kinds import Kind, Unacceptable
from studyportal.protocol.kinds.choosing import codes
from studyportal.protocol.kinds.kind import same
from studyportal.protocol.kinds.moments import TIME
from studyportal.protocol.kinds.numbers import duration_limits
from studyportal.saying import said

Row = dict[str, Any]
Reader = Callable[[bytes, str, date | None], Answers | None]
Step = Callable[[Any, str, date | None], bool]  # on what was decoded; False: this needs a closer look

BACKSLASH, DELETE = b"\\\x7f"
EXACT = 2**53  # a float tells whole numbers apart up to here; beyond, limits could not be compared


def _within(number: type, least: Any, most: Any) -> Any:
    return Annotated[number, Meta(ge=least, le=most)]


def _limited(number: type) -> Callable[[Item], Any]:
    return lambda item: _within(number, item.minimum, item.maximum)


def _written(item: Item) -> Any:
    return Annotated[str, Meta(max_length=item.max_length)]


def _some_of(item: Item) -> Any:
    return list[Literal[codes(item)]]  # type: ignore[misc]


def _any(kind: type) -> Callable[[Item], Any]:
    return lambda item: kind


# Kind -> the type of its answers in JSON.
SHAPES: Mapping[str, Callable[[Item], Any]] = {
    "rating": _limited(int),
    "analogue": _limited(int),
    "integer": _limited(int),
    "decimal": _limited(float),
    "yes_no": _any(bool),
    "choice": lambda item: Literal[tuple(item.choices)],
    "choices": _some_of,
    "date": _any(str),
    "time": lambda item: Annotated[str, Meta(pattern=f"^(?:{TIME.pattern})\\Z")],
    "date_time": _any(str),
    "duration": lambda item: _within(int, *duration_limits(item)),
    "text": _written,
    "notes": _written,
    "body_map": _some_of,
    "group": _any(list[dict[str, Any]]),
}
WRITTEN = frozenset({"text", "notes"})
CLOSER = WRITTEN | {"choices", "date", "date_time", "body_map", "group"}  # of which the type does not say everything

# Kind -> what of an answer can wait.
LATER: Mapping[str, Callable[[Any], Any]] = {
    "decimal": lambda value: value + 0.0,  # minus zero becomes zero
    "text": lambda value: value.strip() or None,
    "notes": lambda value: value.strip() or None,
}


def checked(item: Item, kind: Kind, given: object, zone: str, latest: date | None) -> Any:
    """One answer as a JSON value in its canonical form; raises `Unacceptable`, also for a date after `latest`."""
    wire = kind.to_wire(kind.parse(item, given, zone))
    if (
        latest is not None
        and item.kind in DATES
        and any(day > latest.isoformat() for day in DATES[item.kind](item, wire))
    ):
        raise Unacceptable(said("This date is in the future."))
    return wire


def _dates_in_rows(group: Item, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    dated = [item for item in group.items.values() if item.kind in DATES]
    return [day for row in rows for item in dated if item.name in row for day in DATES[item.kind](item, row[item.name])]


# Kind -> the dates in an answer, each on the clock of its own zone.
DATES: Mapping[str, Callable[[Item, Any], list[str]]] = {
    "date": lambda item, wire: [wire],
    "date_time": lambda item, wire: [wire[:10]],
    "group": _dates_in_rows,
}


def reader(order: Sequence[Item], kinds: Mapping[str, Kind], work: Mapping[str, Work]) -> Reader:
    """The way to read good answers to these items, each of which stands after those it needs."""
    asked = [item for item in order if kinds[item.name].answered]
    if not _may_be_quick(asked):
        return lambda data, zone, latest: None
    # The names of a study may be words of Python, so the fields are numbered.
    fields = {item.name: f"f{number}" for number, item in enumerate(asked)}
    decode = msgspec.json.Decoder(_struct(asked, fields)).decode
    waited_for = frozenset().union(*(needs(item) for item in order))
    # A text can wait if neither another item nor its own being required hangs on it.
    written = [item for item in asked if item.kind in WRITTEN and not item.required and item.name not in waited_for]
    rest = [item for item in asked if item.kind in CLOSER and item not in written]
    plain = [_look_closer(item, kinds[item.name], fields[item.name]) for item in rest]
    branches = [item for item in asked if item.when is not None]
    plain += [_branch(item, kinds, fields) for item in branches]
    unusual = [_look_closer(item, kinds[item.name], fields[item.name]) for item in written] + plain
    last = [_working(item, work[item.name]) for item in order if item.name in work]
    plan = Plan(kinds, _row_of(asked))
    complete = Plan(kinds, same)

    def read(data: bytes, zone: str, latest: date | None) -> Answers | None:
        try:
            taken = decode(data)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return None
        # Then every text is of signs that need no look: JSON writes others as UTF-8 or with a backslash.
        is_plain = data.isascii() and BACKSLASH not in data and DELETE not in data
        for step in plain if is_plain else unusual:
            if not step(taken, zone, latest):
                return None
        return Answers(taken, plan) if not last else finish(plan.row(taken))

    def finish(row: Row) -> Answers | None:
        if all(value is None for value in row.values()):
            return None
        for work_out in last:
            work_out(row)
        return Answers(row, complete)

    return read


def _may_be_quick(asked: Sequence[Item]) -> bool:
    """Whether the types and the branches below say exactly what the kinds do."""
    names = {item.name for item in asked}
    numbers = [one for item in asked for one in (item, *item.items.values()) if one.kind == "decimal"]
    return all(item.when is None or item.when.names <= names for item in asked) and all(
        -EXACT < item.minimum <= item.maximum < EXACT  # type: ignore[operator]
        for item in numbers
    )


def _struct(asked: Sequence[Item], fields: Mapping[str, str]) -> type[msgspec.Struct]:
    must = [item.required and item.when is None for item in asked]
    shapes = [(fields[item.name], SHAPES[item.kind](item)) for item in asked]
    return msgspec.defstruct(
        "Answered",
        [
            (field, shape) if needed else (field, shape | None, None)
            for needed, (field, shape) in zip(must, shapes, strict=True)
        ],
        rename={field: name for name, field in fields.items()},
        kw_only=True,
        gc=False,
        forbid_unknown_fields=True,
    )


def _row_of(asked: Sequence[Item]) -> Callable[[Any], Row]:
    names = [item.name for item in asked]
    later = [(item.name, LATER[item.kind]) for item in asked if item.kind in LATER]

    def row_of(taken: Any) -> Row:
        row = dict(zip(names, astuple(taken), strict=True))
        for name, work in later:
            if row[name] is not None:
                row[name] = work(row[name])
        return row

    return row_of


def _look_closer(item: Item, kind: Kind, field: str) -> Step:
    """Check with all that the kind knows, and keep the canonical form."""

    def look(taken: Any, zone: str, latest: date | None) -> bool:
        given = getattr(taken, field)
        if given is None:
            return True
        if kind.is_blank(given):
            setattr(taken, field, None)
            return not item.required or item.when is not None
        try:
            setattr(taken, field, checked(item, kind, given, zone, latest))
        except Unacceptable:
            return False
        return True

    return look


def _branch(item: Item, kinds: Mapping[str, Kind], fields: Mapping[str, str]) -> Step:
    """An answer only if it is asked for, and if it must be, then an answer."""
    holds, own, required = _condition(item.when, kinds, fields), attrgetter(fields[item.name]), item.required  # type: ignore[arg-type]

    def branch(taken: Any, zone: str, latest: date | None) -> bool:
        if own(taken) is None:
            return not required or not holds(taken)
        return holds(taken)

    return branch


def _condition(when: Expression, kinds: Mapping[str, Kind], fields: Mapping[str, str]) -> Callable[[Any], bool]:
    """Whether a condition is met by what was decoded; what is missing meets none."""
    match when.tree:
        # The usual branch. An answer that the types let through is of the type that the condition was checked for.
        case Comparison(operator="==", left=Name(name=name), right=Text(value=value) | Truth(value=value)) if type(
            value
        ) is kinds[name].wire and kinds[name].wire in (bool, str):
            answer = attrgetter(fields[name])
            return lambda taken: answer(taken) == value
    holds = evaluate(when)
    others = [(name, fields[name]) for name in when.names]
    return lambda taken: holds({name: getattr(taken, field) for name, field in others}) is True


def _working(item: Item, result: Work) -> Callable[[Row], None]:
    holds = None if item.when is None else evaluate(item.when)

    def work_out(row: Row) -> None:
        row[item.name] = result(row) if holds is None or holds(row) is True else None

    return work_out
