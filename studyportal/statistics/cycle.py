"""Tell dose days from the days after: day of cycle, as Polito and Stevenson (2019, PLoS ONE 14:e0211023) counted it.

Day 0 of a cycle is a day on which somebody recorded a dose, day 1 the day after, day 2 the second day after, each
without another dose in between. Later days, and days before the first dose, belong to no cell. Days are study days;
since there is no study day 0, day -1 and day 1 follow each other.
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
    """For each row the days since that person's last dose; `NO_DAY` before the first. `dosed` and `dosed_on` are a row
    per dose."""
    if not len(dosed) or not len(day):
        return np.full(len(day), NO_DAY)
    asked, doses = _ordinal(day), _ordinal(dosed_on)
    first = min(int(asked.min()), int(doses.min()))
    days, people = max(int(asked.max()), int(doses.max())) - first + 1, max(int(person.max()), int(dosed.max())) + 1
    # The last dose of everybody up to each day, as a table: a search for each row would take five times as long.
    last = np.full((people, days), NO_DAY, np.int32)
    last[dosed, doses - first] = doses - first
    np.maximum.accumulate(last, axis=1, out=last)
    found = last[person, asked - first]
    return np.where(found == NO_DAY, NO_DAY, asked - first - found)


def by_day_of_cycle(cycle: NDArray[np.int64], person: Places, value: Numbers, *, places: int) -> Mapping[int, Numbers]:
    """Each person's own mean of their dose days, days after and second days after; `cycle` is what `days_of_cycle`
    gave."""
    return means_in(cycle, person, value, cells=DAYS, places=places)


def differences(found: Mapping[int, Numbers], day: int, *, against: int = SECOND_DAY_AFTER) -> Numbers:
    """How a person's own days differ; NaN for who has only one of the two. Nobody is compared with anybody else."""
    return found[day] - found[against]


def _ordinal(day: Places) -> NDArray[np.int64]:
    days = day.astype(np.int64)
    return np.where(days > 0, days - 1, days)
