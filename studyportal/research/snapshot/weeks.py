"""Bring diary rows together by person and week: nothing finer is ever counted, averaged or released."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
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
        """One row per person: their number of weeks as `week`, all their answers, and the mean of their weekly means."""
        people, back, weeks = np.unique(self.index, return_inverse=True, return_counts=True)
        answers = np.bincount(back, weights=self.answers, minlength=len(people)).astype(np.int64)
        mean = np.bincount(back, weights=self.mean, minlength=len(people)) / np.maximum(weeks, 1)
        return Weekly(people, weeks, answers, mean)


def weekly(rows: pa.Table, item: str | None) -> Weekly:
    """The answers to `item` (numbers, or yes as 1 and no as 0) by person and week; None counts entries alone.

    `rows` has the columns index and week and that of the item. Days before the first week are left out.
    """
    rows = rows.filter(pc.field("week") >= 1)
    values = pa.nulls(len(rows), pa.float64()) if item is None else rows.column(item).cast(pa.float64())
    if item is not None:
        rows, values = rows.filter(values.is_valid()), values.drop_null()
    slim = pa.table({"index": rows.column("index"), "week": rows.column("week"), "value": values})
    grouped = slim.group_by(["week", "index"]).aggregate(
        [("value", "count", pc.CountOptions("all")), ("value", "mean")]
    )
    grouped = grouped.sort_by([("week", "ascending"), ("index", "ascending")])
    return Weekly(
        grouped.column("index").to_numpy().astype(np.int64),
        grouped.column("week").to_numpy().astype(np.int64),
        grouped.column("value_count").to_numpy().astype(np.int64),
        grouped.column("value_mean").to_numpy(zero_copy_only=False).astype(np.float64),
    )
