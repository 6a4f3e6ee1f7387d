"""Custody counts consent by study week so that no small number leaves it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.custody.publishing.consents import WEEK, _by_week

BEGUN = datetime(2026, 3, 2, tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 69), max_size=80))
def test_what_is_said_of_a_week_is_the_people_until_then_in_fives_and_never_few(days: list[int]) -> None:
    when = {uuid4(): BEGUN + timedelta(days=day) for day in days}

    said = _by_week(when, BEGUN, 10)

    for week, people in enumerate(said, 1):
        until = sum(moment < BEGUN + week * WEEK for moment in when.values())
        assert people == (None if until < 11 else until // 5 * 5)
