"""Say where the middle and the outer tenths of a distribution lie, from the numbers of its table and nothing else. Pure.

A number is published in a few wide bands, so a quantile is told as the band that it lies in: a value between the edges of one
would be invented, and so would a standard deviation.
"""

from collections.abc import Sequence

from studyportal.research.cohorts.measures import Measure
from studyportal.research.disclosure import ProtectedCell, ProtectedTable
from studyportal.research.disclosure.histogram import MODEL_NEEDS, quantiles

PER_CENT = (10, 25, 50, 75, 90)
TOO_WIDE = "The bands are too wide to tell values inside of them"


def in_bands(measure: Measure, found: ProtectedTable) -> str:
    """One or two sentences on the median, P25, P75, P10 and P90 of a number in bands; "" for what is no number, and where fewer
    people are shown than a statement on tenths needs. `found` is the distribution's table, with a row for each band."""
    variable = measure.variable
    if variable is None or variable.bands is None or len(variable.codes) < 3:
        return ""
    words = [variable.labels[code] for code in variable.codes]
    shown = {row.label: row.cells[0] for row in found.rows}
    cells = [shown[label] for label in words]
    if sum(cell.value or 0 for cell in cells) < MODEL_NEEDS:
        return ""
    tenth, quarter, middle, three_quarters, nine_tenths = (words[at] for at in _bands(cells))
    other = "; Table 1 has the standard deviation." if variable.source == "once" and variable.item else ", so no standard deviation is given."
    return (
        f"By the shown numbers the median lies in “{middle}”, the quartiles in {_both(quarter, three_quarters)}, the outer tenths "
        f"(P10 and P90) in {_both(tenth, nine_tenths)}. {TOO_WIDE}{other}"
    )


def _bands(cells: Sequence[ProtectedCell]) -> list[int]:
    """The place of the band that holds each quantile; hidden counts are none, as everywhere."""
    # With edges one apart, what a quantile is tells the band; one on an edge is the last of the band below.
    found = quantiles(cells, range(len(cells) + 1), PER_CENT)
    return [max(0, -int(-one // 1) - 1) for one in found if one is not None]


def _both(first: str, last: str) -> str:
    return f"“{first}”" if first == last else f"“{first}” and “{last}”"
