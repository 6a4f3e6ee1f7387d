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
