"""What follows an event opens so many hours after it, in whatever night the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.protocol.schedules import Duration, Event, Schedule, event_windows

BERLIN = "Europe/Berlin"
START = date(2026, 3, 1)
FOLLOW_UP = Schedule(
    form="after", after="dose", delay=Duration(minutes=240), window=Duration(minutes=480), grace=Duration(minutes=720)
)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)


def windows(events, now, schedule=FOLLOW_UP):
    return event_windows(schedule, events, start=START, zone=BERLIN, now=now)


def test_a_follow_up_opens_four_hours_after_its_dose():
    dose = Event("a", at("2026-03-10T09:00"))

    (found,) = windows([dose], at("2026-03-10T10:00"))

    assert found.event == dose
    assert found.opens == at("2026-03-10T13:00")
    assert found.closes == at("2026-03-10T21:00")
    assert found.grace_ends == at("2026-03-11T09:00")
    assert [found.is_open(at(f"2026-03-10T{clock}")) for clock in ("12:59", "13:00", "21:00")] == [False, True, True]
    assert not found.is_open(found.grace_ends)
    assert found.is_late(found.closes)


def test_hours_count_as_they_pass_in_the_night_the_clocks_go_forward():
    (found,) = windows([Event("a", at("2026-03-28T23:00"))], at("2026-03-29T12:00"))

    assert found.opens == at("2026-03-29T04:00")  # three on the clock that was left behind


def test_a_delay_of_days_keeps_the_time_on_the_clock():
    next_day = Schedule(form="after", after="dose", delay=Duration(days=1), window=Duration(days=1))

    (found,) = windows([Event("a", at("2026-03-28T09:00"))], at("2026-03-29T12:00"), next_day)

    assert (found.opens, found.closes) == (at("2026-03-29T09:00"), at("2026-03-30T09:00"))


def test_events_to_come_and_events_before_the_start_open_nothing():
    now = at("2026-03-10T10:00")

    found = windows([Event("a", now + timedelta(minutes=1)), Event("b", at("2026-02-28T23:59"))], now)

    assert found == ()


def test_an_event_that_was_recorded_late_has_its_window_in_the_past():
    (found,) = windows([Event("a", at("2026-03-08T09:00"))], at("2026-03-10T10:00"))

    assert found.grace_ends <= at("2026-03-10T10:00")
    assert not found.is_open(at("2026-03-10T10:00"))


@pytest.mark.parametrize("schedule", [Schedule(form="on_demand", back_days=2), Schedule(form="every", every_days=1, opens=time(9))])  # fmt: skip
def test_only_what_follows_an_event_has_such_windows(schedule):
    assert windows([Event("a", at("2026-03-10T09:00"))], at("2026-03-10T10:00"), schedule) == ()


@given(
    st.lists(st.datetimes(datetime(2026, 2, 20), datetime(2026, 4, 10), timezones=st.just(UTC)), max_size=20),
    st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 10), timezones=st.just(UTC)),
)
def test_each_event_that_counts_has_one_window_of_its_own(moments, now):
    events = [Event(str(number), moment) for number, moment in enumerate(moments)]

    found = windows(events, now)

    assert {one.event for one in found} == {event for event in events if at("2026-03-01T00:00") <= event.at <= now}
    assert [one.opens for one in found] == sorted(one.opens for one in found)
    assert all(one.opens - one.event.at == timedelta(hours=4) for one in found)
    assert all(one.opens < one.closes < one.grace_ends and one.opens.tzinfo is UTC for one in found)
