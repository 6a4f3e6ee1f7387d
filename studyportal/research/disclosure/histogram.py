"""Read spread and quantiles off protected counts: what can be told from shown numbers, and nothing else. Pure.

Never a smallest or largest value: the outer quantiles are the tenth and the ninetieth. A hidden count is taken as none,
so that it says nothing here that it does not say in its own cell.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

from studyportal.errors import Invalid
from studyportal.research.disclosure.cells import ProtectedCell

LOWEST, HIGHEST = 10, 90
# Fewer people carry no model (facts on disclosure), nor any statement on tenths.
MODEL_NEEDS = 50


def quantiles(cells: Sequence[ProtectedCell], edges: Sequence[float], per_cent: Sequence[float]) -> list[float | None]:
    """The values under which so many per cent of the people lie; each bin's people are spread evenly over it.

    `edges` are one more than `cells`. None where nothing is shown. Raises `Invalid` outside of 10 to 90 per cent.
    """
    if any(not LOWEST <= one <= HIGHEST for one in per_cent):
        raise Invalid(
            f"Quantiles are shown from {LOWEST} to {HIGHEST} per cent; further out they would be single people."
        )
    counts = _counts(cells)
    total = sum(counts)
    return [None if not total else _under(counts, edges, total * one / 100) for one in per_cent]


def spread(cells: Sequence[ProtectedCell], edges: Sequence[float]) -> float | None:
    """The standard deviation, by the middles of the bins; None where nothing is shown."""
    counts = _counts(cells)
    total = sum(counts)
    if not total:
        return None
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    mean = sum(count * middle for count, middle in zip(counts, middles, strict=True)) / total
    return sqrt(sum(count * (middle - mean) ** 2 for count, middle in zip(counts, middles, strict=True)) / total)


def _counts(cells: Sequence[ProtectedCell]) -> list[float]:
    return [float(cell.value or 0) for cell in cells]


def _under(counts: Sequence[float], edges: Sequence[float], wanted: float) -> float:
    passed = 0.0
    for count, (low, high) in zip(counts, pairwise(edges), strict=True):
        if count and passed + count >= wanted:
            return low + (high - low) * (wanted - passed) / count
        passed += count
    return edges[-1]
