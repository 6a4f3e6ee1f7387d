"""Draw by chance what the parts of a synthetic person share: series over days, choices, sets of choices. Pure NumPy."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np

Series = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Diary:
    """Entries of one instrument, one element per entry and in order of time.

    `day` is the study day, `minute` the moment of sending, counted from local midnight of that day. `number` is the
    occasion; of a follow-up, the place of its dose among the doses; of a dose, its own place. `values` holds one array
    per item; where `given` is False the item was left out.
    """

    day: Series
    minute: Series
    number: Series
    values: Mapping[str, Series]
    given: Mapping[str, Series]

    def __len__(self) -> int:
        return len(self.day)


@dataclass(frozen=True, slots=True)
class Told:
    """A single entry: like one element of a `Diary`, with the reasons given in place of answers."""

    instrument: str
    day: int
    minute: int
    answers: Mapping[str, Any]
    missing: Mapping[str, str]


def pick(rng: np.random.Generator, shares: Mapping[str, float]) -> str:
    """One of the names, by their shares."""
    *below, whole = accumulate(shares.values())
    return list(shares)[bisect_right(below, rng.random() * whole)]


def sets(rng: np.random.Generator, chances: Mapping[str, float], count: int) -> Series:
    """So many choices of several: each name by its own chance, in their order; ["none"] if it is none of them."""
    names, drawn = list(chances), rng.random((count, len(chances))) < np.array(list(chances.values()))
    found = np.empty(count, dtype=object)
    for place, row in enumerate(drawn.tolist()):
        found[place] = [name for name, there in zip(names, row, strict=True) if there] if True in row else ["none"]
    return found


def some(rng: np.random.Generator, chances: Mapping[str, float]) -> list[str]:
    """One choice of several."""
    (found,) = sets(rng, chances, 1)
    return list(found)


def same_each_time(rows: list[Any], count: int) -> Series:
    """The same rows of a group, so many times."""
    found = np.empty(count, dtype=object)
    for place in range(count):
        found[place] = rows
    return found


def carried(rng: np.random.Generator, days: int, *, sd: float, share: float) -> Series:
    """A series whose deviation carries over to the next day by `share`, with stationary standard deviation `sd`."""
    shocks = rng.normal(0, sd * np.sqrt(1 - share**2), days)
    value, series = rng.normal(0, sd), np.empty(days)
    for day in range(days):
        value = share * value + shocks[day]
        series[day] = value
    return series


def on_scale(series: Series, low: int, high: int) -> Series:
    """Whole numbers within the ends of a scale."""
    return np.clip(np.rint(series), low, high).astype(int)


def left_out(rng: np.random.Generator, names: Sequence[str], count: int, *, share: float, always: Sequence[str]) -> Any:
    """Which answers are given: all of those in `always`, and of the others all but `share`."""
    return {name: rng.random(count) >= (0 if name in always else share) for name in names}
