"""Know every function of the language: what it takes, what it gives and how.

One row per function. Given something missing all of them give missing, except `count`, which counts what is there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from math import fsum
from types import MappingProxyType

from studyportal.protocol.expressions.values import NUMBERS, Wire, finite

MANY = 100  # arguments; more do not fit into an expression anyway
_DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function. `takes` are the types of its arguments, of which all must be alike; `example` shows its use.

    `apply` gets the values of the arguments, of which none is missing unless `counts_missing`.
    """

    name: str
    words: str
    example: str
    least: int
    most: int
    takes: tuple[str, ...]
    apply: Callable[[Sequence[Wire]], float | None]
    counts_missing: bool = False


def _numbers(work: Callable[[Sequence[float]], float]) -> Callable[[Sequence[Wire]], float | None]:
    def apply(values: Sequence[Wire]) -> float | None:
        if any(type(value) not in NUMBERS for value in values):
            return None
        try:
            return finite(work(values))
        except OverflowError:
            return None

    return apply


def _count(values: Sequence[Wire]) -> int:
    return sum(map(_counted, values))


def _counted(value: Wire) -> int:
    if type(value) is list:
        return sum(1 for one in value if one != "none")  # "none of these" is an answer, but nothing was chosen
    return int(value is not None and value is not False)


def _round(values: Sequence[Wire]) -> float | None:
    value, digits = values[0], values[1] if len(values) == 2 else 0
    if type(value) not in NUMBERS or type(digits) is not int or not 0 <= digits <= 9:
        return None
    if abs(value) >= 1e15:  # has no decimals left
        return value
    # Rounded as it is written, so that 2.675 becomes 2.68 although the computer keeps a little less than 2.675.
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return float(rounded) if digits else int(rounded)


def _days_between(values: Sequence[Wire]) -> int | None:
    try:
        first, second = (date.fromisoformat(value[:10]) for value in values)
    except (TypeError, ValueError):
        return None
    return (second - first).days


def _minutes_between(values: Sequence[Wire]) -> float | None:
    if any(type(value) is not str for value in values):
        return None
    try:
        if all(len(value) == 5 for value in values):
            first, second = (int(value[:2]) * 60 + int(value[3:]) for value in values)
            return (second - first) % _DAY
        first, second = (datetime.fromisoformat(value.partition("[")[0]) for value in values)
        return (second - first).total_seconds() / 60
    except (TypeError, ValueError):
        return None


_ALL = (
    Function(
        name="sum", words="the numbers added", example="sum(a, b, c)",
        least=1, most=MANY, takes=("number",), apply=_numbers(fsum),
    ),
    Function(
        name="mean", words="the average of the numbers", example="mean(a, b, c)",
        least=1, most=MANY, takes=("number",), apply=_numbers(lambda values: fsum(values) / len(values)),
    ),
    Function(
        name="min", words="the smallest of the numbers", example="min(a, b, c)",
        least=1, most=MANY, takes=("number",), apply=_numbers(min),
    ),
    Function(
        name="max", words="the largest of the numbers", example="max(a, b, c)",
        least=1, most=MANY, takes=("number",), apply=_numbers(max),
    ),
    Function(
        name="count", words="how much is there: each answered number, date, time, text or choice, each yes, each "
        "condition that holds, each code chosen of several, each row of a group", example="count(a, b, c)",
        least=1, most=MANY, takes=("number", "yes_no", "code", "codes", "date", "time", "moment", "text", "rows"),
        apply=_count, counts_missing=True,
    ),
    Function(
        name="round", words="the number rounded to so many decimals (0 if not said); halves away from zero",
        example="round(a, 1)", least=1, most=2, takes=("number",), apply=_round,
    ),
    Function(
        name="days_between", words="days from the first date to the second; below 0 if the second is earlier",
        example="days_between(first, second)", least=2, most=2, takes=("date", "moment"), apply=_days_between,
    ),
    Function(
        name="minutes_between", words="minutes from the first time of day on to the second, over midnight if need be, "
        "so 0 to 1439; between two moments the minutes that passed, below 0 if the second is earlier",
        example="minutes_between(first, second)", least=2, most=2, takes=("time", "moment"), apply=_minutes_between,
    ),
)  # fmt: skip

FUNCTIONS: Mapping[str, Function] = MappingProxyType({function.name: function for function in _ALL})
