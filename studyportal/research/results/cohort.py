"""Ask the disclosure engine about a cohort: how many of some people are in it, and the mean of their numbers.

The only door from `statistics` to a page. An interval is worked out from what the engine gave, so it says no more than
that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import hypot, sqrt

import numpy as np

from studyportal.charts import Chart
from studyportal.research.disclosure import Measured, People, ProtectedCell, ProtectedTable
from studyportal.research.disclosure.cells import EMPTY
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.variables import NOT_ANSWERED, Variable
from studyportal.statistics.by_person import over_all
from studyportal.statistics.estimates import Members, around

# Facts on disclosure: a table holds so many groups of people at most.
MOST_CELLS = 120
INTERVAL = "95 % interval"
# How far numbers reach around their mean, as a share of the range: twice a standard deviation of 2 on a scale of 10,
# which takes 4 % off it.
REACH = 0.4
# Differences are cut off at half of the scale to each side: hardly any reach so far, and twice the range would be
# blurred twice as much.
CUT_OFF = "Differences of more than half of the scale count as half of it."
# What the intervals of means hold, said once under each.
HOW_INTERVALS = (
    "Intervals are worked out from the shown mean, the shown number of people and a protected standard deviation, and hold how far "
    "blurring can have moved the mean."
)
# The same for the shares of groups that hold each other.
HOW_SHARES = (
    "Each group here is part of the one before and is protected by itself, so it can be shown larger; shares are the nearest "
    "that never rise. Their intervals do not hold what rounding and blurring add."
)


@dataclass(frozen=True)
class Finding:
    """One result: its table, its pictures, and a sentence that says what it shows, for whom and how it was counted."""

    table: ProtectedTable
    pictures: tuple[Chart, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Mean:
    """A protected mean, of how many people, and its interval where both are shown."""

    people: ProtectedCell
    mean: ProtectedCell
    low: float | None = None
    high: float | None = None

    @property
    def cells(self) -> tuple[ProtectedCell, ProtectedCell, ProtectedCell]:
        return self.people, self.mean, ranged(self.low, self.high)


@dataclass(frozen=True)
class Cohort:
    """Some people of a snapshot. Sets and numbers go in by place (`statistics`); protected cells come out."""

    snapshot: OpenedSnapshot
    people: People

    @property
    def places(self) -> int:
        return self.snapshot.roll.places

    @cached_property
    def members(self) -> Members:
        return self.people.mask[: self.places]

    def count(self, members: Members) -> ProtectedCell:
        """How many of these people are in the cohort."""
        return self.counts([members])[0]

    def counts(self, sets: Iterable[Members]) -> list[ProtectedCell]:
        """How many of each are in the cohort: the same as one by one, and quicker."""
        return self.snapshot.engine.counts([self.within(members) for members in sets])

    def within(self, members: Members) -> People:
        """Those of them who are in the cohort."""
        return self.snapshot.roll.people(np.flatnonzero(self.members & members))

    @cached_property
    def size(self) -> ProtectedCell:
        return self.count(self.members)

    @property
    def everybody(self) -> "Cohort":
        """All people of the snapshot: which weeks and groups are listed depends on them, never on the cohort."""
        return replace(self, people=self.snapshot.everybody)

    def mean(self, of: Measured) -> ProtectedCell:
        """The mean over those in the cohort who have a number."""
        return self.snapshot.engine.mean(self.people, of)

    def deviation(self, *cells: Measured) -> float | None:
        """A protected standard deviation of the numbers in one or several cells, such as weeks: the root of the mean
        square around the shown mean, each person counting once, and from the engine like any mean.

        Squares are cut off at `REACH` of the whole range: the further they reach, the more they have to be blurred."""
        if not cells:
            return None
        about, low, high = f"{cells[0].about} and {len(cells) - 1} more", cells[0].low, cells[0].high
        clipped = [np.clip(of.values, low, high) for of in cells]
        # Asked again by another name, one mean would be blurred twice, and less each time.
        whole = (
            cells[0]
            if len(cells) == 1
            else Measured(f"mean of {about}", over_all(clipped, places=self.places), low, high)
        )
        middle = self.mean(whole).value
        if middle is None:
            return None
        squares = over_all([(values - middle) ** 2 for values in clipped], places=self.places)
        shown = self.mean(Measured(f"squares of {about}", squares, 0, (REACH * (high - low)) ** 2)).value
        return None if shown is None else sqrt(max(shown, 0))

    def measured(self, of: Measured, *, deviation: float | None) -> Mean:
        """The mean with its interval; `deviation` is that of one person's number."""
        people = self.count(~np.isnan(of.values))
        mean = self.mean(of)
        if people.value is None or mean.value is None or deviation is None:
            return Mean(people, mean)
        below, _ = around(mean.value, deviation=deviation, people=people.value)
        half = hypot(mean.value - below, mean.margin or 0)
        return Mean(people, mean, max(of.low, mean.value - half), min(of.high, mean.value + half))

    def by(self, variable: Variable | None) -> Mapping[str, "Cohort"]:
        """The cohort by the bins of a variable, under their words; not answering is an answer. None does not divide."""
        if variable is None:
            return {"Cohort": self}
        sets, roll = self.snapshot.sets(variable), self.snapshot.roll
        return {
            variable.words_of(one): replace(self, people=self.people & roll.any_of(sets[value] for value in one))
            for one in self.snapshot.bins[variable.name]
        }

    def asked_of(self, variable: Variable) -> Mapping[str, Members]:
        """Who gave each value, under its label."""
        sets = self.snapshot.sets(variable)
        return {
            variable.labels[code]: sets[code].mask[: self.places]
            for code in (*variable.codes, NOT_ANSWERED)
            if code in sets
        }


def ask(groups: Sequence[Cohort], sets: Iterable[Members]) -> None:
    """Have each of these sets answered within each group of one snapshot: what is new is then kept in one transaction,
    not in one each."""
    groups[0].snapshot.engine.counts([group.within(members) for members in sets for group in groups])


def said(text: str) -> ProtectedCell:
    """Words in a table, which tell of nobody."""
    return ProtectedCell(None, text)


def ranged(low: float | None, high: float | None, *, unit: str = "") -> ProtectedCell:
    """An interval as a cell."""
    if low is None or high is None:
        return EMPTY
    return said(f"{_number(low)} to {_number(high)}{unit}")


def _number(value: float) -> str:
    # Nothing is not less than nothing.
    return f"{round(value, 1) + 0.0:.1f}".replace("-", "\N{MINUS SIGN}")
