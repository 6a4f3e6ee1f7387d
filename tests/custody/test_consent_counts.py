"""Custody counts consent by study week so that no small number leaves it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.custody.publishing.consents import ARRIVALS, WEEK, _by_week, consent_records
from studyportal.database import reading, writing
from studyportal.registry.screening import count_event

BEGUN = datetime(2026, 3, 2, tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 69), max_size=80))
def test_what_is_said_of_a_week_is_the_people_until_then_in_fives_and_never_few(days: list[int]) -> None:
    when = {uuid4(): BEGUN + timedelta(days=day) for day in days}

    said = _by_week(when, BEGUN, 10)

    for week, people in enumerate(said, 1):
        until = sum(moment < BEGUN + week * WEEK for moment in when.values())
        assert people == (None if until < 11 else until // 5 * 5)


def test_what_happened_before_a_consent_is_counted_in_times_and_no_few_are_told(house) -> None:
    with writing("registry") as connection:
        for times, what in zip((37, 22, 4), ARRIVALS, strict=True):
            for at in range(times):
                count_event(connection, what, site="NS", now=BEGUN + timedelta(days=at))

    with reading("registry") as connection:
        records = consent_records(connection, house.protocol, now=BEGUN + timedelta(weeks=8))

    said = {line.name: line.people[-1] for line in records.lines if line.what == "arrival"}
    assert said == {"looked": 35, "screened": 20, "not_eligible": None}
