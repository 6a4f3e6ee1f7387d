"""Hold the checked answers to one instrument. Made only at the door, from what passed every check.

Neither `Answers` nor the refusal of others ever shows an answer, not even when printed.
"""

import re
from abc import ABCMeta
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from studyportal.errors import Invalid
from studyportal.protocol.items import NOTHING
from studyportal.protocol.kinds import Kind, Value, Wire
from studyportal.saying import said_of

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
ELSEWHERE = "answers"  # where a problem is filed that belongs to no item


class InvalidAnswers(Invalid):
    """Answers that cannot be taken; `problems` maps each item to what to do about it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(
            said_of(
                len(problems),
                "One answer needs another look. Nothing has been saved.",
                "%(num)d answers need another look. Nothing has been saved.",
            ),
            problems,
        )


class Plan(NamedTuple):
    """What all answers to one instrument have in common: the kinds of its items in their order, and how what was taken
    in becomes a row of JSON values in their canonical form (None: unanswered)."""

    kinds: Mapping[str, Kind]
    row: Callable[[Any], Mapping[str, Any]]


class _Meta(type(msgspec.Struct), ABCMeta):  # type: ignore[misc]
    """A mapping that is made as quickly as a struct."""


class Answers(msgspec.Struct, Mapping[str, Value], metaclass=_Meta, eq=False, gc=False):
    """Checked, typed values by item name, in the order of the instrument; unanswered items are absent.

    `missing` maps items to the reason given in place of an answer. What is worked out from answers is among them.
    """

    _taken: Any
    _plan: Plan
    missing: Mapping[str, str] = NOTHING
    _wire: dict[str, Wire] | None = None

    @property
    def _answered(self) -> dict[str, Wire]:
        # Put together when first wanted: taking an entry in costs no more than its checks.
        if self._wire is None:
            row = self._plan.row(self._taken)
            self._wire = {name: value for name in self._plan.kinds if (value := row.get(name)) is not None}
        return self._wire

    def __getitem__(self, name: str) -> Value:
        value: Value = self._plan.kinds[name].from_wire(self._answered[name])
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._answered)

    def __len__(self) -> int:
        return len(self._answered)

    def __repr__(self) -> str:
        return "Answers(...)"

    __str__ = __repr__

    def __rich_repr__(self) -> Any:
        return iter(())

    __eq__ = Mapping.__eq__
    __hash__ = None  # type: ignore[assignment]

    def to_wire(self) -> dict[str, Wire]:
        """The same answers as JSON values, in their one canonical form."""
        return {name: _copy(value) if type(value) is list else value for name, value in self._answered.items()}


def _copy(several: list[Any]) -> list[Any]:
    return [dict(one) if type(one) is dict else one for one in several]
