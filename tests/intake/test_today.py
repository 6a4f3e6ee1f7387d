"""What is listed for somebody who opens their diary, and what never is."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

import pytest

from studyportal.protocol import SHIPPED, Duration, Instrument, Schedule, load_protocol
from studyportal.web.answering.standing import any_time, standings

START, BERLIN = date(2026, 3, 2), "Europe/Berlin"
NOW = datetime(2026, 3, 10, 19, 30, tzinfo=UTC)  # 20:30 in Berlin
HOURS = {"window": Duration(minutes=600), "grace": Duration(minutes=720)}


def instrument(name, by="participant", **schedule):
    return Instrument(name=name, title=name.title(), by=by, items={}, schedule=Schedule(**schedule))


EVENING = instrument("evening", form="every", every_days=1, opens=time(17), **HOURS)
MONTHLY = instrument("monthly", form="monthly", every_months=1, first_day=29, window=Duration(days=7))
FIRST = instrument("first", form="on_enrolment", window=Duration(days=14))
DOSE = instrument("dose", form="on_demand", back_days=2)
FOLLOW_UP = instrument("follow_up", form="after", after="dose", delay=Duration(minutes=240), **HOURS)
NEXT_MORNING = instrument("next_morning", form="after", after="evening", delay=Duration(minutes=240), **HOURS)
VISIT = instrument("visit", by="clinician", form="every", every_days=7, **HOURS)
EVENT = instrument("event", by="clinician", form="on_demand")
SCREENING = instrument("screening", form="before_consent")


@pytest.fixture(scope="module")
def protocol():
    parts = (EVENING, MONTHLY, FIRST, DOSE, FOLLOW_UP, NEXT_MORNING, VISIT, EVENT, SCREENING)
    return replace(load_protocol(SHIPPED), instruments=MappingProxyType({part.name: part for part in parts}))


def names(instruments):
    return [one.name for one in instruments]


def any_time_at(protocol, now, *, given=MappingProxyType({}), last_on_demand=None):
    return names(any_time(protocol, given, last_on_demand, start=START, zone=BERLIN, now=now))


def test_what_a_clinician_fills_in_and_what_is_asked_before_consent_is_never_listed(protocol):
    found = standings(protocol, {}, start=START, zone=BERLIN, now=NOW)

    assert [one.instrument.name for one in found] == ["evening", "monthly", "first"]
    assert [one.is_due for one in found] == [True, False, True]
    assert any_time_at(protocol, NOW) == ["dose"]


def test_a_follow_up_is_listed_while_a_dose_that_came_may_be_waiting_for_it(protocol):
    came = NOW - timedelta(hours=5)

    assert any_time_at(protocol, NOW, last_on_demand=came) == ["dose", "follow_up"]
    assert any_time_at(protocol, came + timedelta(hours=25), last_on_demand=came) == ["dose", "follow_up"]
    assert any_time_at(protocol, came + timedelta(hours=26), last_on_demand=came) == ["dose"]


def test_what_follows_an_evening_is_listed_after_an_evening_only(protocol):
    given = {("evening", 9): NOW - timedelta(hours=2)}

    assert any_time_at(protocol, NOW, given=given) == ["dose", "next_morning"]
    assert any_time_at(protocol, NOW + timedelta(days=2), given=given) == ["dose"]


def test_an_evening_that_was_given_is_not_asked_again_after_a_flight_west(protocol):
    given = {("evening", 9): datetime(2026, 3, 10, 16, 30, tzinfo=UTC)}  # 17:30 in Berlin, 12:30 in New York

    noon, evening = (
        standings(protocol, given, start=START, zone="America/New_York", now=datetime(2026, 3, 10, hour, tzinfo=UTC))[0]
        for hour in (17, 22)
    )

    assert (noon.is_due, noon.following.number) == (False, 10)
    assert (evening.is_due, evening.given_at, evening.following.number) == (False, given["evening", 9], 10)


def test_the_last_month_has_nothing_after_it(protocol):
    ended = replace(MONTHLY, schedule=replace(MONTHLY.schedule, last_day=40))
    study = replace(protocol, instruments={"monthly": ended})

    before, during = (
        standings(study, {}, start=START, zone=BERLIN, now=datetime(2026, 3, day, tzinfo=UTC))[0] for day in (29, 31)
    )

    assert (before.is_due, before.following.diary_date) == (False, date(2026, 3, 30))
    assert (during.current.number, during.is_due, during.following) == (1, True, None)
