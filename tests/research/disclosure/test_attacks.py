"""Attacks on the pure engine, on a seeded cohort of 2,000 people, with the ledger off; each with the bound that it must
keep.

How sure this is: an attack that looks for any difference is right in half of the targets plus half of how often it sees
one. In 60 targets with the attribute (30 of them in reverse) the exclusion pair sees none, so it sees one in fewer than
5 % (95 % confidence) and is right in fewer than 52.5 %; of the others with 12 to 20 such targets, in fewer than 61 %.
The attacks of insiders are worked out exactly from what the engine draws, for every size; playing them against the
engine (100 targets, standard error 0.045) shows that it draws as worked out. Whatever a project can open up to its cap
is played as well, with 200 targets and a standard error of 0.03.
"""

import numpy as np
import pytest

from studyportal.research.disclosure import Answering, Chance, Engine, Measured, Protection
from studyportal.research.disclosure.ledger import COUNTS, WEEKS_OF_A_COURSE
from tests.research.disclosure import attackers
from tests.research.disclosure.attackers import (
    ByDistanceAlone,
    EvenThreshold,
    FromFourPeopleOn,
    NearestBorrowed,
    NothingBorrowed,
    OwnAnswersOnly,
    accuracy,
    chances,
)
from tests.research.disclosure.synthetic import answering, askable, cohort, roll_of

COHORT = cohort()
# What a spent ledger gives somebody who knows every other record, at the very most: a hundred looks at sets with the
# target.
INSIDER = 0.78
CAP, LOOKS = Protection().project_ledger, 100
STANDARD_ERROR, STANDARD_ERROR_OF_200 = 0.045, 0.03


@pytest.mark.parametrize("reverse", [False, True])
def test_a_cohort_with_and_without_somebody_has_one_answer(reverse: bool) -> None:
    assert accuracy(attackers.exclusion(50, reverse=reverse), targets=60) <= 0.55


def test_the_same_attack_is_right_every_time_where_no_answer_is_borrowed() -> None:
    assert accuracy(attackers.exclusion(50), targets=30, of=NothingBorrowed) > 0.95


def test_sums_over_400_cells_of_partitions_tell_nothing() -> None:
    assert accuracy(attackers.partition(400), targets=24) <= 0.60


def test_a_set_close_to_one_that_borrowed_has_its_answer_too() -> None:
    assert accuracy(attackers.borrowed(30), targets=40) <= 0.55
    assert accuracy(attackers.borrowed(30), targets=20, of=OwnAnswersOnly) > 0.95


def test_cells_that_are_all_of_a_cohort_or_nothing_tell_nothing_of_the_last_person() -> None:
    assert accuracy(attackers.sides(30), targets=60) <= 0.55
    assert accuracy(attackers.sides(30), targets=20, of=NothingBorrowed) > 0.9


def test_sums_of_a_cohort_and_its_parts_tell_less_than_an_insider_knows_at_the_ledger_cap() -> None:
    # Two of each three sets have the target, so that 25 such sums are what the ledger lets anybody have.
    assert accuracy(attackers.additivity(75), targets=100) <= 0.65 + STANDARD_ERROR


@pytest.mark.parametrize("size", [0, 5, 8, 9, 10, 12, 15, 18, 19, 22, 25, 28, 32, 37, 41, 42, 45, 60, 100, 103])
def test_an_insider_wins_slowly_whatever_the_size_of_the_sets(size: int) -> None:
    rng = np.random.default_rng(11)
    without, having = chances(size), chances(size + 1)
    tells = np.log(np.maximum(having, 1e-12)) - np.log(np.maximum(without, 1e-12))

    scores = [rng.multinomial(LOOKS, chance / chance.sum(), 10_000) @ tells for chance in (without, having)]
    right = (
        np.mean(scores[0] < 0) + np.mean(scores[1] > 0) + (np.mean(scores[0] == 0) + np.mean(scores[1] == 0)) / 2
    ) / 2

    assert right <= INSIDER


@pytest.mark.parametrize("size", [14, 150])
def test_an_insider_playing_against_the_engine_is_right_no_more_often(size: int) -> None:
    assert accuracy(attackers.of_size(size), targets=100, together=1) <= INSIDER + STANDARD_ERROR


def test_an_edge_in_the_threshold_would_give_the_last_person_away() -> None:
    attack = attackers.of_size(9)

    assert accuracy(attack, targets=60, together=1, chance=EvenThreshold) > 0.85


@pytest.mark.parametrize("apart", [9, 20])
def test_whether_an_answer_is_borrowed_tells_an_insider_no_more_either(apart: int) -> None:
    assert accuracy(attackers.beside(apart), targets=100, together=1) <= INSIDER + STANDARD_ERROR


def test_which_answer_is_borrowed_tells_an_insider_no_more_either() -> None:
    # Two of each three sets have the target, and a yes or no question shows two sets.
    assert accuracy(attackers.between(10, sets=50), targets=100, together=1) <= INSIDER + STANDARD_ERROR


def test_five_sets_would_be_enough_if_the_nearest_answer_were_always_the_one() -> None:
    assert accuracy(attackers.between(12, sets=5), targets=60, together=1, of=NearestBorrowed) > 0.9


def test_fifty_yes_or_no_questions_tell_an_insider_no_more_though_both_cells_of_each_tell() -> None:
    assert (
        accuracy(attackers.yes_or_no(CAP // COUNTS["item"]), targets=200, together=1) <= INSIDER + STANDARD_ERROR_OF_200
    )


def test_tables_of_eight_items_of_a_cohort_tell_no_more_up_to_the_cap_and_very_much_if_each_counted_one() -> None:
    tables = attackers.tables_of_eight(CAP // COUNTS["item"])

    assert accuracy(tables, targets=200, together=1) <= INSIDER + STANDARD_ERROR_OF_200
    assert accuracy(attackers.tables_of_eight(8 * CAP), targets=20, together=1) > 0.9


def test_a_group_that_shrinks_to_one_person_leaves_nothing_behind_and_very_much_if_distance_alone_counted() -> None:
    assert accuracy(attackers.shrinking(3), targets=60) <= 0.55
    assert accuracy(attackers.shrinking(3), targets=20, of=ByDistanceAlone) > 0.85


def test_walking_up_to_a_set_tells_an_insider_no_more_unless_it_is_known_where_the_eldest_begins_to_lend() -> None:
    assert accuracy(attackers.walking(CAP), targets=200, together=1) <= INSIDER + STANDARD_ERROR_OF_200
    assert accuracy(attackers.walking(CAP), targets=30, together=1, chance=FromFourPeopleOn) > 0.95


def test_walking_from_two_sides_tells_an_insider_more_and_not_all() -> None:
    # Known not to be closed (decision 0013).
    assert accuracy(attackers.two_fronts(CAP), targets=200, together=1) <= 0.81 + STANDARD_ERROR_OF_200


@pytest.mark.parametrize(("courses", "items"), [(6, 1), (0, 25)])
def test_numbers_at_one_of_two_ends_tell_an_insider_no_more_of_which(courses: int, items: int) -> None:
    ends = attackers.at_an_end(courses=courses, items=items, rows=WEEKS_OF_A_COURSE + 2)

    # The mean of an item costs as much as its cells.
    assert courses * COUNTS["course"] + 2 * items * COUNTS["item"] == CAP
    assert accuracy(ends, targets=200, together=1) <= INSIDER + STANDARD_ERROR_OF_200


@pytest.mark.parametrize(("courses", "items", "steps"), [(6, 2, 0), (3, 26, 0), (5, 5, 5)])
def test_no_mix_of_what_a_project_can_open_tells_an_insider_more(courses: int, items: int, steps: int) -> None:
    mix = attackers.mixed(courses=courses, items=items, steps=steps, rows=WEEKS_OF_A_COURSE + 1)

    assert courses * COUNTS["course"] + items * COUNTS["item"] + steps * COUNTS["step"] == CAP
    assert accuracy(mix, targets=200, together=1) <= INSIDER + STANDARD_ERROR_OF_200


def test_the_same_question_a_hundred_times_by_two_projects_is_one_answer() -> None:
    asked = answering()
    women, older = COHORT.having("sex", 1), COHORT.having("age", 3) | COHORT.having("age", 4)
    ways = [women & older, older & women, women - (women - older), older - (COHORT.roll.everybody - women)]

    rows = {row for _ in range(25) for row in asked.answer(COHORT.roll, ways)}

    assert len(rows) == 1


def test_two_users_at_once_get_no_second_draw() -> None:
    rng, differ = np.random.default_rng(8), 0
    asked = answering()
    for row in askable(COHORT)[:300]:
        person = int(rng.choice(np.flatnonzero(row))) if row.any() else 0
        first, second = (COHORT.of(row), COHORT.of(row) - COHORT.one(person))
        users = [first, second, second, first] if rng.random() < 0.5 else [second, first, first, second]
        differ += len({asked.sets.shown(answer) for answer in asked.answer(COHORT.roll, users)}) > 1

    assert differ == 0


def test_who_joins_and_who_leaves_between_two_snapshots_changes_no_answer() -> None:
    rng, differ, changed = np.random.default_rng(9), 0, 0
    asked = answering()
    before, after = roll_of(2_000), roll_of(2_001)
    for row in askable(COHORT)[:300]:
        if row.sum() < 30:
            continue
        leaver = int(rng.choice(np.flatnonzero(row)))
        mine = np.flatnonzero(row)
        joined, left = np.append(mine, 2_000), mine[mine != leaver]
        (old,) = asked.answer(before, [before.people(mine)])
        new = asked.answer(after, [after.people(joined), after.people(left)])
        differ += {asked.sets.shown(one) for one in new} != {asked.sets.shown(old)}
        changed += 1

    assert changed > 200
    assert differ == 0


def test_the_mean_of_a_group_with_and_without_somebody_is_one_number() -> None:
    rng, engine, differ = np.random.default_rng(10), Engine(COHORT.roll, answering()), 0
    for row in askable(COHORT)[:200]:
        people = COHORT.of(row)
        if people.size < 40:
            continue
        person = int(rng.choice(np.flatnonzero(row)))
        values = rng.normal(5, 2, COHORT.size).clip(0, 10)
        values[person] = 10.0
        of = Measured("pain", values, 0, 10)
        differ += engine.mean(people, of) != engine.mean(people - COHORT.one(person), of)

    assert differ == 0


def test_whether_a_mean_is_shown_has_no_edge_at_twenty() -> None:
    shown = {size: 0 for size in (19, 20, 31, 55)}
    for seed in range(150):
        engine = Engine(COHORT.roll, Answering(Chance(np.random.default_rng(seed).bytes(32)), answering().protection))
        of = Measured("pain", np.full(COHORT.size, 5.0), 0, 10)
        for size in shown:
            people = COHORT.roll.people(np.arange(200 * size, 201 * size) % 2_000)
            shown[size] += engine.mean(people, of).value is not None

    assert shown[19] == 0
    assert shown[20] <= 10
    assert shown[20] < shown[31] < shown[55]
