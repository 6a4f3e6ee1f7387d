"""The ledger: what a page costs, what is free, and that it never depends on who answered what."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.research.disclosure import Protection
from studyportal.research.disclosure.ledger import (
    Block,
    LedgerSpent,
    Price,
    StudySpent,
    _deepest,
    of_the_same,
    price,
    units,
)
from studyportal.research.disclosure.query import Rules

WOMEN: Rules = (("sex", ("f",)),)
MEN: Rules = (("sex", ("m",)),)
YOUNG: Rules = (("age", ("18-29",)),)


def course(rules: Rules, about: str = "evening.pain", snapshot: int = 1) -> Block:
    return Block(snapshot, rules, "course", about)


def of(asked: list[Block], project: list[Block], others: list[Block] = [], public: list[Block] = []) -> Price:  # noqa: B006
    return price(asked, project=project, others=others, public=public, protection=Protection())


def item(rules: Rules, about: str, snapshot: int = 1) -> Block:
    return Block(snapshot, rules, "item", about)


def test_every_item_of_a_table_counts_one_as_a_step_does_and_a_course_eight() -> None:
    items = [item(WOMEN, f"baseline.{number}") for number in range(8)]

    assert units(items) == 8
    assert units([*items[:3], item(MEN, "baseline.1"), course(WOMEN), Block(1, WOMEN, "step")]) == 13


def test_what_was_opened_is_free_and_another_snapshot_is_not() -> None:
    opened = [item(WOMEN, "x")]

    assert of([item(WOMEN, "x")], opened).units == 0
    assert of([item(WOMEN, "x", snapshot=2)], opened).units == 1
    assert of([item((), "x")], [], public=[item((), "x")]).units == 0


def test_cohorts_that_nobody_can_both_be_in_do_not_add_up() -> None:
    women, men, young = ([item(rules, str(number)) for number in range(20)] for rules in (WOMEN, MEN, YOUNG))

    assert of([item(WOMEN, "x")], women + men).used == 21
    assert of([item(YOUNG, "x")], women + men).used == 21
    assert of([item((), "x")], women + men + young).used == 41


def test_a_review_allows_what_was_read_and_never_what_all_projects_may_open() -> None:
    opened = [item(WOMEN, str(number)) for number in range(50)]
    others = [item(WOMEN, f"other {number}") for number in range(99)]
    two = [item(WOMEN, "x"), item(WOMEN, "y")]

    of(two[:1], opened, others).check_allowed(reach=51)
    with pytest.raises(LedgerSpent, match="since the review was asked for"):
        of(two, opened, others[:9]).check_allowed(reach=51)
    with pytest.raises(StudySpent, match="No review"):
        of(two, opened, others).check_allowed(reach=52)
    with pytest.raises(StudySpent, match="No review"):
        of(two, opened, others).check()


def test_what_a_review_had_allowed_stays_open_beyond_the_cap() -> None:
    opened = [item(WOMEN, str(number)) for number in range(60)]

    of(opened[-3:], opened).check()
    with pytest.raises(LedgerSpent):
        of([item(WOMEN, "x")], opened).check()


def test_which_of_the_opened_could_be_about_the_same_people_is_told_by_the_questions() -> None:
    opened = [item(WOMEN, "a"), item(MEN, "b"), item(YOUNG, "c"), item((), "d")]

    assert of_the_same(opened, [item(WOMEN, "x")]) == [opened[0], opened[2], opened[3]]
    assert of_the_same(opened, [item((), "x")]) == opened


def test_above_the_cap_of_a_project_a_reviewer_decides_and_what_was_opened_stays_open() -> None:
    opened = [item(YOUNG, str(number)) for number in range(50)]

    with pytest.raises(LedgerSpent, match="review"):
        of([item(WOMEN, "x")], opened).check()
    of([opened[7]], opened).check()
    of([item(MEN, "x")], [item(WOMEN, str(number)) for number in range(50)]).check()


def test_what_others_opened_counts_in_all_but_not_in_the_project() -> None:
    others = [item((), str(number)) for number in range(150)]

    found = of([item(WOMEN, "x")], [], others)

    assert (found.units, found.used, found.used_of_all) == (1, 1, 151)
    assert not found.is_within
    assert of([item((), "7")], [], others).used_of_all == 150


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    names = draw(st.sets(st.sampled_from("abcd"), max_size=3))
    return tuple((name, tuple(sorted(draw(st.sets(st.sampled_from("123"), min_size=1))))) for name in sorted(names))


@given(st.dictionaries(rules(), st.integers(1, 5), max_size=8), rules())
def test_the_most_that_anybody_could_have_is_that_of_one_combination_of_answers(
    weights: dict[Rules, int], within: Rules
) -> None:
    def has(answers: dict[str, str], cohort: Rules) -> bool:
        return all(answers[name] in values for name, values in cohort)

    everybody = [dict(zip("abcd", kind, strict=True)) for kind in product("123", repeat=4)]
    expected = max(
        sum(units for cohort, units in weights.items() if has(one, cohort)) for one in everybody if has(one, within)
    )

    assert _deepest(weights, dict(within)) == expected


def test_150_cohorts_of_all_kinds_are_counted_quickly_and_never_too_low() -> None:
    cohorts = {
        tuple((f"v{(number * step) % 11}", (str(number % 3), str((number + step) % 4))) for step in (1, 2, 5)): 1
        for number in range(150)
    }
    cohorts = {tuple(sorted(dict(rules).items())): 1 for rules in cohorts}

    assert 1 <= _deepest(cohorts, {}) <= len(cohorts)


def test_the_price_is_said_before_and_is_the_same_for_every_cohort_asked_for_alike() -> None:
    found = of([course(WOMEN), Block(1, WOMEN, "item", "baseline.age")], [course((), "1")])

    assert found.words == "Opening this costs 9 in the ledger of the project, where 8 of 50 are used for these people."
    assert found == of([course(MEN), Block(1, MEN, "item", "baseline.age")], [course((), "1")])
