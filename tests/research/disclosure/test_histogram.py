"""Quantiles and spread come from shown numbers alone, and no outermost value is ever among them."""

import numpy as np
import pytest

from studyportal.errors import Invalid
from studyportal.research.disclosure import ProtectedCell
from studyportal.research.disclosure.histogram import quantiles, spread

HIDDEN = ProtectedCell(None, "<10")


def cells(*numbers: int | None) -> list[ProtectedCell]:
    return [HIDDEN if number is None else ProtectedCell(number, str(number)) for number in numbers]


def test_quantiles_of_even_bins_are_those_of_the_line() -> None:
    assert quantiles(cells(20, 20, 20, 20), [0, 1, 2, 3, 4], [10, 50, 90]) == [0.4, 2.0, 3.6]


def test_quantiles_and_spread_of_many_bins_are_those_of_numpy() -> None:
    values = np.random.default_rng(3).normal(50, 10, 100_000)
    numbers, edges = np.histogram(values, bins=np.arange(0, 101, 1))
    shown = cells(*numbers.tolist())

    assert quantiles(shown, edges.tolist(), [25, 75]) == pytest.approx(np.percentile(values, [25, 75]), abs=0.05)
    # Bins of one widen a spread of ten by a twelfth in the square (Sheppard 1898).
    assert spread(shown, edges.tolist()) == pytest.approx(np.sqrt(values.var() + 1 / 12), abs=0.02)


@pytest.mark.parametrize("outer", [0, 5, 9.9, 91, 100])
def test_no_smallest_or_largest_value_is_ever_told(outer: float) -> None:
    with pytest.raises(Invalid):
        quantiles(cells(50, 50), [0, 1, 2], [outer])


def test_where_nothing_is_shown_nothing_is_told() -> None:
    assert quantiles(cells(None, None), [0, 1, 2], [50]) == [None]
    assert spread(cells(None, None), [0, 1, 2]) is None
