"""Bring diary rows together by person and week: nothing finer is ever counted, averaged or released."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(frozen=True)
class Weekly:
    """Rows of a person's week, sorted by week: place, week from 1, number of answers, and their mean (or NaN)."""

    index: NDArray[np.int64]
    week: NDArray[np.int64]
    answers: NDArray[np.int64]
    mean: NDArray[np.float64]

    @cached_property
    def weeks(self) -> list[int]:
        return [int(week) for week in np.unique(self.week)]

    def of(self, mask: NDArray[np.bool_]) -> "Weekly":
        """The rows of those whose place is true in `mask`."""
        rows = mask[self.index]
        return Weekly(self.index[rows], self.week[rows], self.answers[rows], self.mean[rows])

    def each(self) -> Iterator[tuple[int, "Weekly"]]:
        """Every week with its rows, one per person."""
        starts, ends = (np.searchsorted(self.week, self.weeks, side=side) for side in ("left", "right"))
        for week, start, end in zip(self.weeks, starts, ends, strict=True):
            rows = slice(start, end)
            yield week, Weekly(self.index[rows], self.week[rows], self.answers[rows], self.mean[rows])

    def answered(self, *, places: int, weeks: int) -> NDArray[np.int64]:
        """How many answers each place has in each week from 1 to `weeks`: a row per place, a column per week."""
        found, counted = np.zeros((places, weeks), np.int64), self.week <= weeks
        found[self.index[counted], self.week[counted] - 1] = self.answers[counted]
        return found

    @cached_property
    def by_person(self) -> "Weekly":
        """One row per person: their number of weeks as `week`, all their answers, and the mean of their weekly
        means."""
        people, back, weeks = np.unique(self.index, return_inverse=True, return_counts=True)
        answers = np.bincount(back, weights=self.answers, minlength=len(people)).astype(np.int64)
        mean = np.bincount(back, weights=self.mean, minlength=len(people)) / np.maximum(weeks, 1)
        return Weekly(people, weeks, answers, mean)


def weekly(rows: pa.Table, item: str | None) -> Weekly:
    """The answers to `item` (numbers, or yes as 1 and no as 0) by person and week; None counts entries alone.

    `rows` has the columns index and week and that of the item. Days before the first week are left out.
    """
    index, week = (rows.column(name).to_numpy().astype(np.int64) for name in ("index", "week"))
    values = np.zeros(len(index))
    if item is not None:
        values = rows.column(item).cast(pa.float64()).to_numpy(zero_copy_only=False)
    counted = (week >= 1) & ~np.isnan(values)
    index, week, values = index[counted], week[counted], values[counted]
    # One number for each week of each person, so that they are sorted by week and then by place.
    places = index.max(initial=0) + 1
    cells = week * places + index
    answers, sums = np.bincount(cells), np.bincount(cells, weights=values)
    found = np.flatnonzero(answers)
    answers = answers[found].astype(np.int64)
    means = np.full(len(found), np.nan) if item is None else sums[found] / answers
    return Weekly(found % places, found // places, answers, means)
