"""Work out what follows from answers: which items are asked, and what computed items and scores come to.

Works on rows of JSON values by item name, where a missing one is absent or None. Refused: items that wait for each
other in a circle. A result outside the limits of its item, or none, is missing.
"""

from collections.abc import Callable, Mapping
from graphlib import TopologicalSorter
from typing import Any

from studyportal.protocol.expressions import evaluate
from studyportal.protocol.items import Item
from studyportal.protocol.scores import score_of

Row = Mapping[str, Any]
Work = Callable[[Row], float | None]


def needs(item: Item) -> frozenset[str]:
    """The names that must be known before this item is."""
    expressions = [one for one in (item.when, item.formula) if one is not None]
    return frozenset(item.of).union(*(one.names for one in expressions))


def in_order(items: Mapping[str, Item]) -> tuple[Item, ...]:
    """The items, each after those it needs; raises ValueError for a circle."""
    graph = {name: needs(item) & items.keys() for name, item in items.items()}
    return tuple(items[name] for name in TopologicalSorter(graph).static_order())


def _formula(item: Item) -> Work:
    work = evaluate(item.formula)  # type: ignore[arg-type]
    return lambda row: _within(item, work(row))


def _score(item: Item) -> Work:
    return lambda row: _within(item, score_of(item.score, [_points(row.get(name)) for name in item.of]))


WORK: Mapping[str, Callable[[Item], Work]] = {"computed": _formula, "score": _score}


def _points(answer: int | str | None) -> int | None:
    # The codes of a choice that counts are its points: "0", "1", "2", "3".
    return None if answer is None else int(answer)


def _within(item: Item, result: Any) -> float | None:
    if type(result) not in (int, float):
        return None
    if (item.minimum is not None and not item.minimum <= result) or (
        item.maximum is not None and not result <= item.maximum
    ):
        return None
    return float(result) + 0.0  # minus zero becomes zero
