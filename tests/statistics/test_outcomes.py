"""Change, responders, weeks, prompts and adverse events, worked out by hand, and by DuckDB on drawn rows."""

from itertools import pairwise

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.statistics.adherence import Missing, patterns, shares, shares_of_all
from studyportal.statistics.by_person import means, means_in, within
from studyportal.statistics.change import CURVE, MODERATE, SUBSTANTIAL, change, responses
from studyportal.statistics.estimates import mean
from studyportal.statistics.events import at_or_above, by_kind, worst
from studyportal.statistics.table_one import MISSING, answers, banded

NONE = np.nan


def test_responders_are_counted_by_hand_and_who_has_no_outcome_has_not_responded() -> None:
    # Pain at the beginning and later. Farrar, Dworkin, Max 2006: a lost outcome is no response.
    baseline = np.array([10, 10, 8, 6, 5, 0, NONE, 8])
    later = np.array([7, 5, 6, 6, NONE, 0, 3, 10])

    found = responses(baseline, later)

    assert found.asked.tolist() == [True] * 5 + [False, False, True]
    assert found.reduction[[0, 1, 2, 3, 7]].tolist() == [30, 50, 25, 0, -25]
    assert np.flatnonzero(found.at_least(MODERATE)).tolist() == [0, 1]
    assert np.flatnonzero(found.at_least(SUBSTANTIAL)).tolist() == [1]
    assert np.flatnonzero(found.without_outcome).tolist() == [4]
    assert change(baseline, later)[0] == -3 and np.isnan(change(baseline, later)[4])


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=40))
def test_each_group_of_the_responder_curve_holds_the_next(scores: list[tuple[int, int]]) -> None:
    baseline, later = (np.array(column) / 10 for column in zip(*scores, strict=True))

    found = responses(baseline, later)

    sets = list(found.curve().values())
    assert len(sets) == len(CURVE)
    assert all((inner <= outer).all() for outer, inner in pairwise(sets))
    assert (sets[0] <= found.asked).all()


@given(st.integers(1, 100), st.integers(1, 100))
def test_a_share_that_is_reached_exactly_counts_as_reached(tenths: int, per_cent: int) -> None:
    baseline = np.array([tenths / 10])

    found = responses(baseline, baseline * (1 - per_cent / 100))

    assert found.at_least(per_cent).all()


def test_a_scale_that_does_not_begin_at_nothing_falls_to_its_own_foot() -> None:
    found = responses(np.array([24.0, 10.0]), np.array([17.0, 10.0]), foot=10)

    assert found.reduction[0] == 50 and found.asked.tolist() == [True, False]


def test_weeks_of_drawn_diaries_have_the_means_that_duckdb_finds() -> None:
    rng = np.random.default_rng(2)
    person, week = rng.integers(0, 60, 2000), rng.integers(1, 13, 2000)
    value = rng.integers(0, 11, 2000).astype(float)
    value[rng.random(2000) < 0.1] = NONE
    women = np.arange(60) % 3 == 0

    found = means_in(week, person, value, cells=range(1, 13), places=60)

    connection = duckdb.connect()
    connection.register("diary", {"person": person, "week": week, "value": value})
    wanted = connection.sql("""
        SELECT week, avg(mean), stddev_samp(mean), count(*) FROM (
            SELECT person, week, avg(value) AS mean FROM diary WHERE NOT isnan(value) AND person % 3 = 0 GROUP BY ALL)
        GROUP BY week""").fetchall()
    for number, average, deviation, people in wanted:
        ours = mean(within(found[number], women))
        assert (ours.people, ours.value, ours.deviation) == (people, pytest.approx(average), pytest.approx(deviation))


def test_who_writes_more_counts_no_more() -> None:
    found = means(np.array([0, 0, 0, 1]), np.array([2.0, 2.0, NONE, 6.0]), places=3)

    assert found[:2].tolist() == [2, 6] and np.isnan(found[2])
    assert mean(found).value == 4


# Weeks that are over, the answers of each week (seven prompts each), the pattern (Little and Rubin 2019, ch. 1).
DIARIES = [
    (3, (7, 7, 7), Missing.NONE),
    (3, (7, 2, 0), Missing.MONOTONE),
    (3, (7, 0, 1), Missing.INTERMITTENT),
    (4, (7, 0, 1, 0), Missing.BOTH),
    (3, (0, 0, 0), Missing.ALL),
    (2, (7, 7, 7), Missing.NONE),
]


def _asked(over: list[int], weeks: int) -> np.ndarray:
    return np.array(over)[:, None] > np.arange(weeks)


@pytest.mark.parametrize(("over", "answered", "pattern"), DIARIES)
def test_a_diary_has_the_name_of_what_is_missing(over: int, answered: tuple[int, ...], pattern: Missing) -> None:
    found = patterns(np.array([answered]), _asked([over], len(answered)))

    assert [name for name, who in found.items() if who[0]] == [pattern]


def test_the_share_of_prompts_is_of_those_due_in_weeks_that_are_over() -> None:
    answered, due = np.array([[8, 0], [7, 1], [0, 0]]), np.array([7, 7])
    asked = _asked([2, 2, 0], 2)

    by_week = shares(answered, due, asked)

    assert by_week[0].tolist() == [1, 0]  # eight answers to seven prompts are all of them
    assert by_week[1].tolist() == [1, pytest.approx(1 / 7)]
    assert np.isnan(by_week[2]).all()
    assert shares_of_all(answered, due, asked)[:2].tolist() == [0.5, pytest.approx(8 / 14)]
    assert not any(who[2] for who in patterns(answered, asked).values())


def test_a_week_in_which_nobody_was_asked_is_no_gap_and_no_stop_and_has_no_share() -> None:
    answered, due = np.array([[7, 0, 7, 0], [7, 0, 0, 3], [0, 4, 0, 0]]), np.full(4, 7)
    asked = np.array([[1, 0, 1, 0], [1, 1, 1, 0], [1, 0, 1, 1]], bool)

    found = patterns(answered, asked)

    assert [name for name, who in found.items() for _ in range(who.sum())] == [
        Missing.NONE,
        Missing.MONOTONE,
        Missing.ALL,
    ]
    assert shares_of_all(answered, due, asked).tolist() == [1, pytest.approx(1 / 3), 0]
    assert np.isnan(shares(answered, due, asked)[~asked]).all()


def test_people_with_adverse_events_are_counted_once_and_by_their_worst() -> None:
    person, grade = np.array([0, 0, 2, 3]), np.array([1, 3, 2, 4])
    members = np.array([True, True, True, False])

    found = worst(person, grade, grades=(1, 2, 3, 4, 5), members=members)
    kinds = by_kind(person, {"skin": np.array([1, 1, 0, 1], bool), "heart": np.zeros(4, bool)}, members=members)

    assert {one: np.flatnonzero(who).tolist() for one, who in found.items()} == {
        0: [1],
        1: [],
        2: [2],
        3: [0],
        4: [],
        5: [],
    }
    assert np.flatnonzero(at_or_above(found, 2)).tolist() == [0, 2]
    assert {kind: int(who.sum()) for kind, who in kinds.items()} == {"skin": 1, "heart": 0}


def test_not_having_answered_is_a_row_of_table_one_and_everybody_is_in_one_row() -> None:
    ages = np.array([18, 29.9, 30, NONE, 70])

    found = answers(banded(ages, (30, 50)), ("under 30", "30 to under 50", "50 or more"))

    assert {label: np.flatnonzero(who).tolist() for label, who in found.items()} == {
        "under 30": [0, 1], "30 to under 50": [2], "50 or more": [4], MISSING: [3],
    }  # fmt: skip
