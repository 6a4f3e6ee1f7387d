"""Turn sets of people into protected cells.

`ThresholdEngine` is the first engine: a threshold and rounding. It keeps single tables from naming anyone; it does
not withstand somebody who compares many tables (complementary suppression, exclusion attacks), and its method says so.
"""

import numpy as np
from numpy.typing import NDArray

from studyportal.errors import Unsafe
from studyportal.research.disclosure.cells import ProtectedCell
from studyportal.research.disclosure.people import People

# The smallest group that CMS, TriNetX and PCORnet show is 11; OpenSAFELY and most environments round to 5.
MINIMUM_THRESHOLD = 11
MINIMUM_ROUNDING = 5
# Means of fewer people say too much about each; All of Us asks for 20 before it shows anything.
MEAN_NEEDS = 20


class ThresholdEngine:
    """Hide counts under a threshold, round the others; means and totals to two figures and from 20 people on.

    A true zero looks like a small group. Raises `Unsafe` for a threshold under 11 or rounding under 5.
    """

    def __init__(self, *, threshold: int, rounding: int) -> None:
        if threshold < MINIMUM_THRESHOLD or rounding < MINIMUM_ROUNDING:
            raise Unsafe("Groups under 11 people are never shown and counts are rounded to 5 at least.")
        self._threshold, self._rounding = threshold, rounding
        # The first multiple that no hidden group could have: a shown number is never one that the threshold forbids.
        self._least = -(-threshold // rounding) * rounding
        self.hidden = f"<{threshold}"
        self.method = (
            f"Numbers of people are rounded to {rounding}; groups under {threshold}, also empty ones, are shown as "
            f"{self.hidden}. Percentages come from the shown numbers. Means and numbers of answers come from at least {MEAN_NEEDS} "
            "people and have two significant figures. Sums need not add up, and a hidden group next to its shown "
            "neighbours can sometimes be narrowed down: this protection does not yet prevent that."
        )

    def count(self, people: People) -> ProtectedCell:
        if people.size < self._threshold:
            return ProtectedCell(None, self.hidden)
        rounded = (people.size + self._rounding // 2) // self._rounding * self._rounding
        shown = max(rounded, self._least)
        return ProtectedCell(shown, f"{shown:,}")

    def mean(self, people: People, values: NDArray[np.float64], *, low: float, high: float) -> ProtectedCell:
        if people.size < max(MEAN_NEEDS, self._threshold):
            return TOO_FEW
        return _two_figures(float(np.clip(values, low, high).mean()))

    def total(self, people: People, counts: NDArray[np.int64]) -> ProtectedCell:
        if people.size < max(MEAN_NEEDS, self._threshold):
            return TOO_FEW
        # Two figures of a total under 100 would be all of it.
        return _two_figures(round(int(counts.sum()), -1))


TOO_FEW = ProtectedCell(None, "too few")


def _two_figures(value: float) -> ProtectedCell:
    """Round to two significant figures; a whole number stays whole."""
    figures = float(f"{value:.1e}")
    if isinstance(value, int) or abs(figures) >= 100:
        return ProtectedCell(int(figures), f"{int(figures):,}")
    return ProtectedCell(figures, f"{figures:#.2g}".rstrip("."))
