"""Quantiles of a distribution are told as the bands that they lie in, by shown numbers alone and with what blurring
leaves open."""

import numpy as np
import pytest

from studyportal.research.cohorts.measures import Measure, measures
from studyportal.research.cohorts.quantiles import QUANTILES, _bands, _deviation, in_bands
from studyportal.research.disclosure import ProtectedCell, ProtectedTable, Protection, Row
from studyportal.research.snapshot.codebook import read_codebook
from tests.research.study import RELEASED

KNOWN = measures(read_codebook(RELEASED))
LABELS = ["0-2", "3-4", "5-7", "8-10"]


def a_number() -> Measure:
    return next(
        one for one in KNOWN.values() if one.variable and one.variable.bands and [*one.variable.codes] == LABELS
    )


def said(measure: Measure, *counts: int | None) -> str:
    assert measure.variable is not None
    cells = [ProtectedCell(one, "<10" if one is None else str(one)) for one in counts]
    rows = [Row(label, (cell,)) for label, cell in zip(measure.variable.labels.values(), cells, strict=False)]
    return in_bands(measure, ProtectedTable("", ("", "Cohort"), tuple(rows), ""), Protection())


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        # Of thousands, blurring opens nothing but what stands on an edge.
        (
            (3000, 3000, 3000, 1000),
            "P10 and P25 lie in “0-2”, the median lies in “3-4”, P75 lies in “5-7”, P90 lies in “5-7” or “8-10”.",
        ),
        ((None, 600, 400, None), "P10, P25 and the median lie in “3-4”, P75 and P90 lie in “5-7”."),
        # Of few, an edge so near to the middle is open.
        (
            (None, 95, 105, None),
            "P10 and P25 lie in “3-4”, the median lies in “3-4” or “5-7”, P75 and P90 lie in “5-7”.",
        ),
    ],
)
def test_each_quantile_is_told_as_its_band(counts: tuple[int | None, ...], words: str) -> None:
    assert f"By the shown numbers {words}" in said(a_number(), *counts)


def test_of_few_people_or_of_what_is_no_number_nothing_is_told() -> None:
    choice = next(one for one in KNOWN.values() if one.variable and not one.variable.bands)

    assert said(a_number(), None, 30, 10, None) == ""
    assert said(choice, 500, 500) == ""


def test_the_bands_that_are_told_hold_the_true_one() -> None:
    rng, protection = np.random.default_rng(5), Protection()
    true = np.array([70, 130, 150, 50])
    ends = np.cumsum(true) / true.sum()

    hits = [
        int(np.searchsorted(ends, share)) in _bands(shown, share, _deviation(protection))
        for _ in range(400)
        for shown in [(5 * np.round((true + rng.normal(0, protection.noise, 4)) / 5)).tolist()]
        for share in QUANTILES.values()
    ]

    assert np.mean(hits) > 0.95
