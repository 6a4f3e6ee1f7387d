"""Days of the cycle and patterns of doses, by hand on calendars drawn here, and against DuckDB on drawn rows."""

import duckdb
import numpy as np
import pytest

from studyportal.portal.demo.generator import dose_days
from studyportal.statistics.cycle import DAY_AFTER, DOSE_DAY, NO_DAY, by_day_of_cycle, days_of_cycle, differences
from studyportal.statistics.estimates import mean
from studyportal.statistics.schedules import Pattern, patterns


def _cycle(days: list[int], doses: list[int]) -> list[int]:
    whose, taken = np.zeros(len(days), int), np.zeros(len(doses), int)
    return days_of_cycle(whose, np.array(days), dosed=taken, dosed_on=np.array(doses, int)).tolist()


@pytest.mark.parametrize(
    ("days", "doses", "cycle"),
    [
        #  the days of the diary      doses        day of cycle
        ([1, 2, 3, 4, 5, 6, 7], [1, 4, 7], [0, 1, 2, 0, 1, 2, 0]),  # one on, two off
        ([1, 2, 3, 4, 5, 6, 7], [2, 3], [NO_DAY, 0, 0, 1, 2, 3, 4]),  # two days running
        ([1, 2, 3], [-1], [1, 2, 3]),  # the day before study day 1 is day -1
        ([1, 2, 3], [], [NO_DAY] * 3),
        ([3, 1, 3], [1, 1], [2, 0, 2]),  # two doses on a day, two entries on a day, in no order
    ],
)
def test_a_day_of_the_cycle_is_counted_from_the_last_dose(days: list[int], doses: list[int], cycle: list[int]) -> None:
    assert _cycle(days, doses) == cycle


def test_a_dose_of_somebody_else_counts_for_nobody() -> None:
    found = days_of_cycle(np.array([0, 1, 2]), np.array([5, 5, 5]), dosed=np.array([1]), dosed_on=np.array([4]))

    assert found.tolist() == [NO_DAY, DAY_AFTER, NO_DAY]


def test_each_person_counts_once_and_is_compared_with_themselves() -> None:
    # By hand. Person 0: dose days 2 and 4 (mean 3), second days after 6. Person 1: a dose day 5 and no second day
    # after.
    cycle, person = np.array([0, 0, 2, 0]), np.array([0, 0, 0, 1])

    found = by_day_of_cycle(cycle, person, np.array([2.0, 4.0, 6.0, 5.0]), places=2)

    assert found[DOSE_DAY].tolist() == [3, 5] and mean(found[DOSE_DAY]).value == 4
    assert differences(found, DOSE_DAY)[0] == -3 and np.isnan(differences(found, DOSE_DAY)[1])


def test_drawn_diaries_have_the_means_that_duckdb_finds() -> None:
    rng = np.random.default_rng(7)
    person, day = (axis.ravel() for axis in np.meshgrid(np.arange(50), np.arange(1, 85), indexing="ij"))
    kept = rng.random(len(person)) < 0.8
    person, day, value = person[kept], day[kept], rng.integers(0, 11, kept.sum()).astype(float)
    taken = rng.random(len(person)) < 0.3
    dosed, dosed_on = person[taken], day[taken]

    cycle = days_of_cycle(person, day, dosed=dosed, dosed_on=dosed_on)
    found = by_day_of_cycle(cycle, person, value, places=50)

    connection = duckdb.connect()
    connection.register("diary", {"person": person, "day": day, "value": value})
    connection.register("dose", {"person": dosed, "day": dosed_on})
    wanted = connection.sql("""
        SELECT since, avg(mean), count(*) FROM (
            SELECT person, since, avg(value) AS mean FROM (
                SELECT diary.*, diary.day - (SELECT max(day) FROM dose WHERE dose.person = diary.person AND dose.day <= diary.day) AS since FROM diary)
            WHERE since <= 2 GROUP BY person, since) GROUP BY since ORDER BY since""").fetchall()  # fmt: skip
    for since, average, people in wanted:
        assert (mean(found[since]).value, mean(found[since]).people) == (pytest.approx(average), people)


def _dosing(*cycle: int, weeks: int = 8) -> np.ndarray:
    taken = np.resize(np.array(cycle, bool), 7 * weeks)
    return np.flatnonzero(taken) + 1


CALENDARS = {
    Pattern.ONE_ON_TWO_OFF: _dosing(1, 0, 0),
    Pattern.FOUR_ON_THREE_OFF: _dosing(1, 1, 1, 1, 0, 0, 0),
    Pattern.EVERY_OTHER: _dosing(1, 0),
    Pattern.IRREGULAR: _dosing(1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0),
    Pattern.TOO_FEW: np.array([1, 4, 7]),
    Pattern.NONE: np.array([], int),
}


@pytest.mark.parametrize("pattern", CALENDARS)
def test_a_calendar_has_the_name_of_its_pattern(pattern: Pattern) -> None:
    days = CALENDARS[pattern]

    assert _named(days) == pattern


def test_a_forgotten_entry_and_a_shifted_cycle_keep_their_name() -> None:
    days = np.concatenate([[-1, 3, 6], 9 + 3 * np.arange(8), 34 + 3 * np.arange(6)])

    assert _named(days) == Pattern.ONE_ON_TWO_OFF


def test_of_synthetic_people_nearly_all_have_the_pattern_they_intend_and_hardly_anybody_without_one_has_one() -> None:
    # Intended by the generator of the demonstration: of its days a tenth is skipped or moved. Not all are written down.
    intended = {
        "fadiman": Pattern.ONE_ON_TWO_OFF, "stamets": Pattern.FOUR_ON_THREE_OFF, "every_other": Pattern.EVERY_OTHER,
    }  # fmt: skip
    rng = np.random.default_rng(5)

    def named(schedule: str) -> list[Pattern]:
        days = (np.flatnonzero(dose_days(rng, schedule, 90) & (rng.random(90) < 0.95)) + 1 for _ in range(300))
        return [_named(one) for one in days]

    rates = {schedule: np.mean([one == pattern for one in named(schedule)]) for schedule, pattern in intended.items()}
    wrong = np.mean([one in intended.values() for one in named("irregular")])

    assert min(rates.values()) >= 0.9 and wrong <= 0.02, (rates, wrong)


def _named(days: np.ndarray) -> Pattern:
    found = patterns(np.zeros(len(days), int), days, places=1)
    (name,) = [pattern for pattern, who in found.items() if who[0]]
    return name
