"""What holds for every answer, whatever was asked before, in which order, by whom and how."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.errors import Unsafe
from studyportal.research.disclosure import Answering, Chance, Engine, Measured, People, Protection, Roll
from studyportal.research.disclosure.answered import NOBODY, AnsweredSets, Row
from studyportal.research.disclosure.chance import ELDEST, SHOWN, WIDEST
from tests.research.disclosure.synthetic import answering, roll_of

PLACES = 300
ROLL = roll_of(PLACES)


@st.composite
def sets(draw: st.DrawFn) -> People:
    """Stretches of people, often nearly the same as others, with somebody more or less."""
    start, length = draw(st.integers(0, 12)), draw(st.integers(0, 90))
    mask = np.zeros(PLACES, bool)
    mask[start * 20 : start * 20 + length] = True
    for place in draw(st.lists(st.integers(0, PLACES - 1), max_size=3)):
        mask[place] ^= True
    return People(np.packbits(mask))


questions = st.lists(sets(), min_size=1, max_size=25)


def shown(asked: Answering, people: People, roll: Roll = ROLL) -> int | None:
    return asked.of(roll, [people])[0].shown


@given(questions, st.randoms())
def test_the_same_set_has_the_same_answer_for_ever(asked: list[People], chance: object) -> None:
    engine = answering()
    first = [shown(engine, people) for people in asked]
    again = [*enumerate(asked)]
    chance.shuffle(again)  # type: ignore[attr-defined]

    assert all(shown(engine, people) == first[number] for number, people in again)
    assert [one.shown for one in engine.of(ROLL, asked)] == first


@given(questions)
def test_what_is_shown_is_a_multiple_of_5_and_never_under_10(asked: list[People]) -> None:
    engine = answering()

    assert all(one.shown is None or (one.shown >= 10 and one.shown % 5 == 0) for one in engine.of(ROLL, asked))


@given(questions)
def test_an_answer_is_its_own_and_of_enough_people_or_that_of_a_set_close_by(asked: list[People]) -> None:
    engine = answering()
    for people in asked:
        before = len(engine.sets)
        (row,) = engine.answer(ROLL, [people])
        threshold = engine.chance.threshold(ROLL.key(people))
        if row < before:
            continue
        near, apart = engine.sets.near(people.words, within=threshold)
        others = apart[near != row]
        if engine.sets.own(row) == row:
            assert people.size >= threshold
            assert not len(others)
        else:
            assert len(others)
            assert engine.sets.shown(row) == engine.sets.shown(engine.sets.own(row))


@given(st.integers(0, 9), st.integers(0, 200))
def test_nine_people_never_have_a_number_of_their_own(size: int, start: int) -> None:
    engine = answering()

    assert shown(engine, ROLL.people(np.arange(start, start + size))) is None


@given(sets(), questions)
def test_what_others_asked_changes_nothing_unless_it_is_close(people: People, others: list[People]) -> None:
    alone, among = answering(), answering()
    far = [other for other in others if (other - people).size + (people - other).size > 10 + WIDEST]
    among.of(ROLL, far)

    assert shown(alone, people) == shown(among, people)


@given(questions, st.randoms())
def test_whoever_asks_first_decides_and_all_others_get_the_same(asked: list[People], chance: object) -> None:
    one = answering()
    orders = [asked * 2, [*asked]]
    for order in orders:
        chance.shuffle(order)  # type: ignore[attr-defined]

    answers = [{people: shown(one, people) for people in order} for order in orders]

    assert answers[0] == answers[1]


@given(st.sets(st.integers(0, 99)), st.sets(st.integers(0, 99)))
def test_a_set_is_the_same_however_it_was_made(one: set[int], two: set[int]) -> None:
    def of(places: set[int]) -> People:
        return ROLL.people(np.array(sorted(places), int))

    joined, direct = of(one) | of(two), of(one | two)

    assert joined == direct
    assert hash(joined) == hash(direct)
    assert ROLL.key(joined) == ROLL.key(direct)
    assert (of(one) - of(two)) == of(one - two)


def test_nobody_looks_like_a_small_group() -> None:
    engine = Engine(ROLL, answering())

    assert engine.count(ROLL.nobody()) == engine.count(ROLL.people(np.array([0, 3, 6])))
    assert engine.hidden == engine.count(ROLL.nobody()).text == "<10"


def test_the_noise_has_the_variance_and_the_bound_that_are_said() -> None:
    chance, keys = Chance(bytes(32)), [(place, place * 7, 40) for place in range(20_000)]

    noises = np.array([chance.noise(key) for key in keys])

    assert abs(noises.mean()) < 0.2
    assert abs(noises.var() - 49) < 2
    assert np.abs(noises).max() <= 25


def test_the_threshold_runs_over_what_is_said_and_no_step_tells_more_than_another() -> None:
    chance, keys = Chance(bytes(32)), [(place, place * 7, 40) for place in range(20_000)]
    steps = np.diff(np.arcsin(np.sqrt([0, *SHOWN])))

    thresholds = np.array([chance.threshold(key) for key in keys])

    assert (thresholds.min(), thresholds.max()) == (10, 10 + WIDEST)
    assert abs((thresholds <= 21).mean() - SHOWN[11]) < 0.02
    assert (4 * steps**2 + np.array([0, *SHOWN])[:-1] / 51.1 < 0.0236).all()


def test_within_how_few_people_the_eldest_lends_is_drawn_as_said() -> None:
    chance = answering().chance

    drawn = np.array([chance.eldest_within((number, 1, 50)) for number in range(4_000)])

    assert [np.mean(drawn >= apart) for apart in range(1, len(ELDEST) + 1)] == pytest.approx(ELDEST, abs=0.03)
    steps = -np.diff(np.arcsin(np.sqrt([*ELDEST, 0])))
    assert steps == pytest.approx(np.full(len(ELDEST), np.pi / 2 / len(ELDEST)), abs=0.001)


@pytest.mark.parametrize("seed", range(10))
def test_of_sets_beside_a_new_one_the_eldest_lends_however_many_younger_are_as_near(seed: int) -> None:
    engine, everybody = answering(seed), np.arange(160)
    first, new = everybody, everybody[1:]
    # From another set, so far away that it has a number of its own, others come near step by step.
    steps = [everybody[left:] for left in (46, 34, 25, 18, 13, 9, 7, 6, 5, 4, 3)]
    beside = [np.delete(new, other) for other in range(20, 30)]

    numbers = engine.of(ROLL, [ROLL.people(np.array(one)) for one in (first, *steps, *beside, new)])

    assert numbers[-1].shown == numbers[0].shown
    assert (numbers[-1].members == numbers[0].members).all()


def test_another_secret_draws_otherwise() -> None:
    keys = [(place, place * 7, 40) for place in range(50)]

    one, two = ([Chance(bytes([seed]) * 32).noise(key) for key in keys] for seed in (1, 2))

    assert one != two
    with pytest.raises(ValueError, match="32"):
        Chance(b"short")


@pytest.mark.parametrize(
    "looser", [{"threshold": 9}, {"rounding": 4}, {"noise": 6}, {"project_ledger": 51}, {"study_ledger": 151}]
)
def test_a_study_cannot_protect_less_than_is_safe(looser: dict[str, int]) -> None:
    with pytest.raises(Unsafe):
        Protection(**looser)


@given(st.integers(10, 60), st.integers(5, 20), questions)
def test_a_stricter_study_is_kept_to_as_well(threshold: int, rounding: int, asked: list[People]) -> None:
    engine = Answering(Chance(bytes(32)), Protection(threshold=threshold, rounding=rounding))

    for one in engine.of(ROLL, asked):
        assert one.shown is None or (one.shown >= threshold and one.shown % rounding == 0)


@settings(max_examples=30)
@given(st.lists(st.sets(st.integers(0, 699), max_size=120), min_size=1, max_size=40), st.integers(1, 90))
def test_near_sets_are_found_as_by_comparing_each(kept: list[set[int]], within: int) -> None:
    roll, found = roll_of(700), AnsweredSets()
    people = [roll.people(np.array(sorted(one), int)) for one in kept]
    for number, one in enumerate(people):
        found.add(Row(bytes([number]), one.words, None, number + 1))
        if number == len(people) // 2:
            found._sort()

    rows, apart = found.near(people[0].words, within=within)

    everybody = [set(), *kept]
    expected = {row: len(one ^ kept[0]) for row, one in enumerate(everybody) if len(one ^ kept[0]) < within}
    assert dict(zip(rows.tolist(), apart.tolist(), strict=True)) == expected
    assert all(found.row(row + 1).words.tolist() == one.words.tolist() for row, one in enumerate(people))


def test_who_withdrew_is_in_no_kept_set_and_every_answer_stays() -> None:
    engine = answering()
    groups = [ROLL.people(np.arange(start, start + 60)) for start in range(0, 240, 7)]
    before = [one.shown for one in engine.of(ROLL, groups)]
    gone = ROLL.people(np.array([65, 66]))

    rows = engine.sets.clear(gone.words)

    assert rows == [row for row in range(len(engine.sets)) if row and (groups[row - 1] & gone).size]
    assert all(not (ROLL.present(engine.sets.words(row)) & gone).size for row in range(len(engine.sets)))
    rest = [group - gone for group in groups]
    assert [one.shown for one in engine.of(ROLL, rest)] == before
    assert engine.sets.own(NOBODY) == NOBODY


def test_a_set_that_many_left_by_withdrawing_is_counted_anew() -> None:
    engine = answering()
    before = shown(engine, ROLL.everybody)
    gone = ROLL.people(np.arange(150))

    engine.sets.clear(gone.words)

    assert before is not None
    assert abs((shown(engine, ROLL.everybody - gone) or 0) - 150) <= 27


@given(st.lists(st.floats(0, 10), max_size=80))
def test_a_mean_is_of_20_people_at_least_and_says_how_far_it_is_blurred(ratings: list[float]) -> None:
    values = np.full(PLACES, np.nan)
    values[: len(ratings)] = ratings
    engine = Engine(ROLL, answering())

    cell = engine.mean(ROLL.everybody, Measured("pain", values, 0, 10))

    if len(ratings) < 20:
        assert cell.value is None
    if cell.value is not None:
        assert 0 <= cell.value <= 10
        assert cell.margin is not None
        assert abs(cell.value - np.mean(ratings)) < 3.6 * 35 / len(ratings) + 0.06 + 5 * 20 / len(ratings)


def test_a_value_out_of_range_counts_as_the_end_of_the_range() -> None:
    values = np.full(PLACES, 5.0)
    engine, wild = Engine(ROLL, answering()), values.copy()
    values[7], wild[7] = 10, 1e9

    means = [engine.mean(ROLL.everybody, Measured("pain", one, 0, 10)) for one in (values, wild)]

    assert means[0] == means[1]
    assert means[0].value is not None


def test_a_person_has_one_place() -> None:
    with pytest.raises(ValueError, match="place"):
        Roll(np.array([1, 1]), np.zeros(2, np.int64), np.zeros(2, np.int64))


def test_an_empty_snapshot_is_a_small_group() -> None:
    nobody = roll_of(0)

    assert Engine(nobody, answering()).count(nobody.everybody).text == "<10"
    assert isinstance(nobody.any_of([]), People)
