"""Fit a linear mixed model with a random intercept for each person, by restricted maximum likelihood (REML).

    outcome of row j of person i = fixed effects + u_i + e_ij,   u_i ~ N(0, between), e_ij ~ N(0, within)

Everything is worked out from sums of each person (Laird and Ware 1982, Biometrics 38:963, with one ratio of the two
variances left to search), so that a million rows cost one pass over them. Rows that lack a number are left out.

Standard errors come from the observed information of the effects and the ratio together, as in statsmodels: that the
ratio itself is only estimated makes them a little larger than those of R's lmer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log, pi, sqrt
from statistics import NormalDist
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from studyportal.errors import Invalid
from studyportal.statistics.by_person import Places
from studyportal.statistics.estimates import CONFIDENCE, Numbers

INTERCEPT = "intercept"


@dataclass(frozen=True, slots=True)
class Effect:
    """A fixed effect with its standard error and its interval of 1.96 standard errors to each side."""

    value: float
    error: float

    @property
    def low(self) -> float:
        return self.value - NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * self.error

    @property
    def high(self) -> float:
        return self.value + NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * self.error


@dataclass(frozen=True)
class Fit:
    """`between` and `within` are variances; `log_likelihood` is the restricted one."""

    rows: int
    people: int
    effects: Mapping[str, Effect]
    between: float
    within: float
    log_likelihood: float


@dataclass(frozen=True)
class Sums:
    """What the model needs to know of its rows: the sums of each person, and the products over all. They can be added
    up elsewhere, by a database that never gives a row away."""

    rows: NDArray[np.int64]
    of_x: Numbers
    of_y: Numbers
    xx: Numbers
    xy: Numbers
    yy: float


def random_intercept(person: Places, outcome: Numbers, fixed: Mapping[str, Numbers]) -> Fit:
    """The model with an intercept and these fixed effects. Raises `Invalid` if the rows cannot tell them apart."""
    names = (INTERCEPT, *fixed)
    x = np.column_stack([np.ones(len(outcome)), *fixed.values()])
    whole = ~np.isnan(outcome) & ~np.isnan(x).any(axis=1)
    return fitted(sums(person[whole], outcome[whole], x[whole]), names)


def sums(person: Places, y: Numbers, x: Numbers) -> Sums:
    """The sums of rows without gaps; `x` has a column for each effect."""
    rows = np.bincount(person)
    counted = rows > 0
    return Sums(
        rows[counted],
        np.column_stack([np.bincount(person, weights=column)[counted] for column in x.T]),
        np.bincount(person, weights=y)[counted],
        x.T @ x,
        x.T @ y,
        float(y @ y),
    )


def fitted(of: Sums, names: tuple[str, ...]) -> Fit:
    """The fit that these sums have."""
    rows, effects = int(of.rows.sum()), len(names)
    if rows <= effects or np.linalg.matrix_rank(of.xx) < effects:
        raise Invalid("These rows cannot tell the effects of this model apart. Take one of them out.")
    ratio = _ratio(lambda ratio: _solved(of, ratio)[0])
    likelihood, beta, within, information = _solved(of, ratio)
    errors = np.sqrt(np.diag(_covariance(of, ratio, beta, within, information)))
    found = {name: Effect(float(value), float(error)) for name, value, error in zip(names, beta, errors, strict=True)}
    return Fit(rows, len(of.rows), MappingProxyType(found), ratio * within, within, likelihood)


def _solved(of: Sums, ratio: float) -> tuple[float, Numbers, float, Numbers]:
    """At a ratio of the variance between people to that within: likelihood, effects, variance within, and the
    information of the effects before it is divided by that variance."""
    freedom = int(of.rows.sum()) - len(of.xy)
    weight = ratio / (1 + of.rows * ratio)
    xx = of.xx - (of.of_x.T * weight) @ of.of_x
    xy = of.xy - of.of_x.T @ (weight * of.of_y)
    yy = of.yy - float(weight @ of.of_y**2)
    beta = np.linalg.solve(xx, xy)
    # A perfect fit leaves nothing within; the smallest number keeps its logarithm.
    within = max(yy - float(beta @ xy), np.finfo(float).tiny) / freedom
    spread = float(np.log1p(of.rows * ratio).sum()) + float(np.linalg.slogdet(xx)[1])
    return -0.5 * (freedom * (log(2 * pi * within) + 1) + spread), beta, within, xx


def _covariance(of: Sums, ratio: float, beta: Numbers, within: float, information: Numbers) -> Numbers:
    """Of the effects: the inverse of the observed information, in which the ratio has its row and column."""
    shrink = 1 / (1 + of.rows * ratio)
    residual = of.of_y - of.of_x @ beta
    freedom = int(of.rows.sum()) - len(beta)
    alone = information / within
    # First and second derivatives by the ratio, of the squares that are left and of the information.
    squares, squares_2 = -float(shrink**2 @ residual**2), 2 * float((of.rows * shrink**3) @ residual**2)
    known, known_2 = -(of.of_x.T * shrink**2) @ of.of_x, 2 * (of.of_x.T * (of.rows * shrink**3)) @ of.of_x
    step, step_2 = np.linalg.solve(information, known), np.linalg.solve(information, known_2)
    left = freedom * within
    of_ratio = (
        freedom / 2 * (squares_2 / left - (squares / left) ** 2)
        - float((of.rows * shrink) @ (of.rows * shrink)) / 2
        + float(np.trace(step_2) - np.trace(step @ step)) / 2
    )
    if ratio == 0 or of_ratio <= 0:  # at the edge of what it can be, a ratio has no information
        return np.linalg.inv(alone)
    both = of.of_x.T @ (shrink**2 * residual) / within
    return np.linalg.inv(alone - np.outer(both, both) / of_ratio)


_GOLDEN = (sqrt(5) - 1) / 2


def _ratio(likelihood: Callable[[float], float]) -> float:
    """Where the likelihood is highest: by a grid, then by golden sections of the best stretch. 0 if people do not
    differ."""
    shares = np.linspace(0, 1, 41)[:-1]  # of all variance that lies between people
    heights = [likelihood(share / (1 - share)) for share in shares]
    best = int(np.argmax(heights))
    low, high = shares[max(best - 1, 0)], shares[best + 1] if best + 1 < len(shares) else 1 - 1e-9
    for _ in range(80):
        near, far = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if likelihood(near / (1 - near)) > likelihood(far / (1 - far)):
            high = far
        else:
            low = near
    share = (low + high) / 2
    found = float(share / (1 - share))
    return found if likelihood(found) > likelihood(0.0) else 0.0
