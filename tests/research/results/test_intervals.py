"""Protected means and intervals stand where the unprotected ones of the same drawn people do, within what rounding takes."""

import numpy as np
import pytest

from studyportal.charts import Chart
from studyportal.research.results.course import weekly_course, weekly_numbers
from studyportal.research.results.cycle import day_of_cycle, numbers_by_day
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.statistics.cycle import DOSE_DAY, SECOND_DAY_AFTER, differences
from studyportal.statistics.estimates import Numbers, mean
from tests.research.results.study import cohort_of, instrument
from tests.research.study import alone, hand_made

SNAPSHOT = OpenedSnapshot(hand_made(700, seed=8), alone)
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
    # Two figures and the blurring of a mean of hundreds of people, whose differences have twice the range.
    assert shown["mean"] == pytest.approx(wanted.value, abs=0.3)
    assert shown["low"] <= shown["mean"] <= shown["high"]
    # The interval holds the blurring, too: it is wider, and of so many people three times as wide at most.
    assert 0.95 * (wanted.high - wanted.low) < shown["high"] - shown["low"] < 3 * (wanted.high - wanted.low)
