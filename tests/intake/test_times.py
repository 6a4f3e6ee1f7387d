"""Whether an entry may still come: the window of what follows an event ends at the latest some hours after it came."""

from datetime import UTC, date, datetime, timedelta

import pytest

from studyportal.errors import Invalid
from studyportal.protocol import Duration, Instrument, Schedule
from studyportal.web.answering.times import About, Times, about, check_window, latest_date
from tests.protocol.documents import study

START, BERLIN = date(2026, 3, 2), "Europe/Berlin"
CAME = datetime(2026, 3, 10, 8, tzinfo=UTC)
FOLLOW_UP = Instrument(
    name="follow_up",
    title="After a dose",
    items={},
    schedule=Schedule(
        form="after",
        after="dose",
        delay=Duration(minutes=240),
        window=Duration(minutes=480),
        grace=Duration(minutes=720),
    ),
)


def check(saved, diary_date=date(2026, 3, 10)):
    check_window(
        FOLLOW_UP,
        About(None, diary_date, CAME),
        times=Times(BERLIN, saved_at=saved),
        start=START,
        zone=BERLIN,
        now=saved,
    )


@pytest.mark.parametrize("hours", [-1, 0, 4, 12, 23])
def test_a_follow_up_is_taken_until_its_grace_is_over_also_early_because_the_dose_may_have_been_recorded_late(hours):
    check(CAME + timedelta(hours=hours))


def test_a_follow_up_of_a_dose_that_came_too_long_ago_is_refused():
    with pytest.raises(Invalid) as refusal:
        check(CAME + timedelta(hours=24))

    assert refusal.value.problems == {"follows": "It is too late."}
    assert refusal.value.sentence.startswith("After a dose closed on ")


@pytest.mark.parametrize("day", [8, 12])
def test_a_follow_up_is_about_a_day_on_which_its_window_could_be_open(day):
    with pytest.raises(Invalid) as refusal:
        check(CAME + timedelta(hours=5), date(2026, 3, day))

    assert refusal.value.problems.keys() == {"event_at"}


EVENING = study().instruments["evening"]
NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("saved", "late"),
    [
        (datetime(2026, 3, 2, 16, 30, tzinfo=UTC), False),  # 17:30 at home, before noon in New York
        (datetime(2026, 3, 3, 4, tzinfo=UTC), False),  # late at home, an evening in New York
        (datetime(2026, 3, 3, 9, tzinfo=UTC), True),  # late in both
        (datetime(2026, 3, 3, 18, tzinfo=UTC), True),  # over at home, still taken in New York
    ],
)
def test_on_a_journey_an_entry_is_taken_where_it_is_written_and_late_by_the_clock_there(saved, late):
    times = Times(NEW_YORK, saved_at=saved)

    found = about(EVENING, {}, 1, times=times, start=date(2026, 3, 2), zone=BERLIN, now=saved)
    check_window(EVENING, found, times=times, start=date(2026, 3, 2), zone=BERLIN, now=saved)

    assert found.occasion.is_late(saved) is late


def test_on_a_journey_an_entry_that_is_over_everywhere_is_refused():
    saved = datetime(2026, 3, 3, 20, 1, tzinfo=UTC)
    times = Times(NEW_YORK, saved_at=saved)
    found = about(EVENING, {}, 1, times=times, start=date(2026, 3, 2), zone=BERLIN, now=saved)

    with pytest.raises(Invalid):
        check_window(EVENING, found, times=times, start=date(2026, 3, 2), zone=BERLIN, now=saved)


def test_on_a_journey_east_a_dose_is_taken_on_the_day_that_it_is_there_already():
    dose = Instrument(name="dose", title="Dose", items={}, schedule=Schedule(form="on_demand", back_days=2))
    night = datetime(2026, 3, 10, 21, tzinfo=UTC)  # 22:00 in Berlin, 6:00 of the next day in Tokyo
    there, at_home = Times("Asia/Tokyo"), Times(BERLIN)
    tomorrow = About(None, date(2026, 3, 11))

    check_window(dose, tomorrow, times=there, start=START, zone=BERLIN, now=night)
    with pytest.raises(Invalid):
        check_window(dose, tomorrow, times=at_home, start=START, zone=BERLIN, now=night)

    assert latest_date(there, zone=BERLIN, now=night) == date(2026, 3, 11)
    assert latest_date(there, zone="Asia/Tokyo", now=night) == latest_date(
        Times("America/Lima"), zone="Asia/Tokyo", now=night
    )
