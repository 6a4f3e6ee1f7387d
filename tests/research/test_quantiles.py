"""Quantiles of a distribution are told as the bands that they lie in, by shown numbers alone."""

import pytest

from studyportal.research.cohorts.measures import Measure, measures
from studyportal.research.cohorts.quantiles import in_bands
from studyportal.research.disclosure import ProtectedCell, ProtectedTable, Row
from studyportal.research.snapshot.codebook import read_codebook
from tests.research.study import RELEASED

KNOWN = measures(read_codebook(RELEASED))


def table(measure: Measure, *counts: int | None) -> ProtectedTable:
    cells = [ProtectedCell(one, "<10" if one is None else str(one)) for one in counts]
    assert measure.variable is not None
    rows = zip(measure.variable.labels.values(), cells, strict=False)
    return ProtectedTable("", ("", "Cohort"), (Row("Everybody", (cells[0],)), *(Row(label, (cell,)) for label, cell in rows)), "")


def a_number() -> Measure:
    return next(one for one in KNOWN.values() if one.variable and one.variable.bands and len(one.variable.codes) == 4)


@pytest.mark.parametrize(
    ("counts", "median", "quartiles", "tenths"),
    [
        ((100, 100, 100, 100), 1, (0, 2), (0, 3)),
        ((None, 60, 40, None), 1, (1, 2), (1, 2)),
        ((10, 0, 0, 90), 3, (3, 3), (0, 3)),
    ],
)
def test_each_quantile_is_told_as_its_band(counts, median, quartiles, tenths) -> None:
    measure = a_number()
    labels = [measure.variable.labels[code] for code in measure.variable.codes]

    said = in_bands(measure, table(measure, *counts))

    def both(places: tuple[int, int]) -> str:
        return " and ".join(dict.fromkeys(f"“{labels[at]}”" for at in places))

    assert f"the median lies in “{labels[median]}”, the quartiles in {both(quartiles)}, the outer tenths (P10 and P90) in {both(tenths)}." in said


def test_of_few_people_or_of_what_is_no_number_nothing_is_told() -> None:
    choice = next(one for one in KNOWN.values() if one.variable and not one.variable.bands)

    assert in_bands(a_number(), table(a_number(), None, 30, 10, None)) == ""
    assert in_bands(choice, table(choice, 500, 500)) == ""
