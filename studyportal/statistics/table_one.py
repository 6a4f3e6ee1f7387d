"""Describe people at the beginning, as Table 1 of a paper does: who gave each answer, and not having answered as an
answer.

Numbers are counted in published bands and have a mean beside them; never a smallest or a largest value.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from studyportal.statistics.estimates import Members, Numbers

MISSING = "not answered"


def answers(
    codes: NDArray[np.integer], labels: Sequence[str], *, members: Members | None = None
) -> Mapping[str, Members]:
    """Who gave each answer. `codes` has the number of each person's label, -1 for none; every person is in one set."""
    everybody = np.ones(len(codes), np.bool_) if members is None else members
    found = {label: everybody & (codes == at) for at, label in enumerate(labels)}
    return found | {MISSING: everybody & (codes < 0)}


def banded(values: Numbers, edges: Sequence[float]) -> NDArray[np.int64]:
    """In which band each number is, from 0; -1 for NaN. A number that equals an edge belongs to the band above."""
    return np.where(np.isnan(values), -1, np.searchsorted(np.asarray(edges, float), values, side="right"))


def deviation_from_bands(counts: Sequence[float], edges: Sequence[float]) -> float:
    """The standard deviation of numbers of which only the bands are known, by their middles and with Sheppard's
    correction.

    `edges` are all ends of the bands, one more than there are counts; the correction is for bands of one width.
    """
    ends, weights = np.asarray(edges, float), np.asarray(counts, float)
    if weights.sum() < 2:
        return float("nan")
    middles, width = (ends[1:] + ends[:-1]) / 2, np.diff(ends).mean()
    average = np.average(middles, weights=weights)
    variance = np.average((middles - average) ** 2, weights=weights) - width**2 / 12
    return float(np.sqrt(max(variance, 0.0)))
