"""Occasions are right on every day of the calendar, in every zone, also when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.errors import Invalid, NotFound
from studyportal.protocol import (
    Duration,
    Schedule,
    current_occasion,
    entry_dates,
    local_date,
    occasion,
    occasions_due,
    study_day,
)

EVENING = Schedule(
    form="every", every_days=1, opens=time(17), window=Duration(minutes=600), grace=Duration(minutes=720), last_day=365
)
WEEKLY = Schedule(
    form="every", every_days=7, opens=time(0), window=Duration(days=2), grace=Duration(days=1), first_day=3
)
BASELINE = Schedule(form="once", opens=time(0), window=Duration(days=14), grace=Duration(days=30))
ON_DEMAND = Schedule(form="on_demand", back_days=2)

BERLIN = "Europe/Berlin"
ZONES = [BERLIN, "UTC", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca",
         "Pacific/Kiritimati", "America/Havana", "Asia/Beirut", "America/Asuncion"]  # fmt: skip

schedules = st.builds(
    lambda days, opens, share, split, first, last: Schedule(
        form="every", every_days=days, opens=opens, first_day=first, last_day=first + last,
        window=Duration(minutes=max(1, int(days * 1440 * share * split))),
        grace=Duration(minutes=int(days * 1440 * share * (1 - split))),
    ),
    st.integers(1, 31), st.times().map(lambda t: t.replace(second=0, microsecond=0)), st.floats(0, 1), st.floats(0, 1),
    st.integers(1, 30), st.integers(0, 400),
)  # fmt: skip
starts = st.dates(date(2005, 1, 1), date(2035, 12, 31))
moments = st.datetimes(datetime(2005, 1, 1), datetime(2036, 12, 31), timezones=st.just(UTC))


def at(text, zone=BERLIN):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_an_evening_is_open_from_17_until_3_and_late_until_15():
    first = occasion(EVENING, 1, date(2026, 6, 1), BERLIN)

    assert (first.number, first.diary_date) == (1, date(2026, 6, 1))
    assert first.opens == at("2026-06-01T17:00")
    assert first.closes == at("2026-06-02T03:00")
    assert first.grace_ends == at("2026-06-02T15:00")
    assert not first.is_late(first.closes - timedelta(seconds=1))
    assert first.is_late(first.closes)


@pytest.mark.parametrize(
    ("now", "number"),
    [
        ("2026-06-01T16:59", None),
        ("2026-06-01T17:00", 1),
        ("2026-06-02T02:59", 1),
        ("2026-06-02T14:59", 1),
        ("2026-06-02T15:00", None),
        ("2026-06-02T17:00", 2),
        ("2027-06-01T14:59", 365),
        ("2027-06-01T17:00", None),
    ],
)
def test_an_entry_counts_for_the_evening_whose_window_it_is(now, number):
    found = current_occasion(EVENING, start=date(2026, 6, 1), zone=BERLIN, now=at(now))

    assert (found and found.number) == number


@pytest.mark.parametrize(("night", "closes"), [("2026-03-28", "04:00 +0200"), ("2026-10-24", "02:00 +0100")])
def test_a_window_of_ten_hours_is_ten_hours_long_in_the_night_the_clocks_change(night, closes):
    evening = occasion(EVENING, 1, date.fromisoformat(night), BERLIN)

    assert evening.closes - evening.opens == timedelta(hours=10)
    assert f"{evening.closes.astimezone(ZoneInfo(BERLIN)):%H:%M %z}" == closes


def test_a_window_of_days_ends_at_the_same_time_on_the_clock_although_a_day_had_23_hours():
    week = occasion(WEEKLY, 1, date(2026, 3, 26), BERLIN)  # study day 3 is 28 March; the clocks change on the 29th

    assert week.opens == at("2026-03-28T00:00")
    assert week.closes == at("2026-03-30T00:00")
    assert week.closes - week.opens == timedelta(hours=47)
    assert week.grace_ends == at("2026-03-31T00:00")


def test_windows_that_fill_the_day_do_not_overlap_on_a_day_of_23_hours():
    all_day = Schedule(
        form="every", every_days=1, opens=time(12), window=Duration(minutes=720), grace=Duration(minutes=720)
    )
    before, after = (occasion(all_day, number, date(2026, 3, 28), BERLIN) for number in (1, 2))

    assert before.grace_ends == after.opens
    assert before.grace_ends - before.opens == timedelta(hours=23)


def test_a_time_that_the_clocks_skip_is_the_moment_they_jump_past_it_and_one_that_comes_twice_is_the_first():
    at_half_past_two = Schedule(form="every", every_days=1, opens=time(2, 30), window=Duration(minutes=60))

    spring = occasion(at_half_past_two, 1, date(2026, 3, 29), BERLIN)
    autumn = occasion(at_half_past_two, 1, date(2026, 10, 25), BERLIN)

    assert spring.opens == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert autumn.opens == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_day_that_a_zone_left_out_has_an_empty_window():
    start = date(2011, 12, 29)

    missing, next_day = (occasion(EVENING, number, start, "Pacific/Apia") for number in (2, 3))

    assert missing.diary_date == date(2011, 12, 30)
    assert missing.opens == missing.closes == missing.grace_ends == next_day.opens
    found = current_occasion(EVENING, start=start, zone="Pacific/Apia", now=next_day.opens)
    assert found.diary_date == date(2011, 12, 31)


def test_leap_days_and_month_ends_are_ordinary_days():
    days = [occasion(EVENING, number, date(2028, 2, 28), BERLIN).diary_date for number in (1, 2, 3)]

    assert days == [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]


def test_on_a_journey_the_evening_follows_the_zone_and_keeps_its_number():
    start = date(2026, 6, 1)

    home, away = (occasion(EVENING, 10, start, zone) for zone in (BERLIN, "America/New_York"))

    assert (home.number, home.diary_date) == (away.number, away.diary_date)
    assert away.opens - home.opens == timedelta(hours=6)


def test_what_happens_once_is_due_once_and_then_over():
    start = date(2026, 6, 1)

    due = [
        occasions_due(BASELINE, start=start, zone=BERLIN, now=at(now))
        for now in ("2026-05-31T23:59", "2026-06-01T00:00")
    ]
    last = current_occasion(BASELINE, start=start, zone=BERLIN, now=at("2026-07-14T23:59"))

    assert due == [0, 1]
    assert last.number == 1
    assert current_occasion(BASELINE, start=start, zone=BERLIN, now=at("2026-07-15T00:00")) is None
    assert occasions_due(BASELINE, start=start, zone=BERLIN, now=at("2030-01-01T00:00")) == 1


def test_nothing_is_ever_due_on_demand():
    now = at("2026-06-05T12:00")

    assert occasions_due(ON_DEMAND, start=date(2026, 6, 1), zone=BERLIN, now=now) == 0
    assert current_occasion(ON_DEMAND, start=date(2026, 6, 1), zone=BERLIN, now=now) is None
    with pytest.raises(NotFound):
        occasion(ON_DEMAND, 1, date(2026, 6, 1), BERLIN)


@pytest.mark.parametrize(
    ("now", "dates"),
    [
        ("2026-05-31T23:59", None),
        ("2026-06-01T00:00", ("2026-06-01", "2026-06-01")),
        ("2026-06-02T12:00", ("2026-06-01", "2026-06-02")),
        ("2026-06-09T23:59", ("2026-06-07", "2026-06-09")),
    ],
)
def test_an_entry_on_demand_goes_back_as_far_as_the_study_says_and_not_before_its_start(now, dates):
    taken = entry_dates(ON_DEMAND, start=date(2026, 6, 1), zone=BERLIN, now=at(now))

    assert taken == (dates and tuple(map(date.fromisoformat, dates)))


def test_after_midnight_the_diary_is_still_about_the_evening_before():
    taken = entry_dates(EVENING, start=date(2026, 6, 1), zone=BERLIN, now=at("2026-06-04T01:30"))

    assert taken == (date(2026, 6, 3), date(2026, 6, 3))


def test_there_is_no_study_day_0():
    start = date(2026, 3, 1)

    days = [study_day(start + timedelta(days=offset), start) for offset in (-2, -1, 0, 1)]

    assert days == [-2, -1, 1, 2]


@pytest.mark.parametrize(
    "zone", ["", "Europe/Atlantis", "../etc/passwd", "/etc/localtime", "Europe", "\x00", "Zürich", "a" * 999]
)
def test_a_zone_that_is_none_is_refused(zone):
    with pytest.raises(Invalid):
        local_date(datetime(2026, 1, 1, tzinfo=UTC), zone)


@pytest.mark.parametrize("number", [0, -1, 366])
def test_an_occasion_that_does_not_exist_is_refused(number):
    with pytest.raises(NotFound):
        occasion(EVENING, number, date(2026, 6, 1), BERLIN)


@given(schedules, starts, st.sampled_from(ZONES), st.data())
def test_windows_follow_each_other_and_never_overlap(schedule, start, zone, data):
    number = data.draw(st.integers(1, schedule.occasions))

    this = occasion(schedule, number, start, zone)

    assert this.opens <= this.closes <= this.grace_ends
    assert this.opens.tzinfo is UTC
    if number < schedule.occasions:
        following = occasion(schedule, number + 1, start, zone)
        assert this.grace_ends <= following.opens
        assert (following.diary_date - this.diary_date).days == schedule.every_days


@given(schedules | st.sampled_from([BASELINE, EVENING, WEEKLY]), starts, st.sampled_from(ZONES), moments)
def test_what_is_due_is_counted_as_by_looking_at_every_occasion(schedule, start, zone, now):
    due = occasions_due(schedule, start=start, zone=zone, now=now)

    by_looking = [n for n in range(max(1, due - 2), min(due + 3, schedule.occasions) + 1)
                  if occasion(schedule, n, start, zone).opens <= now]  # fmt: skip
    assert by_looking == list(range(max(1, due - 2), due + 1))


@given(schedules, starts, st.sampled_from(ZONES), moments)
def test_the_current_occasion_is_the_one_whose_window_holds_now(schedule, start, zone, now):
    found = current_occasion(schedule, start=start, zone=zone, now=now)

    due = occasions_due(schedule, start=start, zone=zone, now=now)
    if found is not None:
        assert found.opens <= now < found.grace_ends
        assert found.number == due
    elif due:
        assert occasion(schedule, due, start, zone).grace_ends <= now


@given(schedules, starts, st.sampled_from(ZONES), moments, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_what_was_due_stays_due(schedule, start, zone, now, later):
    before = occasions_due(schedule, start=start, zone=zone, now=now)

    after = occasions_due(schedule, start=start, zone=zone, now=now + later)

    assert 0 <= before <= after <= schedule.occasions
