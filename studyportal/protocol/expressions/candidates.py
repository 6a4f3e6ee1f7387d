"""Choose, for each name in a condition, the few answers that can make a difference to it.

Those are the limits of the name, the fixed values that it is compared with and what lies between them; for names that
are compared with each other the same answers for all, so many that they can stand in any order.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import floor

from studyportal.protocol.expressions.domains import ORDERED, Domain
from studyportal.protocol.expressions.nodes import Comparison, Listing, Literal, Name, Node
from studyportal.protocol.expressions.values import Wire

COMBINED = 6  # codes of one name that are tried in all combinations: 64
CROSSING = 6  # names that are compared with each other; the answers between two edges grow with their square


class Candidates:
    """The answers to try, for the comparisons of one condition."""

    def __init__(self, compared: Sequence[Comparison], domains: Mapping[str, Domain]) -> None:
        self.domains = domains
        self.fixed: dict[str, list[Wire]] = {}
        self.crossing: set[str] = set()
        for node in compared:
            names = [side.name for side in (node.left, node.right) if isinstance(side, Name)]
            for name in names:
                self.fixed.setdefault(name, []).extend(_fixed(node))
            if len(names) == 2:
                self.crossing.update(names)
        self.shared = [value for name in self.crossing for value in self.fixed[name]]

    def of(self, name: str) -> tuple[Wire, ...] | None:
        """The answers to try for a name; None if they are too many."""
        domain, crosses = self.domains[name], name in self.crossing
        if crosses and len(self.crossing) > CROSSING:
            return None
        fixed = self.shared if crosses else self.fixed.get(name, [])
        many = len(self.crossing) if crosses else 1
        texts = sorted({value for value in fixed if type(value) is str})
        match domain.type:
            case "yes_no":
                return (True, False)
            case "number":
                alike = [self.domains[other] for other in self.crossing] if crosses else [domain]
                limits = [limit for one in alike for limit in (one.minimum, one.maximum) if limit is not None]
                numbers = [value for value in fixed if type(value) in (int, float)]
                return _within(domain, _points([*numbers, *limits], many, whole=domain.whole))
            case "date" | "time":
                as_number, as_text, least, last = ORDERED[domain.type]
                marks = [number for text in texts if (number := as_number(text)) is not None]
                points = _points([*marks, least, last], many, whole=True)
                return tuple(as_text(int(point)) for point in points if least <= point <= last)
            case "code":
                return _codes(domain, texts, many, crosses)
            case "codes":
                return _choices(_codes(domain, texts, many, crosses))
            case "text":
                return (*texts, *_others(many))
        return (None,)


def _fixed(node: Comparison) -> Iterator[Wire]:
    for side in (node.left, node.right):
        yield from _values(side)


def _values(side: Node) -> Iterator[Wire]:
    if isinstance(side, Literal):
        yield side.value
    elif isinstance(side, Listing):
        yield from (value.value for value in side.values)


def _within(domain: Domain, points: Sequence[float]) -> tuple[float, ...]:
    low, high = domain.minimum, domain.maximum
    return tuple(one for one in points if (low is None or low <= one) and (high is None or one <= high))


def _points(marks: Sequence[float], many: int, *, whole: bool) -> list[float]:
    """The marks; in each gap between them `many` whole numbers, and around each of those as many others."""
    edges = sorted({*marks} or {0})
    edges = [floor(edges[0]) - many - 1, *edges, floor(edges[-1]) + many + 2]
    points: set[float] = set(edges)
    for begin, end in pairwise(edges):
        inside = [number for number in range(floor(begin) + 1, floor(begin) + 1 + many) if number < end]
        points.update(inside)
        for low, high in () if whole else pairwise([begin, *inside, end]):
            points.update(low + (high - low) * part / (many + 1) for part in range(1, many + 1))
    return sorted(one for one in points if not whole or one == floor(one))


def _others(many: int) -> list[str]:
    """Texts that nobody speaks of: a code never begins so, and no condition has reason to."""
    return [f"\0{number}" for number in range(many)]


def _codes(domain: Domain, texts: Sequence[str], many: int, crosses: bool) -> tuple[str, ...]:
    if domain.codes is None:
        return (*texts, *_others(many))
    silent = sorted(domain.codes.difference(texts))
    return (*sorted(domain.codes.intersection(texts)), *(silent if crosses else silent[:1]))


def _choices(codes: Sequence[str]) -> tuple[list[str], ...] | None:
    """Every choice of several; "none" stands alone."""
    together = [code for code in codes if code != "none"]
    if len(together) > COMBINED:
        return None
    chosen = [
        [code for place, code in enumerate(together) if bits >> place & 1] for bits in range(1, 2 ** len(together))
    ]
    return (*chosen, *([["none"]] if "none" in codes else []))
