"""Sum up one number per person: a mean with its interval, a share with its interval.

Nobody who has no number is counted, and how many were is always said.
"""

from dataclasses import dataclass
from math import cos, inf, pi, sin, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Members = NDArray[np.bool_]

# Intervals hold the true value in so many of a hundred studies.
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number that sums up `people`, and its interval; NaN where they are too few for one."""

    people: int
    value: float
    low: float
    high: float
    deviation: float = float("nan")


def mean(values: Numbers) -> Estimate:
    """The mean of those who have a number, its interval by Student's t, and the standard deviation."""
    known = values[~np.isnan(values)]
    people = len(known)
    if not people:
        return Estimate(0, *[float("nan")] * 3)
    middle = float(known.mean())
    deviation = float(known.std(ddof=1)) if people > 1 else float("nan")
    low, high = around(middle, deviation=deviation, people=people)
    return Estimate(people, middle, low, high, deviation)


def around(middle: float, *, deviation: float, people: float) -> tuple[float, float]:
    """The interval of a mean of so many people whose numbers differ by this standard deviation."""
    if people < 2:
        return float("nan"), float("nan")
    half = student(people - 1) * deviation / sqrt(people)
    return middle - half, middle + half


def share(part: float, whole: float) -> Estimate:
    """A share of people from 0 to 1 with Wilson's interval, which also holds near none and all (Newcombe 1998)."""
    if not whole:
        return Estimate(0, *[float("nan")] * 3)
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    p = part / whole
    middle, half = p + z * z / (2 * whole), z * sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole))
    below = 1 + z * z / whole
    return Estimate(int(whole), p, max(0.0, (middle - half) / below), min(1.0, (middle + half) / below))


def student(freedom: float, *, confidence: float = CONFIDENCE) -> float:
    """By how many standard errors an interval reaches to each side: the quantile of Student's t.

    Exact for 1 and 2 degrees of freedom; then the expansion 26.7.5 of Abramowitz and Stegun (1964), which is off by
    less than 0.2 % from 3 on and less than 0.0001 % from 20 on.
    """
    p = (1 + confidence) / 2
    if freedom < 1:
        return inf
    if freedom == 1:
        return sin(pi * (p - 0.5)) / cos(pi * (p - 0.5))
    if freedom == 2:
        return (2 * p - 1) * sqrt(2 / (4 * p * (1 - p)))
    z = NormalDist().inv_cdf(p)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, 1))
