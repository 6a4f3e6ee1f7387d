"""Reminders are off until somebody turns one on; whereto is shown to nobody but them; what is sent betrays nothing."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from uuid import uuid4

import icalendar
import pytest
import sqlalchemy as sa

from studyportal.database import reading, writing
from studyportal.registry.consents import add_withdrawal
from studyportal.registry.reminder_tables import CALENDAR_FEEDS, REMINDER_CONTACTS, REMINDER_WISHES, REMINDERS
from studyportal.registry.reminding import begin_try, claim_reminders, end_message, tell_ways
from studyportal.sealing.push import new_push_key, push_public
from tests.intake.conftest import NOW, Browser, hidden
from tests.journeys.canary import traces
from tests.push_service import HOST, Subscribed, text_of

ADDRESS = "wetterleuchten-7q4z@knie.example"
WISHES = {"begins": "22:00", "ends": "07:30", "after": "60", "of": ["evening", "weekly"]}


@pytest.fixture
def ada(room):
    """Somebody at her browser, in a study whose worker has mail and push: (her browser, what she claimed, app)."""
    study, app = room
    with app.app_context():
        claimed = study.participant()
        with writing("registry") as connection:
            ways = {"mail": {}, "push": {"public_key": push_public(new_push_key()), "services": HOST}}
            tell_ways(connection, ways, now=NOW)
    browser = Browser(app)
    browser.sign_in(claimed)
    return browser, claimed, app


def rows(app, table):
    with app.app_context(), reading("registry") as connection:
        return connection.execute(sa.select(table)).all()


def shown(browser, path="/reminders"):
    page = browser.get(path)
    assert page.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def subscribe(browser, subscribed, **changed):
    page = browser.get("/reminders").text
    whereto = subscribed.whereto
    fields = {"address": whereto.address, "public": whereto.public, "auth": whereto.auth} | changed
    headers = browser.origin | {"Accept": "application/json"}
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    return browser.client.post(
        "/reminders/browser", base_url="http://localhost:8000", data=fields | {"csrf_token": token}, headers=headers
    )


def test_reminders_are_off_until_somebody_turns_one_on(ada):
    browser, _, app = ada

    page = shown(browser)

    assert "They are off until you turn one on." in page and "What comes next" not in page
    assert [rows(app, table) for table in (REMINDER_CONTACTS, REMINDER_WISHES, CALENDAR_FEEDS)] == [[], [], []]
    assert 'href="/reminders"' in browser.get("/sessions").text and 'href="/reminders"' in browser.get("/").text


def test_an_address_is_shown_to_its_owner_alone_and_stands_nowhere_in_clear(ada, room, tmp_path):
    browser, _, app = ada
    study, _ = room
    with app.app_context():
        other = study.participant()
    stranger = Browser(app)
    stranger.sign_in(other)

    kept = browser.post("/reminders/address", {"address": f" {ADDRESS} "}, page=browser.get("/reminders").text)

    assert kept.status_code == 303
    assert ADDRESS in shown(browser) and "What comes next" in shown(browser)
    assert ADDRESS not in stranger.get("/reminders").text
    assert ADDRESS.encode() not in browser.get("/download").data
    assert traces(ADDRESS, [Path(tmp_path)]) == [] and len(rows(app, REMINDER_CONTACTS)) == 1


def test_another_address_takes_the_place_of_the_first_and_ending_it_forgets_it(ada):
    browser, _, app = ada
    for address in (ADDRESS, "ada@home.example"):
        browser.post("/reminders/address", {"address": address}, page=browser.get("/reminders").text)
    page = browser.get("/reminders").text
    assert "ada@home.example" in page and ADDRESS not in page

    ended = browser.post("/reminders/end", {"place": rows(app, REMINDER_CONTACTS)[0].id}, page=page)

    assert ended.status_code == 303 and rows(app, REMINDER_CONTACTS) == []


def test_an_address_that_is_none_is_refused_in_a_sentence(ada):
    browser, _, app = ada

    for address in ("", "ada", "ada@home.example, bo@home.example", "a@b.example\r\nBcc: c@d.example"):
        refused = browser.post("/reminders/address", {"address": address}, page=browser.get("/reminders").text)

        assert refused.status_code == 422 and rows(app, REMINDER_CONTACTS) == []
        assert "Write one plain mail address" in refused.text or "Type an address." in refused.text


def test_a_place_of_somebody_else_is_not_there(ada, room):
    browser, _, app = ada
    study, _ = room
    with app.app_context():
        other = study.participant()
    stranger = Browser(app)
    stranger.sign_in(other)
    browser.post("/reminders/address", {"address": ADDRESS}, page=browser.get("/reminders").text)
    (place,) = rows(app, REMINDER_CONTACTS)

    answers = [
        stranger.post("/reminders/end", {"place": id}, page=stranger.get("/reminders").text).status_code
        for id in (place.id, uuid4(), "nonsense")
    ]

    assert answers == [404, 404, 404] and len(rows(app, REMINDER_CONTACTS)) == 1


def test_a_browser_is_kept_once_and_knows_itself_by_a_digest(ada):
    browser, _, app = ada
    subscribed = Subscribed()

    answers = [subscribe(browser, subscribed).status_code for _ in range(2)]

    (place,) = rows(app, REMINDER_CONTACTS)
    page = browser.get("/reminders").text
    assert answers == [204, 204] and f'data-mark="{place.mark.hex()}"' in page
    assert subscribed.name not in page


def test_a_browser_with_another_address_or_no_key_is_refused(ada):
    browser, _, app = ada

    for changed in (
        {"address": "https://127.0.0.1/x"}, {"address": "http://push.example.org/x"}, {"address": "https://evil.example/x"},
        {"public": "AAAA"}, {"public": text_of(b"\4" + bytes(64))}, {"auth": ""}, {"auth": "%"},
    ):  # fmt: skip
        refused = subscribe(browser, Subscribed(), **changed)

        assert refused.status_code == 422 and refused.json["refusal"] and rows(app, REMINDER_CONTACTS) == []


def test_what_the_study_cannot_do_is_said(ada):
    browser, _, app = ada
    with app.app_context(), writing("registry") as connection:
        tell_ways(connection, {}, now=NOW)

    page = shown(browser)
    refused = browser.post("/reminders/address", {"address": ADDRESS}, page=browser.get("/reminders").text)

    assert "cannot send mail at the moment" in page and "cannot remind browsers at the moment" in page
    assert refused.status_code == 503


def test_when_and_of_what_is_kept_and_shown_again(ada):
    browser, _, app = ada

    kept = browser.post("/reminders/wishes", WISHES, page=browser.get("/reminders").text)
    page = browser.get("/reminders").text

    assert kept.status_code == 303
    (row,) = rows(app, REMINDER_WISHES)
    assert (row.quiet_begins, row.quiet_ends, row.after_minutes, row.next_at) == (22 * 60, 7 * 60 + 30, 60, NOW)
    assert "evening" not in row.without and "baseline" in row.without
    assert 'value="22:00"' in page and '<option value="60" selected>' in page
    assert re.search(r'value="evening" checked', page) and not re.search(r'value="baseline" checked', page)


def test_wishes_that_make_no_sense_are_refused(ada):
    browser, _, app = ada

    for changed in ({"begins": "25:00"}, {"ends": ""}, {"after": "7"}, {"of": ["nothing"]}):
        refused = browser.post("/reminders/wishes", WISHES | changed, page=browser.get("/reminders").text)

        assert refused.status_code == 422 and rows(app, REMINDER_WISHES) == []


def test_quiet_hours_that_leave_no_time_are_told(ada):
    browser, _, _ = ada

    browser.post(
        "/reminders/wishes", WISHES | {"begins": "16:00", "ends": "12:00"}, page=browser.get("/reminders").text
    )

    assert "Your quiet hours leave no time for “Evening diary”" in shown(browser)


def test_how_the_last_reminder_ended_is_told(ada):
    browser, claimed, app = ada
    browser.post("/reminders/address", {"address": ADDRESS}, page=browser.get("/reminders").text)
    row = {"enrolment": claimed.enrolment, "way": "mail", "mark": b"", "schedule": "evening", "wanted_at": NOW}
    words = {"sent": "went out", "failed": "did not go out", "unknown": "Nobody knows", "gone": "not reached any more"}

    for number, (outcome, said) in enumerate(words.items(), start=1):
        message, ended = uuid4(), NOW + timedelta(minutes=number)
        with app.app_context(), writing("registry") as connection:
            claim_reminders(connection, [row | {"occasion": number, "message": message, "until": ended}])
            begin_try(connection, message, now=NOW)
            end_message(connection, message, outcome, now=ended)

        assert said in shown(browser)


def make_calendar(browser):
    made = browser.post("/reminders/calendar", {}, page=browser.get("/reminders").text)
    assert made.status_code == 200
    return re.search(r"http://localhost:8000(/calendar/[\w-]{43}\.ics)", made.text)[1]


def test_a_calendar_opens_without_a_session_and_says_diary_and_when(ada):
    browser, claimed, app = ada
    browser.post("/reminders/wishes", WISHES | {"after": "0"}, page=browser.get("/reminders").text)
    address = make_calendar(browser)

    fetched = Browser(app).get(address)

    assert fetched.status_code == 200 and fetched.content_type == "text/calendar; charset=utf-8"
    assert fetched.headers["Cache-Control"] == "private, max-age=3600" and "Set-Cookie" not in fetched.headers
    text = fetched.text
    assert "\r\n" in text and all(len(line) <= 75 for line in text.split("\r\n"))
    calendar = icalendar.Calendar.from_ical(fetched.data)
    events = calendar.walk("VEVENT")
    assert {str(one["SUMMARY"]) for one in events} == {"Diary"} and len({str(one["UID"]) for one in events}) == len(
        events
    )
    assert len(events) >= 28 and all(one.decoded("DTSTART").tzinfo is not None for one in events)
    # 17:00 in Berlin, before and after the clocks change on 29 March.
    starts = {one.decoded("DTSTART") for one in events}
    assert datetime(2026, 3, 28, 16, tzinfo=UTC) in starts and datetime(2026, 3, 29, 15, tzinfo=UTC) in starts
    for secret in ("evening", "pain", "micro", "MCP", claimed.participant_code, str(claimed.enrolment), "NS-"):
        assert secret.lower() not in text.lower()


def test_a_calendar_does_not_tell_whether_something_was_given(ada):
    browser, _, app = ada
    address = make_calendar(browser)
    before = Browser(app).get(address).data
    page = browser.get("/diary/evening/1").text
    browser.post("/diary/evening/1", hidden(page) | {"pain_average": "4"}, page=page)

    assert Browser(app).get(address).data == before


def test_a_calendar_address_is_renewed_ended_and_kept_only_as_a_hash(ada, tmp_path):
    browser, _, app = ada
    first, second = make_calendar(browser), make_calendar(browser)
    stranger = Browser(app)

    renewed = [stranger.get(one).status_code for one in (first, second)]
    browser.post("/reminders/calendar/end", {}, page=browser.get("/reminders").text)

    assert renewed == [404, 200] and stranger.get(second).status_code == 404
    assert traces(second.split("/")[2][:43], [Path(tmp_path)]) == [] and rows(app, CALENDAR_FEEDS) == []


def test_whoever_guesses_calendars_is_held_up_and_whoever_has_one_is_not(ada):
    browser, _, app = ada
    address, stranger = make_calendar(browser), Browser(app)

    # Signing in with the right words does not count against a network.
    guesses = [stranger.get(f"/calendar/{'x' * 43}.ics").status_code for _ in range(61)]

    assert guesses == [404] * 60 + [429] and stranger.get(address).status_code == 200


def test_whoever_has_left_has_an_empty_calendar_and_nothing_to_choose(ada):
    browser, claimed, app = ada
    address = make_calendar(browser)
    with app.app_context(), writing("registry", enrolment=claimed.enrolment) as connection:
        add_withdrawal(connection, uuid4(), claimed.enrolment, scope="study", strength="stop", now=NOW)

    fetched = Browser(app).get(address)

    assert fetched.status_code == 200 and b"VEVENT" not in fetched.data
    assert "You have left the study" in shown(browser) and "Remind me" not in shown(browser)
    assert rows(app, REMINDERS) == []
