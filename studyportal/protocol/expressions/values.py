"""Compare and calculate with answers as they are on the wire, where any of them may be missing (None).

The one rule: what is computed or compared from something missing is missing; `and` and `or` decide when one side alone
decides. Values that cannot be compared with each other count as missing, never as an error: a number with a text, a
list with anything. `static/expressions.js` of the web shell says the same in JavaScript for everything but numbers
made from numbers; a test holds the two together. Numbers are 64-bit floating point numbers in both.
"""

import operator as python
import re
from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from types import MappingProxyType
from typing import Any

Wire = Any  # int, float, bool, str, list of str, list of rows; None if there is no answer
NUMBERS = frozenset({int, float})
_SORT = {int: "number", float: "number", bool: "truth", str: "text"}

# What has an order although it is a text: days and times of day, as they are on the wire.
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}")


def sort_of(value: Wire) -> str | None:
    """Which values it can be equal to; None: to none."""
    return _SORT.get(type(value))


def _is_ordered(left: Wire, right: Wire) -> bool:
    if type(left) in NUMBERS:
        return type(right) in NUMBERS
    if type(left) is not str or type(right) is not str:
        return False
    return any(pattern.fullmatch(left) and pattern.fullmatch(right) for pattern in (_DATE, _TIME))


def _equality(test: Callable[[Wire, Wire], bool]) -> Callable[[Wire, Wire], bool | None]:
    def compare(left: Wire, right: Wire) -> bool | None:
        sort = sort_of(left)
        return test(left, right) if sort is not None and sort == sort_of(right) else None

    return compare


def _order(test: Callable[[Wire, Wire], bool]) -> Callable[[Wire, Wire], bool | None]:
    def compare(left: Wire, right: Wire) -> bool | None:
        return test(left, right) if _is_ordered(left, right) else None

    return compare


def _contained(value: Wire, among: Wire) -> bool | None:
    if type(among) is not list or not among or (sort := sort_of(value)) is None:
        return None
    return value in among if all(sort_of(one) == sort for one in among) else None


COMPARE: Mapping[str, Callable[[Wire, Wire], bool | None]] = MappingProxyType(
    {
        "==": _equality(python.eq),
        "!=": _equality(python.ne),
        "<": _order(python.lt),
        "<=": _order(python.le),
        ">": _order(python.gt),
        ">=": _order(python.ge),
        "in": _contained,
    }
)


def _every(values: Iterable[Wire]) -> bool | None:
    answer: bool | None = True
    for value in values:
        if value is False:
            return False
        if value is not True:
            answer = None
    return answer


def _some(values: Iterable[Wire]) -> bool | None:
    answer: bool | None = False
    for value in values:
        if value is True:
            return True
        if value is not False:
            answer = None
    return answer


JOIN: Mapping[str, Callable[[Iterable[Wire]], bool | None]] = MappingProxyType({"and": _every, "or": _some})


def opposite(value: Wire) -> bool | None:
    """`not`."""
    return not value if type(value) is bool else None


def finite(value: float) -> float | None:
    """A number that is too large for the computer, or is none, is missing."""
    return value if isfinite(value) else None


def _calculation(work: Callable[[float, float], float]) -> Callable[[Wire, Wire], float | None]:
    def calculate(left: Wire, right: Wire) -> float | None:
        if type(left) not in NUMBERS or type(right) not in NUMBERS:
            return None
        try:
            return finite(work(float(left), float(right)))
        except (ZeroDivisionError, OverflowError):
            return None

    return calculate


CALCULATE: Mapping[str, Callable[[Wire, Wire], float | None]] = MappingProxyType(
    {
        "+": _calculation(python.add),
        "-": _calculation(python.sub),
        "*": _calculation(python.mul),
        "/": _calculation(python.truediv),
    }
)


def negative(value: Wire) -> float | None:
    """The minus sign."""
    return -value if type(value) in NUMBERS else None
