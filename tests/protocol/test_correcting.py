"""Which entries count where some correct others."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from studyportal.protocol.correcting import Came, firsts, superseded

WHEN = datetime(2026, 3, 2, tzinfo=UTC)


@given(st.lists(st.integers(0, 10), max_size=12), st.randoms(use_true_random=False))
def test_of_an_entry_and_all_its_corrections_exactly_one_counts_in_whatever_order_they_are_read(targets, random):
    came = [Came("0", WHEN, None)]
    for number, target in enumerate(targets, start=1):
        counting = [one for one in came if one.id not in superseded(came)]
        came.append(Came(str(number), WHEN + timedelta(minutes=number), counting[target % len(counting)].id))
    random.shuffle(came)

    counting = [one for one in came if one.id not in superseded(came)]

    assert len(counting) == 1
    assert all(first == "0" for first in firsts(came).values())


def test_of_two_corrections_of_one_entry_the_later_counts():
    came = [Came("b", WHEN + timedelta(2), "a"), Came("a", WHEN, None), Came("c", WHEN + timedelta(1), "a")]

    assert superseded(came) == {"a", "c"}


def test_entries_that_name_each_other_in_a_circle_end():
    came = [Came("a", WHEN, "b"), Came("b", WHEN + timedelta(1), "a")]

    assert superseded(came) == {"a", "b"}
    assert set(firsts(came)) == {"a", "b"}
