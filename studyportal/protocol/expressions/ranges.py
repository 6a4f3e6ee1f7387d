"""Say between which numbers the result of a calculation must lie, from the limits of the answers in it.

Never too narrow; where nothing is known it is everything.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from math import fsum, inf, isfinite, isinf, isnan

from studyportal.protocol.expressions.domains import MIDNIGHT, Domain
from studyportal.protocol.expressions.functions import FUNCTIONS
from studyportal.protocol.expressions.nodes import Arithmetic, Call, Name, Negative, Node, Number

Range = tuple[float, float]
EVERYTHING: Range = (-inf, inf)
_COUNTED_AS_ONE = frozenset({"number", "yes_no", "code", "date", "time", "moment", "text"})


def range_of(node: Node, domains: Mapping[str, Domain]) -> Range:
    """The least and the most that the node can come to."""
    match node:
        case Number(value=value):
            return float(value), float(value)
        case Name(name=name) if (domain := domains.get(name)) and domain.type == "number":
            low = -inf if domain.minimum is None else domain.minimum
            high = inf if domain.maximum is None else domain.maximum
            return low, high
        case Negative(operand=operand):
            low, high = range_of(operand, domains)
            return -high, -low
        case Arithmetic(first=first, rest=rest):
            found = range_of(first, domains)
            for operator, part in rest:
                found = _joined(operator, found, range_of(part, domains))
            return found
        case Call(function="count", arguments=arguments):
            return 0, fsum(_counted(argument, domains) for argument in arguments)
        case Call(function="minutes_between", arguments=arguments) if not _has_moments(arguments, domains):
            return 0, MIDNIGHT - 1
        case Call(function=function, arguments=arguments) if function in _RANGES:
            return _RANGES[function]([range_of(argument, domains) for argument in arguments])
    return EVERYTHING


_CORNERS = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "/": lambda one, other: one / other,
}


def _joined(operator: str, left: Range, right: Range) -> Range:
    if operator == "/" and right[0] <= 0 <= right[1]:
        return EVERYTHING
    corners = [_CORNERS[operator](one, other) for one, other in product(left, right)]
    return EVERYTHING if any(map(isnan, corners)) else (min(corners), max(corners))


def _counted(argument: Node, domains: Mapping[str, Domain]) -> float:
    domain = domains.get(argument.name) if isinstance(argument, Name) else None
    if domain is None or domain.type in _COUNTED_AS_ONE:
        return 1
    return len(domain.codes) if domain.type == "codes" and domain.codes is not None else inf


def _has_moments(arguments: Sequence[Node], domains: Mapping[str, Domain]) -> bool:
    return any(not isinstance(one, Name) or _type(one, domains) != "time" for one in arguments)


def _type(name: Name, domains: Mapping[str, Domain]) -> str | None:
    domain = domains.get(name.name)
    return domain.type if domain else None


def _sum(ranges: Sequence[Range]) -> Range:
    return fsum(low for low, _ in ranges), fsum(high for _, high in ranges)


def _rounded(ranges: Sequence[Range]) -> Range:
    (low, high), *digits = ranges
    ends = [
        end if isinf(end) else FUNCTIONS["round"].apply([end, *(int(least) for least, _ in digits)])
        for end in (low, high)
    ]
    return EVERYTHING if None in ends else (ends[0], ends[1])


_RANGES = {
    "sum": _sum,
    "mean": lambda ranges: (min(low for low, _ in ranges), max(high for _, high in ranges)),
    "min": lambda ranges: (min(low for low, _ in ranges), min(high for _, high in ranges)),
    "max": lambda ranges: (max(low for low, _ in ranges), max(high for _, high in ranges)),
    "round": _rounded,
}


def may_compare(operator: str, left: Range, right: Range) -> bool:
    """Whether two numbers from these ranges can compare so."""
    (low, high), (lowest, highest) = left, right
    match operator:
        case "<":
            return low < highest
        case "<=":
            return low <= highest
        case ">":
            return high > lowest
        case ">=":
            return high >= lowest
        case "==":
            return low <= highest and lowest <= high
        case _:
            return not (low == high == lowest == highest and isfinite(low))
