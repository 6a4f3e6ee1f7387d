"""What became of what somebody was asked: counted over the times that were due, late ones named, nothing after they
left."""

from datetime import date, timedelta

from studyportal.database import reading
from studyportal.intake.course.asked import LATELY, asked_of, own_states
from studyportal.intake.course.opening import own_entries, own_key
from studyportal.intake.enrolment.sessions import NOT_REMEMBERED, caller_of
from studyportal.intake.enrolment.sign_in import start_session
from studyportal.protocol.adherence import Adherence
from studyportal.registry import sessions
from studyportal.sealing.sessions import token_hash
from studyportal.web.answering.times import Times
from tests.intake.conftest import NOW, ZONE, Browser, hidden, inside
from tests.intake.test_submission import send

START = date(2026, 3, 2)  # a Monday


def opened(study, claimed):
    token = start_session(claimed.enrolment, claimed.root, study="MCP-1", lasting=NOT_REMEMBERED, now=NOW).token
    with reading("registry") as connection:
        caller = caller_of(
            sessions.caller(connection, token_hash(token), required_scopes=("study",)), token_hash(token), now=NOW
        )
    return own_entries(caller, own_key(caller, token, study="MCP-1"), protocol=study.protocol)


def evenings(study, entries, now):
    states = own_states(entries, study.protocol, start=START, zone=ZONE, now=now)
    return next(one for one in asked_of(states, start=START, today=now.date()) if one.instrument.name == "evening")


def test_given_late_and_missing_evenings_are_counted_over_those_that_were_due(study):
    claimed = study.participant()
    enrolled = study.enrolled(claimed)
    send(study, enrolled)
    send(study, enrolled, now=NOW + timedelta(days=1, hours=11))  # the next morning
    later = NOW + timedelta(days=4)

    found = evenings(study, opened(study, claimed), later)

    assert found.ever == Adherence(due=4, given=2, late=1), "the fifth evening is still open"
    assert found.weeks[0].days == ["given", "late", "missed", "missed", "open", None, None]


def test_an_entry_that_a_phone_kept_is_not_late_if_it_was_written_in_time(study):
    claimed = study.participant()
    send(study, study.enrolled(claimed), times=Times(ZONE, None, NOW), now=NOW + timedelta(days=3), occasion=1)

    found = evenings(study, opened(study, claimed), NOW + timedelta(days=3))

    assert found.ever.late == 0 and found.ever.given == 1


def test_only_the_last_weeks_are_shown_day_by_day_and_all_are_counted(study):
    found = evenings(study, [], NOW + timedelta(days=120))

    assert len(found.weeks) == LATELY
    assert found.weeks[0].first == date(2026, 5, 11)
    assert (found.ever.due, found.lately.due) == (120, 50)


def test_the_page_says_it_without_blame_and_stops_counting_when_somebody_has_left(room):
    study, app = room
    claimed = inside(app, study.participant)
    browser = Browser(app)
    browser.sign_in(claimed)
    page = browser.get("/diary/evening/1").text
    browser.post("/diary/evening/1", hidden(page) | {"pain_average": "4"}, page=page)

    app.clock = NOW + timedelta(days=2)
    browser.sign_in(claimed)
    browser.post("/leave/study/stop", {"word": "STOP"})
    app.clock = NOW + timedelta(days=5)
    browser.sign_in(claimed)
    page = browser.get("/course").text
    shown = " ".join(page[page.index('<h2 id="how-often"') : page.index("Your entries")].split())

    assert "The study expects gaps." in shown
    assert "1 of 2" in shown and "1 of 5" not in shown
    assert not any(word in shown.lower() for word in ("well done", "streak", "only", "should", "%"))


def test_before_the_first_evening_is_over_nothing_is_counted():
    assert asked_of({}, start=START, today=START) == []
