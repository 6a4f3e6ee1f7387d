"""Say where the middle and the outer tenths of a distribution lie, from the numbers of its table and nothing else.
Pure.

A number is published in a few wide bands, so a quantile is told as the band that it lies in: a value between the edges
of one would be invented, and so would a standard deviation. Where blurring leaves two bands open, both are told; where
more, none.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import sqrt

from studyportal.research.cohorts.measures import Measure
from studyportal.research.disclosure import ProtectedTable, Protection

# The outer ones are the tenth and the ninetieth: further out they would be single people.
QUANTILES = {"P10": 0.1, "P25": 0.25, "the median": 0.5, "P75": 0.75, "P90": 0.9}
MIDDLE = "the median"
# Fewer people carry no statement on tenths (facts on disclosure: as for a model).
LEAST_PEOPLE = 50
# So many standard deviations to each side hold what blurring does, 95 times in 100.
REACH = 1.96
TOO_WIDE = "Bands are too wide to tell values inside of them"


def in_bands(measure: Measure, found: ProtectedTable, protection: Protection) -> str:
    """Sentences on the quantiles of a number in bands; "" for what is no number, and where fewer people are shown than
    a statement on tenths needs. `found` is the distribution's table, with a row for each band; a hidden number counts
    as none."""
    variable = measure.variable
    if variable is None or variable.bands is None or len(variable.codes) < 3:
        return ""
    words = [variable.labels[code] for code in variable.codes]
    shown = {row.label: row.cells[0].value or 0 for row in found.rows}
    counts = [float(shown[label]) for label in words]
    if sum(counts) < LEAST_PEOPLE:
        return ""
    places = {name: _bands(counts, share, _deviation(protection)) for name, share in QUANTILES.items()}
    told = {name: " or ".join(f"“{words[at]}”" for at in bands) for name, bands in places.items() if len(bands) <= 2}
    if MIDDLE not in told:
        return ""
    other = (
        "; Table 1 has a standard deviation."
        if variable.source == "once" and variable.item
        else ", so no standard deviation is given."
    )
    both = (
        " Two are named where blurring leaves both open." if any(len(bands) == 2 for bands in places.values()) else ""
    )
    return f"By the shown numbers {_listed(told)}.{both} {TOO_WIDE}{other}"


def _deviation(protection: Protection) -> float:
    """That of one shown count around the true one: what is added to it, and what rounding moves it (Sheppard 1898)."""
    return sqrt(protection.noise**2 + protection.rounding**2 / 12)


def _bands(counts: Sequence[float], share: float, deviation: float) -> range:
    """The places of the bands in which so large a share of the people can end."""
    reached = [*_reached(counts, deviation)]
    first = next((at for at, (_, most) in enumerate(reached) if most >= share), len(counts) - 1)
    last = next((at for at, (least, _) in enumerate(reached) if least >= share), len(counts) - 1)
    return range(first, last + 1)


def _reached(counts: Sequence[float], deviation: float) -> Iterator[tuple[float, float]]:
    """How large a share lies in a band or below, at least and at most. A share is that of a sum of `at` blurred counts
    in one of all, whose deviation is that of the ratio (delta method)."""
    whole, number = sum(counts), len(counts)
    for at, below in enumerate(accumulate(counts), 1):
        share = below / whole
        half = REACH * deviation * sqrt((1 - share) ** 2 * at + share**2 * (number - at)) / whole
        yield (share - half, share + half) if at < number else (1.0, 1.0)


def _listed(told: dict[str, str]) -> str:
    """ "P10 lies in “0-2”, P25 and the median in “3-4”": quantiles in the same band are told together."""
    groups: dict[str, list[str]] = {}
    for name, where in told.items():
        groups.setdefault(where, []).append(name)
    parts = [f"{_joined(names)} {'lies' if len(names) == 1 else 'lie'} in {where}" for where, names in groups.items()]
    return ", ".join(parts)


def _joined(names: Sequence[str]) -> str:
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last
