"""Bring answers down to one number per person: what somebody writes more often counts no more than others."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from studyportal.statistics.estimates import Members, Numbers

Places = NDArray[np.integer]


def means(person: Places, value: Numbers, *, places: int) -> Numbers:
    """Each person's own mean of their answers; NaN for who gave none. Answers that are NaN were not given."""
    known = ~np.isnan(value)
    counts = np.bincount(person[known], minlength=places)
    sums = np.bincount(person[known], weights=value[known], minlength=places)
    return np.divide(sums, counts, out=np.full(places, np.nan), where=counts > 0)


def means_in(
    cell: Places, person: Places, value: Numbers, *, cells: Iterable[int], places: int
) -> Mapping[int, Numbers]:
    """Each person's own mean in each cell, such as a study week or a day of the cycle. `cell` has one row per
    answer."""
    wanted = sorted(cells)
    row = np.searchsorted(wanted, cell)
    counted = np.isin(cell, wanted) & ~np.isnan(value)
    at = row[counted] * places + person[counted]
    counts = np.bincount(at, minlength=len(wanted) * places)
    sums = np.bincount(at, weights=value[counted], minlength=len(wanted) * places)
    found = np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0).reshape(len(wanted), places)
    return dict(zip(wanted, found, strict=True))


def over_all(rows: Sequence[Numbers], *, places: int) -> Numbers:
    """Each person's mean over several cells, such as weeks, each of which counts the same."""
    known = [~np.isnan(row) for row in rows]
    counts = np.sum(known, axis=0, dtype=np.int64) if rows else np.zeros(places, np.int64)
    sums = np.sum([np.where(there, row, 0) for there, row in zip(known, rows, strict=True)], axis=0)
    return np.divide(sums, counts, out=np.full(places, np.nan), where=counts > 0)


def within(values: Numbers, members: Members) -> Numbers:
    """The numbers of these people alone."""
    return np.where(members, values, np.nan)


def anybody(person: Places, *, places: int) -> Members:
    """Who has at least one row."""
    found = np.zeros(places, np.bool_)
    found[person] = True
    return found


def by_place(person: Places, value: Numbers, *, places: int) -> Numbers:
    """Numbers of which each person has one, in a row of their own, as an array over all places."""
    found = np.full(places, np.nan)
    found[person] = value
    return found
