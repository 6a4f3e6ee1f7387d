"""When somebody reads alerts is told right, also in the week the clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.protocol.document import Monitoring, StaffedHours
from studyportal.protocol.monitoring import in_words, is_staffed, next_staffed

WEEKDAYS = frozenset(range(5))
LONDON = "Europe/London"
OFFICE = StaffedHours(WEEKDAYS, time(9), time(17))
SATURDAY = StaffedHours(frozenset({5}), time(10), time(12))
CLINIC = Monitoring(zone=LONDON, hours=(OFFICE, SATURDAY))
NIGHTS = Monitoring(zone=LONDON, hours=(StaffedHours(frozenset({4}), time(22), time(6)),))
ALWAYS = Monitoring(zone=LONDON, hours=(StaffedHours(frozenset(range(7)), time(0), time(0)),))
NOBODY = Monitoring()

clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
monitorings = st.builds(
    lambda zone, hours: Monitoring(zone=zone, hours=tuple(hours)),
    st.sampled_from([LONDON, "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia"]),
    st.lists(st.builds(StaffedHours, st.frozensets(st.integers(0, 6), min_size=1), clocks, clocks), max_size=3),
)
moments = st.datetimes(datetime(2005, 1, 1), datetime(2036, 12, 31), timezones=st.just(UTC))


def at(text, zone=LONDON):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("monitoring", "now", "staffed"),
    [
        (CLINIC, "2026-03-27T08:59", False),
        (CLINIC, "2026-03-27T09:00", True),
        (CLINIC, "2026-03-27T16:59", True),
        (CLINIC, "2026-03-27T17:00", False),
        (CLINIC, "2026-03-28T11:00", True),
        (CLINIC, "2026-03-29T11:00", False),
        (NIGHTS, "2026-03-27T21:59", False),
        (NIGHTS, "2026-03-28T05:59", True),
        (NIGHTS, "2026-03-28T06:00", False),
        (NIGHTS, "2026-03-28T23:00", False),
        (ALWAYS, "2026-03-29T02:30", True),
        (NOBODY, "2026-03-27T12:00", False),
    ],
)
def test_somebody_reads_within_the_hours_and_nobody_outside_them(monitoring, now, staffed):
    assert is_staffed(monitoring, at(now)) is staffed


@pytest.mark.parametrize(
    ("monitoring", "now", "then"),
    [
        (CLINIC, "2026-03-27T12:00", "2026-03-27T12:00"),
        (CLINIC, "2026-03-27T18:00", "2026-03-28T10:00"),
        (CLINIC, "2026-03-28T12:00", "2026-03-30T09:00"),  # the clocks go forward on the 29th
        (CLINIC, "2026-10-24T12:00", "2026-10-26T09:00"),  # and back on the 25th
        (NIGHTS, "2026-03-28T06:00", "2026-04-03T22:00"),
    ],
)
def test_the_next_hours_begin_at_their_time_on_the_clock(monitoring, now, then):
    assert next_staffed(monitoring, at(now)) == at(then)


def test_where_nobody_ever_reads_there_is_no_next_time():
    assert next_staffed(NOBODY, at("2026-03-27T12:00")) is None


def test_a_clinic_whose_only_day_is_left_out_by_its_zone_reads_a_week_later():
    fridays = Monitoring(zone="Pacific/Apia", hours=(StaffedHours(frozenset({4}), time(9), time(17)),))

    found = next_staffed(fridays, at("2011-12-29T12:00", "Pacific/Apia"))  # Friday 30 December never was

    assert found == at("2012-01-06T09:00", "Pacific/Apia")


@pytest.mark.parametrize(
    ("monitoring", "words"),
    [
        (Monitoring(zone=LONDON, hours=(OFFICE,)), "Monday to Friday, 09:00 to 17:00 (London time)"),
        (CLINIC, "Monday to Friday, 09:00 to 17:00; Saturday, 10:00 to 12:00 (London time)"),
        (NIGHTS, "Friday, 22:00 to 06:00 the next day (London time)"),
        (ALWAYS, "Every day, day and night (London time)"),
        (NOBODY, "At no time"),
        (
            Monitoring(zone="UTC", hours=(StaffedHours(frozenset({0, 1, 3}), time(9), time(0)),)),
            "Monday, Tuesday and Thursday, 09:00 to 00:00 (UTC)",
        ),
        (
            Monitoring(
                zone="America/Argentina/Buenos_Aires",
                hours=(StaffedHours(WEEKDAYS, time(14), time(17)), StaffedHours(WEEKDAYS, time(9), time(12, 30))),
            ),
            "Monday to Friday, 09:00 to 12:30 and 14:00 to 17:00 (Buenos Aires time)",
        ),
    ],
)
def test_the_hours_are_told_in_words(monitoring, words):
    assert in_words(monitoring) == words


@given(monitorings, moments)
def test_the_next_time_is_now_exactly_while_somebody_reads_and_somebody_reads_then(monitoring, now):
    found = next_staffed(monitoring, now)

    assert (found is None) == (not monitoring.hours)
    assert (found == now) is is_staffed(monitoring, now)
    if found is not None:
        assert now <= found <= now + timedelta(days=15)
        assert is_staffed(monitoring, found)


@given(monitorings, moments, st.floats(0, 1, exclude_max=True))
def test_nobody_reads_before_the_next_time(monitoring, now, share):
    found = next_staffed(monitoring, now)

    if found is not None and found > now:
        # A share of all but 1 is rounded to the moment itself.
        between = min(now + (found - now) * share, found - timedelta.resolution)
        assert not is_staffed(monitoring, between)
