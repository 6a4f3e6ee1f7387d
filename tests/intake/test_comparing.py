"""Days with something noted stand beside the others with what chance can do, and nothing is said of too few."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from studyportal.charts.daily import DailyCourse, measures_of
from studyportal.intake.course.comparing import FEWEST_DAYS, compared, compared_titles, quantile
from studyportal.protocol import SHIPPED, load_protocol
from studyportal.protocol.happened import Happened

PROTOCOL = load_protocol(SHIPPED)
MEASURES = measures_of(PROTOCOL)
PAIN, (TITLE,) = MEASURES[0], compared_titles(PROTOCOL)
FIRST = date(2026, 3, 2)


def course(pain: dict[int, float], noted: set[int], title: str = TITLE) -> DailyCourse:
    """Somebody with this pain on these days, who noted something on those."""
    day = lambda number: FIRST + timedelta(days=number)
    moments = [datetime(2026, 3, 2, 12, tzinfo=UTC) + timedelta(days=number) for number in noted]
    values = {(PAIN, day(number)): value for number, value in pain.items()}
    return DailyCourse(
        FIRST, day(max(pain)), MEASURES, values, [(title, [Happened(one.date(), one) for one in moments])]
    )


def test_only_what_is_asked_about_again_is_compared() -> None:
    assert TITLE == PROTOCOL.instruments["dose"].title
    assert compared(course(dict.fromkeys(range(90), 5.0), set(range(0, 90, 3)), "Something else"), TITLE) == []


def test_means_are_those_of_the_days_with_it_the_days_after_and_the_others() -> None:
    pain = {day: {0: 3.0, 1: 4.0, 2: 6.0}[day % 3] for day in range(90)}

    (found,) = compared(course(pain, set(range(0, 90, 3))), TITLE)

    assert (found.noted.value, found.after.value, found.others.value) == (3, 4, 6)
    assert (found.noted.days, found.after.days, found.others.days) == (30, 30, 30)
    assert found.difference is not None
    assert found.difference.value == -3 and not found.difference.may_be_chance


def test_a_day_after_that_is_itself_such_a_day_counts_as_one() -> None:
    (found,) = compared(course(dict.fromkeys(range(60), 5.0), {10, 11}), TITLE)

    assert (found.noted.days, found.after.days, found.others.days) == (2, 1, 57)


@pytest.mark.parametrize(
    ("days", "noted"),
    [
        (60, set(range(FEWEST_DAYS - 1))),
        (35, set(range(0, 35, 2))),
        (60, set(range(60))),
        (60, set()),
    ],
    ids=["few days with it", "five weeks", "no other days", "never"],
)
def test_nothing_is_said_of_too_few(days: int, noted: set[int]) -> None:
    found = compared(course(dict.fromkeys(range(days), 5.0), noted), TITLE)

    assert [one.difference for one in found] == [None] * len(found)


@pytest.mark.parametrize("carried", [0.0, 0.4, 0.7])
def test_where_nothing_is_different_chance_is_said_at_least_nine_times_in_ten(carried: float) -> None:
    rng, chance = np.random.default_rng(11), 0
    for _ in range(200):
        noise, pain = rng.normal(0, 1.5, 120), np.zeros(120)
        for day in range(1, 120):
            pain[day] = carried * pain[day - 1] + noise[day]
        noted = set(np.flatnonzero(rng.random(120) < 0.3).tolist())
        (found,) = compared(course(dict(enumerate(pain.tolist())), noted), TITLE)
        assert found.difference is not None
        chance += found.difference.may_be_chance

    assert chance >= 180


@pytest.mark.parametrize(("freedom", "published"), [(5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980)])
def test_the_quantile_is_the_published_one(freedom: int, published: float) -> None:
    # Abramowitz & Stegun 1964, table 26.10.
    assert quantile(freedom) == pytest.approx(published, abs=0.006)
