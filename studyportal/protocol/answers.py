"""Check what came from a form or an app against the items of an instrument, once, at the door.

`Answers` is only made by `parse_answers`, which otherwise raises `InvalidAnswers` with one sentence per item.
Neither ever shows an answer, not even when printed.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType

from studyportal.errors import Invalid
from studyportal.protocol.items import Item
from studyportal.protocol.kinds import KINDS, Unacceptable, Value, Wire

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
ELSEWHERE = "answers"  # where a problem is filed that belongs to no item


class InvalidAnswers(Invalid):
    """Answers that cannot be taken; `problems` maps each item to what to do about it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        count = "One answer needs" if len(problems) == 1 else f"{len(problems)} answers need"
        super().__init__(f"{count} another look. Nothing has been saved.", problems)


class Answers(Mapping[str, Value]):
    """Checked, typed values by item name, in the order of the instrument; unanswered items are absent."""

    __slots__ = ("_kinds", "_values")

    def __init__(self, values: Mapping[str, Value], kinds: Mapping[str, str]) -> None:
        self._values = MappingProxyType(dict(values))
        self._kinds = kinds

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return "Answers(...)"

    def to_wire(self) -> dict[str, Wire]:
        """The same answers as JSON values, in their one canonical form."""
        return {name: KINDS[self._kinds[name]].to_wire(value) for name, value in self._values.items()}


def parse_answers(items: Mapping[str, Item], raw: object, *, latest: date | None = None) -> Answers:
    """Give `Answers` for what a form (texts) or an app (JSON values) sent; raises `InvalidAnswers`, nothing else.

    None and blank text mean unanswered. An item that is not asked here is a problem. With `latest` (the
    participant's local date) dates after it are refused.
    """
    if not isinstance(raw, Mapping):
        raise InvalidAnswers({ELSEWHERE: "Send the answers as one object with a value per item."})
    problems: dict[str, str] = {}
    values: dict[str, Value] = {}
    for name, item in items.items():
        given = raw.get(name)
        if given is None or (type(given) is str and not given.strip()):
            if item.required:
                problems[name] = "This question needs an answer."
            continue
        try:
            value = KINDS[item.kind].parse(item, given)
        except Unacceptable as refusal:
            problems[name] = str(refusal)
            continue
        if latest is not None and type(value) is date and value > latest:
            problems[name] = "This date is in the future."
        else:
            values[name] = value
    for name in raw.keys() - items.keys():
        # The name came from outside: only what looks like an item is repeated.
        shown = name if isinstance(name, str) and NAME.fullmatch(name) else ELSEWHERE
        problems[shown] = "This is not asked here."
    if problems:
        raise InvalidAnswers(problems)
    return Answers(values, {name: items[name].kind for name in values})
