"""Time points of a file become study days."""

from datetime import date

import pytest

from studyportal.portal.importing.occasions import (
    DiaryDate,
    Labels,
    Pattern,
    StudyDay,
    TimePoint,
    Unreadable,
    occasion_on,
    pattern_expression,
)  # fmt: skip
from studyportal.protocol.schedules import Schedule
from tests.importing.examples import example_protocol

START = date(2018, 9, 6)
PATTERN = Pattern(pattern_expression("w{week}s{set}"), 1, {"week": 7, "set": 3}, "set", {1: "acute", 2: "post_acute"})


@pytest.mark.parametrize(
    ("label", "instrument", "day"),
    [("w1s1", "acute", 1), ("w1s2", "post_acute", 4), ("w2s1", "acute", 8), ("w3s2", "post_acute", 18), ("w4s2", "post_acute", 25)],
)  # fmt: skip
def test_week_and_set_become_a_thursday_and_a_sunday(label, instrument, day):
    point = PATTERN.read(label, start=START)

    assert point == TimePoint(instrument, day)


@pytest.mark.parametrize(
    ("occasions", "text"),
    [
        (PATTERN, "w1"), (PATTERN, "w1s3"), (PATTERN, "w0s1"), (PATTERN, "xw1s1"), (PATTERN, "w1s1 "), (PATTERN, ""),
        (PATTERN, "w\u0661s1"), (PATTERN, "w99999s1"),
        (Labels({"pre": TimePoint("acute", 1)}), "Pre"),
        (StudyDay("acute"), "0"), (StudyDay("acute"), "1.0"), (StudyDay("acute"), "-3"), (StudyDay("acute"), "99999"),
        (DiaryDate("acute"), "2018-09-05"), (DiaryDate("acute"), "06.09.2018"), (DiaryDate("acute"), "2018-02-30"),
    ],
)  # fmt: skip
def test_what_is_no_time_point_is_refused_without_repeating_it(occasions, text):
    with pytest.raises(Unreadable) as refusal:
        occasions.read(text, start=START)

    assert not text or text not in str(refusal.value)


def test_a_date_counts_from_the_start():
    assert DiaryDate("acute").read("2018-09-13", start=START) == TimePoint("acute", 8)
    assert StudyDay("acute").read("8", start=START) == TimePoint("acute", 8)


def test_the_occasion_is_the_schedules_own():
    protocol = example_protocol()
    acute, sundays, once = (protocol.instruments[name].schedule for name in ("acute", "post_acute", "baseline"))

    assert [occasion_on(acute, day, start=START) for day in (1, 8, 22)] == [1, 2, 4]
    assert [occasion_on(sundays, day, start=START) for day in (4, 11, 25)] == [1, 2, 4]
    assert occasion_on(once, 1, start=START) == 1
    for schedule, day in ((acute, 2), (acute, 29), (sundays, 1), (once, 2)):
        with pytest.raises(Unreadable):
            occasion_on(schedule, day, start=START)


def test_months_are_counted_on_the_calendar():
    monthly = Schedule(form="monthly", first_day=1, every_months=1)
    last_of_january = date(2024, 1, 31)

    days = {day: number for day in range(1, 100) if (number := _occasion(monthly, day, last_of_january))}

    assert days == {1: 1, 30: 2, 61: 3, 91: 4}  # 31 January, 29 February, 31 March, 30 April


def _occasion(schedule, day, start):
    try:
        return occasion_on(schedule, day, start=start)
    except Unreadable:
        return None


def test_the_day_of_enrolment_is_the_first():
    enrolment = Schedule(form="on_enrolment")

    assert [_occasion(enrolment, day, START) for day in (1, 2)] == [1, None]
