"""Turn sets of people into protected cells: counts and means, each from the same answered sets.

A mean is of the people in the set whose answer stands for the count, so that two groups that differ by one person have
one mean as well. No smallest or largest value is ever shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import hypot
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from studyportal.research.disclosure.answering import Answered
from studyportal.research.disclosure.cells import ProtectedCell
from studyportal.research.disclosure.chance import WIDEST, Chance
from studyportal.research.disclosure.people import People, Roll
from studyportal.research.disclosure.protection import Protection

# Means of fewer people say too much about each; All of Us asks for 20 before it shows anything.
MEAN_NEEDS = 20
# A mean is a blurred sum over a blurred number of people. The sum is blurred by one and a half times the half range, by
# which somebody moves it who is in or not: so they move count and sum together by less than one and a half looks, and a
# number that may be at either end of its range moves its sum by (2 / 1.5)^2 = 1.8 looks.
SUM_IS_BLURRED_BY = 1.5
_INTERVAL = 1.96
TOO_FEW = ProtectedCell(None, "too few")


class Answers(Protocol):
    """Where sets are answered: in memory, or in a store that all processes share."""

    protection: Protection
    chance: Chance

    def of(self, roll: Roll, asked: Sequence[People]) -> Sequence[Answered]: ...


@dataclass(frozen=True)
class Measured:
    """One number for each place of a roll, NaN for who has none; values outside `low`..`high` count as these.

    `about` names what was measured, so that two measures of the same people are not blurred alike.
    """

    about: str
    values: NDArray[np.float64]
    low: float
    high: float

    @cached_property
    def having(self) -> NDArray[np.int64]:
        """The places of those who have a value."""
        return np.flatnonzero(~np.isnan(self.values))


class Engine:
    """What every page leans on. The same set always gets the same answer."""

    def __init__(self, roll: Roll, answers: Answers) -> None:
        self._roll, self._answers = roll, answers
        self._protection = answers.protection

    @property
    def hidden(self) -> str:
        """What stands where a count is not shown."""
        return self._protection.hidden

    @property
    def method(self) -> str:
        """How the numbers are protected, in sentences for the page and the file."""
        return method(self._protection)

    def count(self, people: People) -> ProtectedCell:
        """How many they are."""
        return self.counts([people])[0]

    def counts(self, sets: Sequence[People]) -> list[ProtectedCell]:
        """How many each is: the same as one by one, and quicker."""
        return [self._cell(one.shown) for one in self._answers.of(self._roll, sets)]

    def mean(self, people: People, of: Measured) -> ProtectedCell:
        """The mean of those of them who have a value, with how far the blurring can have moved it."""
        found = self._base(people, of)
        if found is None:
            return TOO_FEW
        values, people, normal = found
        half, middle = (of.high - of.low) / 2, (of.high + of.low) / 2
        blur = self._protection.noise * SUM_IS_BLURRED_BY * half
        mean = float(np.clip(middle + ((values - middle).sum() + normal * blur) / people, of.low, of.high))
        # Both what is divided and by what are blurred.
        moved = hypot(blur, self._protection.noise * (mean - middle)) / people
        return _two_figures(mean, margin=_INTERVAL * moved)

    def _base(self, people: People, of: Measured) -> tuple[NDArray[np.float64], int, float] | None:
        """The values behind a mean, how many people they count as, and the draw that blurs it; None if they are too
        few."""
        having = self._roll.people(of.having)
        (answered,) = self._answers.of(self._roll, [people & having])
        if answered.shown is None or answered.shown < MEAN_NEEDS:
            return None
        base = self._roll.present(answered.members) & having
        key = self._roll.key(base)
        # Not `size < 20`: an edge that one person can cross would say whether they are there.
        least = self._protection.threshold
        if base.size < self._answers.chance.threshold(key, least=least) + max(0, MEAN_NEEDS - least):
            return None
        values = of.values[base.mask[: len(of.values)]]
        # Blurred as the count is: with the exact number, somebody far from all others would move their mean by twice as
        # much.
        people = max(base.size + self._answers.chance.noise(key), MEAN_NEEDS)
        return np.clip(values, of.low, of.high), people, self._answers.chance.normal(of.about, key)

    def _cell(self, shown: int | None) -> ProtectedCell:
        return ProtectedCell(None, self.hidden) if shown is None else ProtectedCell(shown, f"{shown:,}")


def method(protection: Protection) -> str:
    """How a study protects its numbers, in sentences."""
    return (
        f"Each number of people is blurred (standard deviation {protection.noise}) and rounded to {protection.rounding}. The same people always have the "
        f"same number. Groups under a threshold that nobody knows (from {protection.threshold} to {protection.threshold + WIDEST}), also empty ones, are shown as "
        f"{protection.hidden}, and a group that differs from one shown before by fewer people than that has the number of one such group, so nobody can be "
        "singled out by comparing two. A small group can so be shown with the number of a larger one. Percentages come from the shown numbers. Means come from at "
        f"least {MEAN_NEEDS} people, are blurred sums divided by blurred numbers of people (± says by how much, 95 times in 100), and have two significant figures. Sums need not add up, because each number is blurred by itself. "
        f"What one project can open of the same people ends at {protection.project_ledger} in its ledger, "
        f"or, question by question and signed by the data custodian, at the {protection.study_ledger} of all projects. Somebody who knows "
        "every other record can still learn something of the last one, slowly."
    )


def _two_figures(value: float, *, margin: float) -> ProtectedCell:
    """Round to two significant figures."""
    figures = float(f"{value:.1e}")
    if abs(figures) >= 100:
        return ProtectedCell(int(figures), f"{int(figures):,}", margin)
    return ProtectedCell(figures, f"{figures:#.2g}".rstrip("."), margin)
