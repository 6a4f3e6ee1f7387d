"""The disclosure face: what comes out of a set of people is never a small number, and never depends on how it was asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.errors import Unsafe
from studyportal.research.disclosure import People, Roll, ThresholdEngine, percentage

ENGINE = ThresholdEngine(threshold=11, rounding=5)
sizes = st.integers(min_value=0, max_value=3_000)


def roll_of(size: int) -> Roll:
    """Everybody at every third place, as after many enrolments that never agreed to share."""
    keys = np.random.default_rng(7).integers(-(2**63), 2**63 - 1, (2, size), dtype=np.int64)
    return Roll(np.arange(size) * 3, keys[0], keys[1])


@given(sizes)
def test_no_count_between_1_and_10_is_ever_shown_and_every_count_is_a_multiple_of_5(size: int) -> None:
    everybody = roll_of(size).everybody

    cell = ENGINE.count(everybody)

    assert (cell.value is None) == (size < 11)
    assert cell.value is None or (cell.value > 10 and cell.value % 5 == 0 and abs(cell.value - size) <= 4)


@given(st.integers(11, 40), st.integers(5, 20), sizes)
def test_a_stricter_protocol_is_kept_to_as_well(threshold: int, rounding: int, size: int) -> None:
    everybody = roll_of(size).everybody

    cell = ThresholdEngine(threshold=threshold, rounding=rounding).count(everybody)

    assert (cell.value is None) == (size < threshold)
    assert cell.value is None or (cell.value >= threshold and cell.value % rounding == 0)


def test_nobody_looks_like_a_small_group() -> None:
    roll = roll_of(30)

    nobody, few = ENGINE.count(roll.nobody()), ENGINE.count(roll.people(np.array([0, 3, 6])))

    assert nobody == few
    assert nobody.text == "<11"


@pytest.mark.parametrize(("threshold", "rounding"), [(10, 5), (11, 4), (0, 0), (11, 1)])
def test_a_weaker_protection_is_refused(threshold: int, rounding: int) -> None:
    with pytest.raises(Unsafe):
        ThresholdEngine(threshold=threshold, rounding=rounding)


@given(st.sets(st.integers(0, 99)), st.sets(st.integers(0, 99)), st.randoms())
def test_the_same_set_has_the_same_key_and_answer_however_it_was_made(
    one: set[int], two: set[int], chance: object
) -> None:
    roll = roll_of(100)
    place = {person: person * 3 for person in range(100)}
    shuffled = [place[person] for person in one | two]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    joined = roll.people(np.array([place[p] for p in one], int)) | roll.people(np.array([place[p] for p in two], int))
    direct = roll.people(np.array(shuffled, int))
    without = joined - roll.people(np.array([place[p] for p in two], int))

    assert joined == direct
    assert hash(joined) == hash(direct)
    assert roll.key(joined) == roll.key(direct)
    assert ENGINE.count(joined) == ENGINE.count(direct)
    assert without.size == len(one - two)
    assert (joined & without) == without


def test_two_sets_of_one_size_have_different_keys() -> None:
    roll = roll_of(40)

    one, two = roll.people(np.array([0, 3])), roll.people(np.array([0, 6]))

    assert roll.key(one) != roll.key(two)


@given(st.lists(st.floats(0, 10), max_size=60))
def test_a_mean_needs_20_people_and_has_two_figures(ratings: list[float]) -> None:
    people = roll_of(len(ratings)).everybody

    cell = ENGINE.mean(people, np.array(ratings), low=0, high=10)

    assert (cell.value is None) == (len(ratings) < 20)
    assert cell.value is None or cell.value == float(f"{np.mean(ratings):.1e}")


def test_a_value_out_of_range_counts_as_the_end_of_the_range() -> None:
    people = roll_of(20).everybody

    cell = ENGINE.mean(people, np.array([5.0] * 19 + [1e9]), low=0, high=10)

    assert cell.text == "5.2"


def test_a_total_of_entries_has_two_figures() -> None:
    people = roll_of(239).everybody

    cell = ENGINE.total(people, np.array([4] * 130 + [3] * 109))

    assert cell.text == "850"
    assert ENGINE.total(roll_of(25).everybody, np.full(25, 3)).text == "80"
    assert ENGINE.total(roll_of(19).everybody, np.ones(19, int)).text == "too few"


def test_percentages_tell_nothing_that_the_shown_counts_do_not() -> None:
    roll = roll_of(100)
    few, half = roll.people(np.arange(5) * 3), roll.people(np.arange(48) * 3)

    hidden, shown = (percentage(ENGINE.count(part), ENGINE.count(roll.everybody)) for part in (few, half))

    assert (hidden.value, hidden.text) == (None, "")
    assert shown.text == "50 %"


def test_a_person_has_one_place() -> None:
    with pytest.raises(ValueError, match="place"):
        Roll(np.array([1, 1]), np.zeros(2, np.int64), np.zeros(2, np.int64))


def test_an_empty_snapshot_is_a_small_group() -> None:
    nobody = roll_of(0)

    assert ENGINE.count(nobody.everybody).text == "<11"
    assert isinstance(nobody.any_of([]), People)
