"""Which occasions a pause leaves out, whatever the times, and that nobody's other occasions change."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from studyportal.protocol import Duration, Schedule, occasion, occasions_due
from studyportal.protocol.schedules import Pause, last_asked_on, pause_at, paused_numbers, unasked

START, ZONE = date(2026, 3, 2), "Europe/Berlin"
EVENING = Schedule(
    form="every", every_days=1, opens=time(17), window=Duration(minutes=600), grace=Duration(minutes=720), last_day=90
)
MONTHLY = Schedule(form="monthly", every_months=1, first_day=29, opens=time(9), window=Duration(days=5), last_day=365)
ONCE = Schedule(form="once", window=Duration(days=14), grace=Duration(days=30))
BEGINS = datetime(2026, 3, 1, tzinfo=UTC)
moments = st.datetimes(BEGINS.replace(tzinfo=None), datetime(2026, 9, 1)).map(lambda at: at.replace(tzinfo=UTC))
pauses = st.lists(
    st.tuples(moments, st.none() | st.timedeltas(timedelta(), timedelta(days=60))).map(
        lambda told: Pause(told[0], told[1] if told[1] is None else told[0] + told[1])
    ),
    max_size=3,
)


def evening(day):
    return datetime(2026, 3, day, 19, 30, tzinfo=UTC)


def test_a_pause_from_tuesday_evening_to_friday_leaves_out_three_evenings():
    pause = Pause(evening(3), datetime(2026, 3, 5, 23, tzinfo=UTC))

    found = paused_numbers(EVENING, [pause], start=START, zone=ZONE, now=evening(20))

    assert found == {2, 3, 4}


def test_what_was_missed_before_the_pause_stays_missed_and_what_was_given_in_it_stays_due():
    pause = Pause(datetime(2026, 3, 5, 12, tzinfo=UTC), None)

    found = unasked({"evening": EVENING}, [pause], {("evening", 5)}, start=START, zone=ZONE, now=evening(8))

    assert found == {("evening", 4), ("evening", 6), ("evening", 7)}
    assert pause_at([pause], evening(4)) is None and pause_at([pause], evening(8)) == pause


@given(pauses, moments, st.sampled_from([EVENING, MONTHLY, ONCE]))
def test_the_numbers_are_those_that_a_look_at_every_occasion_finds(some, now, schedule):
    opened = occasions_due(schedule, start=START, zone=ZONE, now=now)
    every = [occasion(schedule, number, START, ZONE) for number in range(1, opened + 1)]

    found = paused_numbers(schedule, some, start=START, zone=ZONE, now=now)

    # What begins after now leaves out nothing that has opened and closed; a look at all occasions says the same.
    begun = [pause for pause in some if pause.began_at <= now]
    assert {number for number in found if every[number - 1].closes <= now} == {
        one.number for one in every if one.closes <= now and any(pause.touches(one) for pause in begun)
    }


def test_a_study_asks_for_the_last_time_on_the_last_day_of_its_longest_schedule():
    assert last_asked_on([EVENING, ONCE], START) == START + timedelta(days=89)
    assert last_asked_on([Schedule(form="on_demand")], START) is None
