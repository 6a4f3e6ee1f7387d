"""Tell how many went on writing, week by week: a survival curve of Kaplan and Meier (1958), made of counts alone.

From counts, because counts are what disclosure control can protect: how many were still being followed when a week
began, and how many were last heard of in it though they were followed longer. Intervals are Greenwood's on the log-log
scale, which stay between 0 and 1 (Kalbfleisch and Prentice 2002, 1.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from studyportal.statistics.by_person import Places
from studyportal.statistics.estimates import CONFIDENCE, Members, Numbers


@dataclass(frozen=True, slots=True)
class Survival:
    """The share that goes on after a time, its interval, and how many were followed up to then."""

    time: float
    share: float
    low: float
    high: float
    at_risk: float


@dataclass(frozen=True)
class AtRisk:
    """For each week the people followed into it, and those of them who were last heard of in it though it went on."""

    weeks: tuple[int, ...]
    followed: tuple[Members, ...]
    stopped: tuple[Members, ...]


def last_weeks(person: Places, week: Places, *, places: int) -> NDArray[np.int64]:
    """The last week with an entry of every person; 0 for who has none."""
    found = np.zeros(places, np.int64)
    np.maximum.at(found, person, week)
    return found


def at_risk(last: NDArray[np.integer], over: NDArray[np.integer], *, members: Members) -> AtRisk:
    """`last` is the last week with an entry, `over` how many weeks of each person are over.

    Whoever wrote in their last week that is over still writes: they are followed up to it and are not known to have
    stopped.
    """
    counted = members & (last >= 1)
    ended = counted & (last < over)
    weeks = tuple(int(one) for one in np.unique(last[ended]))
    return AtRisk(
        weeks,
        tuple(counted & (last >= week) for week in weeks),
        tuple(ended & (last == week) for week in weeks),
    )


def still_writing(last: NDArray[np.integer], week: int, *, members: Members) -> Members:
    """Who gave an entry in this week or a later one.

    Of `members` who were all followed so long, their share is the reduced-sample estimate of Kaplan and Meier (1958,
    2): it needs large groups only, where the curve needs how many stopped in each week, which are too few to show.
    """
    return members & (last >= week)


def kaplan_meier(times: Sequence[float], followed: Sequence[float], stopped: Sequence[float]) -> list[Survival]:
    """The curve after each time at which somebody stopped."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    share, spread, curve = 1.0, 0.0, []
    for time, people, ends in zip(times, followed, stopped, strict=True):
        share *= 1 - ends / people
        spread += ends / (people * (people - ends)) if people > ends else 0.0
        if 0 < share < 1:
            half = z * sqrt(spread) / log(share)
            low, high = sorted((share ** exp(half), share ** exp(-half)))
        else:
            low, high = (share, share)
        curve.append(Survival(time, share, low, high, people))
    return curve


def falling(values: Sequence[float], weights: Sequence[float] | None = None) -> Numbers:
    """The nearest numbers, by least squares, that never rise: neighbours that do are put together (Ayer et al. 1955).

    For counts of groups that hold each other, of which blurring can make the smaller look larger.
    """
    blocks: list[list[float]] = []
    for value, weight in zip(values, weights or [1.0] * len(values), strict=True):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-1][0] > blocks[-2][0]:
            (one, heavy, length), (other, light, more) = blocks.pop(), blocks.pop()
            together = heavy + light
            blocks.append([(one * heavy + other * light) / together, together, length + more])
    return np.repeat([value for value, _, _ in blocks], [int(length) for *_, length in blocks])
