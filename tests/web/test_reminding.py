"""When somebody is reminded: in time and never in their quiet hours, over midnight, over changed clocks, on
journeys."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.intake.reminders.calendar import coming
from studyportal.protocol import SHIPPED, load_protocol, occasion
from studyportal.protocol.schedules.durations import zone_named
from studyportal.web.answering.reminding import Quiet, Wishes, moment_for, planned

# Clocks that change by an hour, by half an hour, by night and at midnight, and those that never do.
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Havana",
    "Asia/Kathmandu",
    "UTC",
)
PROTOCOL = load_protocol(SHIPPED)
START = date(2026, 1, 5)

clocks = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
quiets = st.builds(Quiet, clocks, clocks)
moments = st.datetimes(datetime(2026, 1, 6), datetime(2026, 12, 20), timezones=st.just(UTC))
zones = st.sampled_from(ZONES)
wishes = st.builds(Wishes, quiets, st.sampled_from([0, 60, 120, 240]).map(lambda minutes: timedelta(minutes=minutes)))


def same_clock(begin, end, zone):
    """Whether the clocks stay as they are between two moments."""
    hours = int((end - begin) / timedelta(hours=1)) + 2
    return len({(begin + timedelta(hours=n)).astimezone(zone_named(zone)).utcoffset() for n in range(hours)}) == 1


@settings(max_examples=150, deadline=None)
@given(quiets, moments, st.integers(1, 16 * 60), zones)
def test_the_first_moment_is_in_time_and_not_quiet_and_none_is_earlier(quiet, begin, minutes, zone):
    begin = begin.replace(second=0, microsecond=0)
    end = begin + timedelta(minutes=minutes)

    found = quiet.first_moment(begin, end, zone)

    each = (begin + timedelta(minutes=n) for n in range(minutes))
    first = next((one for one in each if not quiet.covers(one, zone)), None)
    if found is not None:
        assert begin <= found < end and not quiet.covers(found, zone) and first is not None and found >= first
    if same_clock(begin, end, zone):
        assert found == first


@pytest.mark.parametrize(
    ("quiet", "begin", "expected"),
    [
        # The night in March in which Berlin's clocks jump from 02:00 to 03:00: quiet ends in what is left out.
        (Quiet(time(21), time(2, 30)), datetime(2026, 3, 28, 21, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (Quiet(time(21), time(8)), datetime(2026, 3, 28, 21, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        # And in October, in which 02:00 to 03:00 comes twice.
        (Quiet(time(21), time(8)), datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC)),
        (
            Quiet(time(21), time(2, 30)),
            datetime(2026, 10, 24, 20, tzinfo=UTC),
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        ),
        (Quiet(time(9), time(9)), datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 8, tzinfo=UTC)),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(quiet, begin, expected):
    assert quiet.first_moment(begin, begin + timedelta(hours=20), "Europe/Berlin") == expected


@settings(max_examples=60, deadline=None)
@given(wishes, moments, zones)
def test_whatever_is_planned_is_outside_quiet_hours_in_time_and_not_given(wanted, now, zone):
    reached = {"evening": (now.date() - START).days}

    for one in planned(PROTOCOL, wanted, start=START, zone=zone, now=now, reached=reached):
        assert one.occasion.number > reached.get(one.instrument.name, 0)
        if one.at is not None:
            assert not wanted.quiet.covers(one.at, zone)
            assert max(now, one.occasion.opens + wanted.after) <= one.at < one.occasion.closes


@settings(max_examples=25, deadline=None)
@given(wishes, moments, st.lists(st.tuples(zones, st.integers(1, 400)), min_size=2, max_size=12))
def test_on_a_journey_each_occasion_is_told_at_most_once_and_in_time_where_it_is_told(wanted, now, journey):
    told = set()

    for zone, minutes in journey:
        now += timedelta(minutes=minutes)
        for one in planned(PROTOCOL, wanted, start=START, zone=zone, now=now, reached={}):
            key = (one.instrument.name, one.occasion.number)
            if one.at is not None and one.at <= now and key not in told:
                told.add(key)  # as the registry's key does
                there = occasion(one.instrument.schedule, one.occasion.number, START, zone)
                assert there.opens <= now < there.closes and not wanted.quiet.covers(now, zone)


@settings(max_examples=20, deadline=None)
@given(wishes, moments, zones)
def test_a_calendar_shows_the_moments_of_the_next_weeks_each_once(wanted, now, zone):
    events = coming(PROTOCOL, wanted, start=START, zone=zone, now=now)

    times = [one.at for one in events]
    assert times == sorted(set(times)) and all(not wanted.quiet.covers(one, zone) for one in times)
    assert all(one < now + timedelta(days=28 + 6) for one in times)
    number = (now.date() - START).days + 3
    later = occasion(PROTOCOL.instruments["evening"].schedule, number, START, zone) if number < 365 else None
    if later is not None:
        at = moment_for(later, wanted, zone=zone)
        assert at is None or at in times
