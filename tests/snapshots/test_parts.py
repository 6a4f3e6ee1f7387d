from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from studyportal.snapshots.parts import FEWEST, PER_PART, divided


@given(st.lists(st.integers(0, 2 * FEWEST) | st.just(PER_PART), max_size=8))
def test_everybody_is_in_one_part_in_order_and_no_part_has_few_people_unless_the_snapshot_has(left):
    indices = {PER_PART * number + place for number, count in enumerate(left) for place in range(1, count + 1)}

    parts = divided(indices)

    assert sorted(index for people in parts.values() for index in people) == sorted(indices)
    if len(indices) >= FEWEST:
        assert min(map(len, parts.values())) >= FEWEST
    ends = [(min(people), max(people)) for people in parts.values()]
    assert list(parts) == sorted(parts)
    assert all(before[1] < after[0] for before, after in pairwise(ends))


def test_who_joins_changes_the_last_part_alone():
    before, after = divided(range(1, 1401)), divided(range(1, 2001))

    assert [after[part] == people for part, people in before.items()] == [True, True, False]
    assert {part: len(people) for part, people in after.items()} == {1: 500, 2: 500, 3: 500, 4: 500}


def test_a_handful_at_the_end_stands_with_those_before():
    assert {part: len(people) for part, people in divided(range(1, 1011)).items()} == {1: 500, 2: 510}
