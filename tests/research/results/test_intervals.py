"""Protected means and intervals stand where the unprotected ones of the same drawn people do, wider by what blurring
adds."""

from math import hypot

import numpy as np
import pytest

from studyportal.charts import Chart
from studyportal.research.disclosure.protection import LEAST_NOISE
from studyportal.research.results.course import weekly_course, weekly_numbers
from studyportal.research.results.cycle import day_of_cycle, numbers_by_day
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.statistics.cycle import DOSE_DAY, SECOND_DAY_AFTER, differences
from studyportal.statistics.estimates import Numbers, mean
from tests.research.results.study import Plain, cohort_of, instrument
from tests.research.study import hand_made

SNAPSHOT = OpenedSnapshot(hand_made(700, seed=8), Plain)
PAIN = SNAPSHOT.codebook.items["evening.pain"]


@pytest.mark.parametrize("week", [1, 6])
def test_a_week_of_the_course_has_the_interval_of_its_numbers(week: int) -> None:
    (picture,) = weekly_course(cohort_of(SNAPSHOT), PAIN).pictures

    shown = next(row for row in _rows(picture) if row["week"] == week)

    _is_near(shown, weekly_numbers(SNAPSHOT, PAIN)[week])


def test_days_of_the_cycle_and_their_differences_have_the_intervals_of_their_numbers() -> None:
    doses = instrument(SNAPSHOT, "dose")
    days, apart = day_of_cycle(cohort_of(SNAPSHOT), PAIN, doses).pictures

    numbers = numbers_by_day(SNAPSHOT, PAIN, doses)

    for day, row in enumerate(_rows(days)):
        _is_near(row, numbers[day])
    _is_near(_rows(apart)[0], differences(numbers, DOSE_DAY, against=SECOND_DAY_AFTER))


def _rows(picture: Chart) -> list[dict[str, float]]:
    """What the marks of a picture are drawn from; rows that all layers share stand above them."""
    parts = (picture.document, *picture.document["layer"])
    rows = [row for part in parts for row in part.get("data", {}).get("values", ())]
    return [row for row in rows if "mean" in row]


def _is_near(shown: dict[str, float], numbers: Numbers) -> None:
    wanted = mean(numbers)
    assert wanted.people > 100 and np.isfinite(wanted.low)
    # Blurring moves a sum by one and a half times seven people's half range and their number by seven (decision 0013),
    # 1.96 standard deviations of it 95 times in 100.
    blurred = hypot(1.5 * 10 / 2, wanted.value - 10 / 2) * LEAST_NOISE / wanted.people
    half = hypot(wanted.high - wanted.value, 1.96 * blurred)
    # A mean of two figures is off by 0.05 at most; the shown number of people and the deviation by a twentieth.
    assert (shown["mean"], shown["low"], shown["high"]) == pytest.approx(
        (wanted.value, wanted.value - half, wanted.value + half), abs=0.08
    )
    assert shown["high"] - shown["low"] == pytest.approx(2 * half, rel=0.15)
