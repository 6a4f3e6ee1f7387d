"""Occasions are right on every day of the calendar, in every zone, also when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
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
from studyportal.protocol.schedules import FORMS, next_occasion, occasions_from
from studyportal.protocol.schedules.durations import moment_at

EVENING = Schedule(
    form="every", every_days=1, opens=time(17), window=Duration(minutes=600), grace=Duration(minutes=720), last_day=365
)
WEEKLY = Schedule(
    form="every", every_days=7, opens=time(0), window=Duration(days=2), grace=Duration(days=1), first_day=3
)
BASELINE = Schedule(form="once", opens=time(0), window=Duration(days=14), grace=Duration(days=30))
MONTHLY = Schedule(
    form="monthly", every_months=1, opens=time(9), window=Duration(days=7), grace=Duration(days=3), first_day=29
)
ON_ENROLMENT = Schedule(form="on_enrolment", window=Duration(days=2), grace=Duration(days=1))
ON_DEMAND = Schedule(form="on_demand", back_days=2)
FOLLOW_UP = Schedule(
    form="after", after="dose", delay=Duration(minutes=240), window=Duration(minutes=480), grace=Duration(minutes=720)
)
SCREENING = Schedule(form="before_consent")

BERLIN = "Europe/Berlin"
ZONES = [BERLIN, "UTC", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca",
         "Pacific/Kiritimati", "America/Havana", "Asia/Beirut", "America/Asuncion", "America/St_Johns"]  # fmt: skip

clocks = st.times().map(lambda t: t.replace(second=0, microsecond=0))
every = st.builds(
    lambda days, opens, share, split, first, last: Schedule(
        form="every", every_days=days, opens=opens, first_day=first, last_day=first + last,
        window=Duration(minutes=max(1, int(days * 1440 * share * split))),
        grace=Duration(minutes=int(days * 1440 * share * (1 - split))),
    ),
    st.integers(1, 31), clocks, st.floats(0, 1), st.floats(0, 1), st.integers(1, 30), st.integers(0, 400),
)  # fmt: skip
monthly = st.builds(
    lambda months, opens, window, grace, first, last: Schedule(
        form="monthly", every_months=months, opens=opens, first_day=first, last_day=last and first + last,
        window=Duration(days=window), grace=Duration(days=grace),
    ),
    st.integers(1, 14), clocks, st.integers(1, 20), st.integers(0, 20), st.integers(1, 60), st.none() | st.integers(1, 900),
)  # fmt: skip
once = st.builds(
    lambda form, window, grace: Schedule(form=form, window=Duration(days=window), grace=Duration(days=grace)),
    st.sampled_from(["once", "on_enrolment"]), st.integers(1, 20), st.integers(0, 20),
)  # fmt: skip
schedules = every | monthly | once
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


def test_what_opened_at_midnight_stays_open_when_the_clocks_go_back_over_midnight():
    all_day = Schedule(form="every", every_days=1, window=Duration(days=1))
    now = datetime(2010, 11, 7, 2, 45, tzinfo=UTC)  # 23:15 on the 6th again: at 00:01 the clocks went back to 23:01

    found = current_occasion(all_day, start=date(2010, 11, 1), zone="America/St_Johns", now=now)

    assert local_date(now, "America/St_Johns") == date(2010, 11, 6)
    assert found.diary_date == date(2010, 11, 7)


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
    last = occasions_from(schedule, start)
    number = data.draw(st.integers(1, last))

    this = occasion(schedule, number, start, zone)

    assert this.opens <= this.closes <= this.grace_ends
    assert this.opens.tzinfo is UTC
    if number < last:
        following = occasion(schedule, number + 1, start, zone)
        assert this.grace_ends <= following.opens
        assert this.diary_date < following.diary_date
        if schedule.form == "every":
            assert (following.diary_date - this.diary_date).days == schedule.every_days


@given(schedules | st.sampled_from([BASELINE, EVENING, WEEKLY, MONTHLY]), starts, st.sampled_from(ZONES), moments)
def test_what_is_due_is_counted_as_by_looking_at_every_occasion(schedule, start, zone, now):
    due = occasions_due(schedule, start=start, zone=zone, now=now)

    last = occasions_from(schedule, start)
    near = range(max(1, due - 2), min(due + 3, last) + 1) if last > 500 else range(1, last + 1)
    by_looking = [number for number in near if occasion(schedule, number, start, zone).opens <= now]
    assert by_looking == list(range(near.start, due + 1))


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

    assert 0 <= before <= after <= occasions_from(schedule, start) <= schedule.occasions


@pytest.mark.parametrize(
    ("start", "months", "dates"),
    [
        (date(2026, 1, 31), 1, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
        (date(2028, 1, 31), 1, ["2028-01-31", "2028-02-29", "2028-03-31"]),
        (date(2028, 2, 29), 12, ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]),
        (date(2026, 8, 31), 3, ["2026-08-31", "2026-11-30", "2027-02-28", "2027-05-31"]),
    ],
)
def test_months_are_counted_from_the_first_day_and_clipped_where_a_month_is_shorter(start, months, dates):
    schedule = Schedule(form="monthly", every_months=months, window=Duration(days=1))

    found = [occasion(schedule, number, start, BERLIN).diary_date for number in range(1, len(dates) + 1)]

    assert found == list(map(date.fromisoformat, dates))


@given(monthly, starts, st.data())
def test_a_month_has_one_occasion_at_most_and_its_day_is_the_first_ones_or_the_months_last(schedule, start, data):
    number = data.draw(st.integers(1, occasions_from(schedule, start)))

    first, this = (schedule.date_of(n, start) for n in (1, number))

    assert (this.year - first.year) * 12 + this.month - first.month == (number - 1) * schedule.every_months
    assert this.day == first.day or (this.day < first.day and (this + timedelta(days=1)).month != this.month)


@given(schedules, starts, st.dates(date(2004, 1, 1), date(2037, 12, 31)))
def test_the_number_on_a_day_is_that_of_the_last_date_up_to_it(schedule, start, day):
    found = schedule.number_on(day, start)

    last = occasions_from(schedule, start)
    assert found == sum(schedule.date_of(number, start) <= day for number in range(1, min(last, 12_500) + 1))


def test_a_window_of_a_month_ends_where_the_next_one_begins():
    month = Schedule(form="monthly", every_months=1, window=Duration(days=28), grace=Duration(days=10))

    february, march = (occasion(month, number, date(2026, 2, 1), BERLIN) for number in (1, 2))

    assert february.closes == february.grace_ends == march.opens == at("2026-03-01T00:00")


def test_monthly_ends_with_its_last_day_which_depends_on_the_lengths_of_months():
    schedule = Schedule(form="monthly", every_months=1, window=Duration(days=1), last_day=59)

    counts = [occasions_from(schedule, start) for start in (date(2026, 1, 1), date(2026, 2, 1), date(2026, 7, 1))]

    assert counts == [2, 2, 2]
    assert occasions_from(schedule, date(2026, 1, 31)) == 2
    assert occasions_from(Schedule(form="monthly", every_months=1, last_day=60), date(2026, 1, 1)) == 3
    with pytest.raises(NotFound):
        occasion(schedule, 3, date(2026, 7, 1), BERLIN)


def test_the_most_occasions_that_months_can_have_is_enough_for_every_start():
    starts = [date(2025, 1, 1) + timedelta(days=days) for days in range(366)]

    for last_day in (28, 29, 59, 60, 90, 121, 182, 366):
        schedule = Schedule(form="monthly", every_months=1, last_day=last_day)
        assert max(occasions_from(schedule, start) for start in starts) <= schedule.occasions
    assert Schedule(form="monthly", every_months=1, last_day=28).occasions == 1


def test_what_is_asked_on_enrolment_is_open_from_the_first_minute_of_that_day():
    start = date(2026, 3, 28)

    first = occasion(ON_ENROLMENT, 1, start, BERLIN)

    assert (first.opens, first.closes) == (at("2026-03-28T00:00"), at("2026-03-30T00:00"))
    assert ON_ENROLMENT.is_once
    assert occasions_from(ON_ENROLMENT, start) == ON_ENROLMENT.occasions == 1


@pytest.mark.parametrize("schedule", [ON_DEMAND, FOLLOW_UP, SCREENING])
def test_what_has_no_occasions_is_never_due(schedule):
    start, now = date(2026, 6, 1), at("2026-06-05T12:00")

    assert not schedule.has_occasions
    assert schedule.occasions == occasions_from(schedule, start) == 0
    assert occasions_due(schedule, start=start, zone=BERLIN, now=now) == 0
    assert current_occasion(schedule, start=start, zone=BERLIN, now=now) is None
    assert next_occasion(schedule, start=start, zone=BERLIN, now=now) is None
    with pytest.raises(NotFound):
        occasion(schedule, 1, start, BERLIN)


def test_what_follows_an_event_travels_as_what_is_on_demand_and_screening_as_neither():
    assert [schedule.on_demand for schedule in (ON_DEMAND, FOLLOW_UP, SCREENING, EVENING)] == [True, True, False, False]


def test_after_an_event_an_entry_goes_back_as_far_as_a_window_could_still_be_open():
    taken = entry_dates(FOLLOW_UP, start=date(2026, 6, 1), zone=BERLIN, now=at("2026-06-09T12:00"))

    assert taken == (date(2026, 6, 8), date(2026, 6, 9))


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (MONTHLY, "Every month from study day 29, from 09:00 for 7 days, then late for 3 days."),
        (ON_ENROLMENT, "Once, from the day of enrolment, for 2 days, then late for 1 day."),
        (FOLLOW_UP, "4 hours after each entry of dose, for 8 hours, then late for 12 hours."),
        (SCREENING, "Once, before the consent form."),
    ],
)
def test_a_schedule_is_told_in_words(schedule, words):
    assert schedule.describe() == words


def test_every_form_is_tried_here():
    tried = {BASELINE, EVENING, MONTHLY, ON_ENROLMENT, FOLLOW_UP, ON_DEMAND, SCREENING}

    assert {schedule.form for schedule in tried} == FORMS.keys()
    assert all(schedule.describe().endswith(".") for schedule in tried)


def test_flying_west_no_evening_that_has_passed_is_asked_again():
    start, now = date(2026, 6, 1), at("2026-06-06T17:30")  # the sixth evening has opened in Berlin

    without, afterwards = (
        current_occasion(EVENING, start=start, zone="America/New_York", now=now, reached=reached) for reached in (0, 6)
    )
    evening = current_occasion(EVENING, start=start, zone="America/New_York", now=now + timedelta(hours=6), reached=6)

    assert (without.number, afterwards, evening.number) == (5, None, 6)
    assert next_occasion(EVENING, start=start, zone="America/New_York", now=now, reached=6).number == 7


@given(
    schedules | st.sampled_from([EVENING, WEEKLY, MONTHLY]), starts,
    st.lists(st.tuples(st.sampled_from(ZONES), st.timedeltas(timedelta(0), timedelta(days=9))), min_size=1, max_size=12),
)  # fmt: skip
def test_on_a_journey_numbers_never_go_back_and_whatever_is_open_where_one_is_and_new_is_asked(
    schedule, start, journey
):
    now, reached = datetime.combine(start, time(12), UTC), 0

    for zone, later in journey:
        now += later
        here = current_occasion(schedule, start=start, zone=zone, now=now)
        found = current_occasion(schedule, start=start, zone=zone, now=now, reached=reached)

        assert found == (here if here and here.number >= reached else None)
        if found:
            assert found.opens <= now < found.grace_ends
            assert found.diary_date == occasion(schedule, found.number, start, "UTC").diary_date
            reached = found.number
        following = next_occasion(schedule, start=start, zone=zone, now=now, reached=reached)
        assert following is None or following.number > reached


@given(schedules, starts, st.sampled_from(ZONES), st.sampled_from(ZONES), moments)
def test_two_zones_differ_by_no_more_than_the_hours_between_them(schedule, start, one, other, now):
    there, here = (occasions_due(schedule, start=start, zone=zone, now=now) for zone in (one, other))

    # The farthest clocks are 26 hours apart, and the calendar of a zone may jump by 24 once.
    daily = schedule.every_days == 1
    assert abs(there - here) <= (3 if daily else 2 if schedule.every_days == 2 else 1)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_every_instant_of_a_year_belongs_to_one_evening_at_most_and_every_date_has_one(zone):
    start = date(2026, 1, 1)
    evenings = [occasion(EVENING, number, start, zone) for number in range(1, 366)]

    for number, this in enumerate(evenings, 1):
        for moment in (
            this.opens,
            this.closes - timedelta(microseconds=1),
            this.grace_ends - timedelta(microseconds=1),
        ):
            assert current_occasion(EVENING, start=start, zone=zone, now=moment) == this
        assert this.opens.astimezone(ZoneInfo(zone)).time() == EVENING.opens
        assert this.closes - this.opens == timedelta(hours=10)
        assert this.diary_date == start + timedelta(days=number - 1)
    assert all(this.grace_ends <= following.opens for this, following in pairwise(evenings))


def test_the_due_of_a_hundred_years_of_days_is_found_without_going_through_them(monkeypatch):
    daily = Schedule(form="every", every_days=1, window=Duration(days=1))
    tried = []
    monkeypatch.setattr(
        "studyportal.protocol.schedules.occasions.moment_at", lambda *one: tried.append(one) or moment_at(*one)
    )

    due = occasions_due(daily, start=date(1930, 1, 1), zone=BERLIN, now=at("2029-12-06T00:00"))

    assert due == 36_500
    assert len(tried) <= 3
