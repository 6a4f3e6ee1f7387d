"""Means, shares and their intervals agree with published examples, to the digits that are printed there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from studyportal.statistics.estimates import mean, share, student

# Student 1908, Biometrika 6:1, table on page 20: additional hours of sleep by two soporifics, the same ten patients.
SLEEP = np.array(
    [[0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]]
)


def test_student_s_own_example_has_its_mean_deviation_and_interval() -> None:
    found = mean(SLEEP[1] - SLEEP[0])

    assert (found.people, round(found.value, 2), round(found.deviation, 2)) == (10, 1.58, 1.23)
    # R's t.test(extra ~ group, data = sleep, paired = TRUE), as its manual prints it.
    assert (found.low, found.high) == pytest.approx((0.7001142, 2.4598858), abs=2e-4)


# Newcombe 1998, Stat Med 17:857, table I, method 3.
@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_a_share_has_the_interval_of_newcombe_s_table(part: int, whole: int, low: float, high: float) -> None:
    found = share(part, whole)

    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


# Table of Student's t for 95 %, as in every textbook (here Altman 1991, Practical Statistics for Medical Research, B3).
@pytest.mark.parametrize(
    ("freedom", "reach"), [(1, 12.706), (2, 4.303), (4, 2.776), (9, 2.262), (19, 2.093), (30, 2.042), (120, 1.980)]
)
def test_the_reach_of_an_interval_is_that_of_the_printed_table(freedom: int, reach: float) -> None:
    assert student(freedom) == pytest.approx(reach, abs=2e-3)


def test_the_reach_is_as_near_to_scipy_s_as_its_docstring_says() -> None:
    exact = {freedom: float(stats.t.ppf(0.975, freedom)) for freedom in range(3, 500)}

    off = {freedom: abs(student(freedom) / reach - 1) for freedom, reach in exact.items()}

    assert max(off.values()) < 2e-3
    assert max(share for freedom, share in off.items() if freedom >= 20) < 1e-6


@given(st.lists(st.floats(-1e6, 1e6), max_size=30), st.integers(0, 30))
def test_who_has_no_number_changes_nothing(values: list[float], gaps: int) -> None:
    known = mean(np.array(values, float))

    found = mean(np.array([*values, *[np.nan] * gaps], float))

    assert found.people == len(values)
    assert found.value == known.value or not values


def test_nobody_has_no_mean_and_one_person_no_interval() -> None:
    assert mean(np.array([np.nan])).people == 0 and share(0, 0).people == 0
    assert mean(np.array([3.0])).value == 3.0 and np.isnan(mean(np.array([3.0])).low)
