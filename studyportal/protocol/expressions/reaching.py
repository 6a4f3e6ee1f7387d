"""Say whether a condition can ever be met, given what the names in it may hold and when they are asked.

Answers are tried, those that can make a difference. What is calculated is taken as free within its range, so "never"
is always true; where that leaves a doubt, or more than `MOST` steps are needed, the answer is None. All conditions of
one document share `Steps`, so that thousands of hard ones cost no more than a few.
"""

from collections.abc import Mapping, Sequence

from studyportal.protocol.expressions.candidates import Candidates
from studyportal.protocol.expressions.domains import Domain
from studyportal.protocol.expressions.evaluating import Compiled, compiled
from studyportal.protocol.expressions.nodes import (
    Arithmetic,
    Call,
    Comparison,
    Junction,
    Name,
    Negation,
    Negative,
    Node,
    walk,
)
from studyportal.protocol.expressions.parsing import Expression
from studyportal.protocol.expressions.ranges import may_compare, range_of
from studyportal.protocol.expressions.values import Wire

MOST = 2000  # steps; some milliseconds, at worst a tenth of a second
TOGETHER = 100_000  # steps for one document; about a second. The shipped study takes 100
NAMES = 60  # that a condition may depend on, so that the search goes no deeper


class Steps:
    """How many steps all the conditions of one document may still take together."""

    __slots__ = ("left",)

    def __init__(self, left: int = TOGETHER) -> None:
        self.left = left


class _Unknown(Exception):
    """It cannot be said within the bounds."""


def may_hold(
    expression: Expression, domains: Mapping[str, Domain], *, most: int = MOST, steps: Steps | None = None
) -> bool | None:
    """Whether the condition can be met at all; None if that cannot be said, as of a name that is not in `domains`.

    `steps` are what several conditions share (None: this one stands alone); the ones taken are gone for the others.
    """
    allowed = most if steps is None else min(most, steps.left)
    search = _Search(domains, allowed)
    try:
        return search.may_hold(expression.tree)
    except _Unknown:
        return None
    finally:
        if steps is not None:
            steps.left -= allowed - max(search.left, 0)


class _Search:
    def __init__(self, domains: Mapping[str, Domain], most: int) -> None:
        self.domains = domains
        self.left = most
        self.candidates: dict[str, tuple[Wire, ...]] = {}
        self.asked: dict[str, Compiled] = {}

    def may_hold(self, tree: Node) -> bool | None:
        names = self._in_order(tree)
        condition = self._simple(tree)
        deciding = {name: self._simple(when.tree) for name in names if (when := self.domains[name].asked_when)}
        self.asked = {name: compiled(one) for name, one in deciding.items()}
        free = [*self.candidates]
        everything = [node for one in (condition, *deciding.values()) for node in walk(one)]
        chosen = Candidates([node for node in everything if isinstance(node, Comparison)], self.domains)
        for name in names:
            found = chosen.of(name)
            if found is None:
                raise _Unknown
            self.candidates[name] = found
        met = self._try(compiled(condition), [*free, *names], {})
        return None if met and free else met

    def _in_order(self, tree: Node) -> list[str]:
        """Every name that matters, each after those that decide whether it is asked."""
        order: list[str] = []
        above: list[str] = []

        def visit(name: str) -> None:
            if name in order:
                return
            if name in above or len(above) + len(order) >= NAMES or name not in self.domains:
                raise _Unknown
            above.append(name)
            when = self.domains[name].asked_when
            for needed in sorted(when.names) if when else ():
                visit(needed)
            order.append(above.pop())

        for name in sorted({node.name for node in walk(tree) if isinstance(node, Name)}):
            visit(name)
        return order

    def _simple(self, node: Node) -> Node:
        """The tree with a free yes or no in place of each comparison of something calculated."""
        match node:
            case Junction(operator=operator, parts=parts):
                return Junction(operator, tuple(map(self._simple, parts)))
            case Negation(operand=operand):
                return Negation(self._simple(operand))
            case Comparison(operator=operator, left=left, right=right) if not _is_plain(node):
                possible = operator == "in" or may_compare(
                    operator, range_of(left, self.domains), range_of(right, self.domains)
                )
                free = f"#{len(self.candidates)}"
                self.candidates[free] = (True, False) if possible else (False,)
                return Name(free)
        return node

    def _try(self, met: Compiled, names: Sequence[str], row: dict[str, Wire]) -> bool:
        """Whether some answers meet the condition.

        What is not answered yet counts as missing, and no answer undoes what is already decided without it.
        """
        self.left -= 1
        if self.left < 0:
            raise _Unknown
        now = met(row)
        if now is not None or not names:
            return now is True
        name, *later = names
        if name in self.asked and self.asked[name](row) is not True:
            return self._try(met, later, row)
        return any(self._try(met, later, row | {name: value}) for value in self.candidates[name])


def _is_plain(node: Comparison) -> bool:
    """Whether names are compared with each other or with fixed values, so that trying answers is exact."""
    return not any(
        isinstance(one, Arithmetic | Negative | Call | Comparison | Junction | Negation)
        for side in (node.left, node.right)
        for one in walk(side)
    )
