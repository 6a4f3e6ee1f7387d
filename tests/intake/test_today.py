"""What is listed for somebody who opens their diary, and what never is."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

import pytest

from studyportal.protocol import SHIPPED, Duration, Instrument, Schedule, load_protocol
from studyportal.web.answering.standing import any_time, standings
from tests.intake.conftest import NOW as MOMENT
from tests.intake.conftest import Browser, hidden, inside

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


# ── With somebody's own key ────────────────────────────────────────────────


@pytest.fixture
def after_a_dose(room):
    """(app, browser, id) of somebody who has just recorded a dose of half past seven in the evening."""
    study, app = room
    claimed = inside(app, study.participant)
    browser = Browser(app)
    browser.sign_in(claimed)
    page = browser.get("/diary/dose").text
    kept = browser.post("/diary/dose", hidden(page) | {"substance": "lsd", "taken": "2026-03-02T19:30"}, page=page)
    return app, browser, kept.location.rpartition("/")[2]


def test_today_says_when_a_follow_up_will_come_and_offers_it_with_one_tap_once_it_is_open(after_a_dose):
    app, browser, id = after_a_dose
    way = f'href="/diary/follow_up?follows={id}"'

    early = browser.get("/").text
    app.clock = datetime(2026, 3, 2, 22, tzinfo=UTC)
    then = browser.get("/").text
    form = browser.get(f"/diary/follow_up?follows={id}").text
    browser.post("/diary/follow_up", hidden(form) | {"pain_after": "3"}, page=form)
    done = browser.get("/").text

    assert way not in early and "Some hours after, Mon 2 Mar, 22:30" in early
    assert way in then and "About what you recorded for Mon 2 Mar, 19:30. Until Tue 3 Mar, 07:30." in then
    assert "/follow/follow_up" not in early + then, "it is known which entry it is about"
    assert "follow_up" not in done


def test_a_late_follow_up_is_offered_as_late_and_an_evening_alone_offers_none(after_a_dose, room):
    app, browser, id = after_a_dose
    study, _ = room
    other = Browser(app)
    claimed = inside(app, study.participant)
    other.sign_in(claimed)
    page = other.get("/diary/adverse_event").text
    event = {"what": "skin", "grade": "1", "serious": "none", "began": "2026-03-02", "outcome": "gone"}
    other.post("/diary/adverse_event", hidden(page) | event, page=page)

    app.clock = datetime(2026, 3, 3, 7, tzinfo=UTC)
    late = " ".join(browser.get("/").text.split())

    assert f"follows={id}" in late and "Until Tue 3 Mar, 19:30." in late and "Late" in late
    assert "follow_up" not in other.get("/").text, "what came on demand was no dose"


def test_today_opens_only_what_could_still_be_waited_for(after_a_dose, monkeypatch):
    app, browser, _ = after_a_dose
    opened = []
    monkeypatch.setattr(
        "studyportal.intake.today.afterwards.own_entries", lambda *_, **named: opened.append(named["since"]) or ()
    )

    browser.get("/")
    app.clock += timedelta(hours=11)
    browser.get("/")

    assert [moment - since for moment, since in zip((MOMENT, app.clock), opened, strict=True)] == [
        timedelta(hours=48)
    ] * 2
