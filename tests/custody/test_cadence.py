from datetime import UTC, datetime, timedelta

import pytest

from studyportal.custody.publishing.cadence import Last, ruling

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
MONTH_LATER = MARCH + timedelta(days=30)
HUNDRED = frozenset(range(1, 101))


def test_the_first_snapshot_may_be_published_whoever_is_in_it():
    judged = ruling(None, frozenset(), 3, now=MARCH)

    assert judged.may_publish and judged.joined == 3


def test_less_than_a_month_after_the_last_is_too_early_to_the_microsecond():
    last = Last(MARCH, HUNDRED, 0)

    early = ruling(last, HUNDRED, 0, now=MONTH_LATER - timedelta(microseconds=1))
    due = ruling(last, HUNDRED, 0, now=MONTH_LATER)

    assert not early.may_publish and "Tue 31 Mar 2026" in early.objections[0]
    assert due.may_publish


@pytest.mark.parametrize(
    ("indices", "newcomers", "may"),
    [
        (HUNDRED, 0, True),
        (HUNDRED, 1, False),
        (HUNDRED, 29, False),
        (HUNDRED, 30, True),
        (HUNDRED - {1}, 0, False),
        (HUNDRED - {1}, 28, False),
        (HUNDRED - {1}, 29, True),
        (frozenset(range(31, 101)), 0, True),
        (frozenset(range(31, 101)) | {200}, 0, True),
    ],
)
def test_nobody_or_at_least_30_people_joined_or_left(indices, newcomers, may):
    judged = ruling(Last(MARCH, HUNDRED, 0), indices, newcomers, now=MONTH_LATER)

    assert judged.may_publish is may


def test_both_objections_are_told_at_once():
    judged = ruling(Last(MARCH, HUNDRED, 0), HUNDRED, 1, now=MARCH)

    assert len(judged.objections) == 2
