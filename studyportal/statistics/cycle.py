"""Tell dose days from the days after: day of cycle, as Polito and Stevenson (2019, PLoS ONE 14:e0211023) counted it.

Day 0 of a cycle is a day on which somebody recorded a dose, day 1 the day after, day 2 the second day after, each without
another dose in between. Later days, and days before the first dose, belong to no cell. Days are study days; since there
is no study day 0, day -1 and day 1 follow each other.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from studyportal.statistics.by_person import Places, means_in
from studyportal.statistics.estimates import Numbers

DOSE_DAY, DAY_AFTER, SECOND_DAY_AFTER = 0, 1, 2
DAYS = (DOSE_DAY, DAY_AFTER, SECOND_DAY_AFTER)
NO_DAY = -1


def days_of_cycle(person: Places, day: Places, *, dosed: Places, dosed_on: Places) -> NDArray[np.int64]:
    """For each row the days since that person's last dose; `NO_DAY` before the first. `dosed` and `dosed_on` are a row per dose."""
    if not len(dosed):
        return np.full(len(day), NO_DAY)
    ordinals, doses = _ordinal(day), _ordinal(dosed_on)
    first = min(int(ordinals.min(initial=0)), int(doses.min()))
    span = max(int(ordinals.max(initial=0)), int(doses.max())) - first + 1
    # One number for a person's day, so that one search finds the last dose of everybody.
    taken = np.unique(dosed.astype(np.int64) * span + doses - first)
    asked = person.astype(np.int64) * span + ordinals - first
    before = np.searchsorted(taken, asked, side="right") - 1
    last = taken[np.maximum(before, 0)]
    same = (before >= 0) & (last // span == person)
    return np.where(same, asked - last, NO_DAY)


def by_day_of_cycle(cycle: NDArray[np.int64], person: Places, value: Numbers, *, places: int) -> Mapping[int, Numbers]:
    """Each person's own mean of their dose days, days after and second days after; `cycle` is what `days_of_cycle` gave."""
    return means_in(cycle, person, value, cells=DAYS, places=places)


def differences(found: Mapping[int, Numbers], day: int, *, against: int = SECOND_DAY_AFTER) -> Numbers:
    """How a person's own days differ; NaN for who has only one of the two. Nobody is compared with anybody else."""
    return found[day] - found[against]


def _ordinal(day: Places) -> NDArray[np.int64]:
    days = day.astype(np.int64)
    return np.where(days > 0, days - 1, days)
