"""Cut numbers into published bands. Edges come from the protocol or from here, never from the answers or a request."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Bands:
    """Labels, lowest first, and the edges between them; a value equal to an edge belongs to the band above."""

    labels: tuple[str, ...]
    edges: tuple[float, ...]

    def places(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """The band of every value, counted from 0; -1 for NaN."""
        found = np.searchsorted(np.array(self.edges), values, side="right")
        return np.where(np.isnan(values), -1, found)


def quarters(minimum: float, maximum: float) -> Bands:
    """Four equal bands of a scale, for means: facts on weekly diaries, 1 % told apart by four facts in such bands."""
    ends = [minimum + (maximum - minimum) * step / 4 for step in range(5)]
    inner = [f"{low:g} to under {high:g}" for low, high in pairwise(ends[:4])]
    return Bands((*inner, f"{ends[3]:g} to {ends[4]:g}"), tuple(ends[1:4]))


def whole_quarters(minimum: int, maximum: int) -> Bands:
    """The same four bands of whole numbers; a scale of at most four steps keeps its steps."""
    if maximum - minimum < 4:
        steps = range(minimum, maximum + 1)
        return Bands(tuple(f"{step}" for step in steps), tuple(float(step) for step in steps[1:]))
    edges = quarters(minimum, maximum).edges
    firsts = [minimum, *(ceil(edge) for edge in edges)]
    lasts = [*(first - 1 for first in firsts[1:]), maximum]
    return Bands(tuple(_span(first, last) for first, last in zip(firsts, lasts, strict=True)), edges)


def cut_off(cutoffs: Sequence[tuple[float, str]], maximum: float) -> Bands:
    """The bands of a score between its published cut-offs, each with its published words."""
    starts = [least for least, _ in cutoffs]
    ends = [f"under {after:g}" for after in starts[1:]] + [f"{maximum:g}"]
    labels = (f"{least:g} to {end}, {words}" for (least, words), end in zip(cutoffs, ends, strict=True))
    return Bands(tuple(labels), tuple(starts[1:]))


def _span(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first} to {last}" if first < 0 else f"{first}-{last}"


def _fixed(*rows: tuple[str, float]) -> Bands:
    """Bands from (label, first value that lies above)."""
    return Bands(tuple(label for label, _ in rows), tuple(above for _, above in rows[:-1]))


# A day of its own is a date in disguise; these bands are wide enough to hold many people each.
STUDY_DAYS = _fixed(
    ("over 5 years before", -1825),
    ("1 to 5 years before", -365),
    ("in the year before", 1),
    ("weeks 1-4", 29),
    ("weeks 5-12", 85),
    ("week 13 or later", float("inf")),
)
# Follow-up counts in steps of four weeks (facts: it is a quasi-identifier when finer).
WEEKS_GIVEN = _fixed(
    ("none", 1),
    ("1-4 weeks", 5),
    ("5-8 weeks", 9),
    ("9-12 weeks", 13),
    ("13 weeks or more", float("inf")),
)
# Entries on demand within one week.
ENTRIES_IN_A_WEEK = _fixed(("none", 1), ("one", 2), ("2 or 3", 4), ("4 or more", float("inf")))
