"""What a phone is given before it has no network, and how what it kept is taken afterwards."""

import secrets
from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.database import reading
from studyportal.intake.diary.aid import aid_offline
from studyportal.intake.enrolment.sessions import MOST_DEVICES
from studyportal.intake.offline.due import AHEAD, due_ahead
from studyportal.protocol import SHIPPED, load_protocol
from studyportal.registry.tables import SEALED_ENTRIES
from studyportal.web.answering.standing import standings
from studyportal.web.answering.times import OFFLINE
from tests.intake.conftest import NOW, ORIGIN, Browser, hidden, inside


@pytest.fixture
def phone(room):
    """(app, browser of somebody signed in who is remembered, function that sends a form with a device's token)."""
    study, app = room
    claimed, browser = inside(app, study.participant), Browser(app)
    browser.post("/sign-in", {"code": claimed.participant_code, "passphrase": claimed.passphrase, "remember": "y"})
    added = browser.post("/offline/device", {}, page=browser.get("/").text)
    assert added.status_code == 201
    bearer = {"Authorization": f"Bearer {added.json['token']}"}

    def send(name, fields, headers=bearer):
        client = app.test_client(use_cookies=False)
        return client.post(f"/api/forms/{name}", base_url=ORIGIN, data=fields, headers=headers)

    return app, browser, send


def kept(**changes):
    """The evening of study day 1, as a phone kept it."""
    fields = {
        "entry-id": str(uuid4()),
        "entry-blind": urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode(),
        "entry-zone": "Europe/Berlin",
        "entry-occasion": "1",
        "entry-saved-at": NOW.isoformat(),
        "pain_average": "4",
    }
    return fields | changes


def count(app):
    with app.app_context(), reading("registry") as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(SEALED_ENTRIES))


def test_a_form_that_a_phone_kept_is_taken_once_with_the_same_receipt(phone):
    app, _, send = phone
    fields = kept()

    first, again, other = (
        send("evening", fields),
        send("evening", fields),
        send("evening", fields | {"pain_average": "5"}),
    )

    assert [one.status_code for one in (first, again, other)] == [201, 200, 409]
    assert first.data == again.data
    assert count(app) == 1


def test_what_was_saved_in_its_window_is_taken_days_later_and_not_after_fourteen(phone):
    app, _, send = phone

    app.clock = NOW + OFFLINE - timedelta(hours=1)
    in_time = send("evening", kept())
    app.clock = NOW + OFFLINE + timedelta(hours=1)
    too_late = send("dose", kept(**{"entry-occasion": "", "substance": "lsd", "taken": "2026-03-02T20:10"}))

    assert in_time.status_code == 201
    assert too_late.status_code == 422


def test_a_clock_that_is_an_hour_ahead_is_told(phone):
    app, _, send = phone

    refused = send("evening", kept(**{"entry-saved-at": (NOW + timedelta(hours=1)).isoformat()}))

    assert refused.status_code == 422
    assert refused.json["problems"]["saved_at"] == "This lies in the future. Check the clock of the device."
    assert count(app) == 0


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"entry-id": "7"}, 422),
        ({"entry-blind": "short"}, 422),
        ({"entry-saved-at": "yesterday"}, 422),
        ({"entry-saved-at": "2026-03-02T19:30:00"}, 422),
        ({"entry-occasion": "one"}, 422),
        ({"entry-occasion": "9999999"}, 422),
        ({"entry-occasion": "900"}, 404),
        ({"entry-version": "9.9"}, 422),
        ({"entry-zone": "Mars/Base"}, 422),
        ({"pain_average": "SECRETANSWER"}, 422),
        ({"unknown": "SECRETANSWER"}, 422),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_sentence_that_repeats_nothing(phone, changes, status):
    app, _, send = phone

    refused = send("evening", kept(**changes))

    assert refused.status_code == status
    assert refused.json["refusal"] and "SECRETANSWER" not in refused.text
    assert count(app) == 0


def test_the_token_of_a_phone_sends_and_reads_nothing(phone):
    app, browser, send = phone
    fields = kept()
    send("evening", fields)
    token = browser.post("/offline/device", {}, page=browser.get("/").text).json["token"]
    client = app.test_client(use_cookies=False)

    read = [
        client.get(path, base_url=ORIGIN, headers={"Authorization": f"Bearer {token}"}).status_code
        for path in ("/course", "/offline/due", f"/entries/{fields['entry-id']}", "/download", "/sessions")
    ]
    nobody = send("evening", kept(), headers={"Authorization": "Bearer nothing"})

    assert read == [403] * 5
    assert nobody.status_code == 401


def test_signing_out_ends_the_phone_too(phone):
    app, browser, _ = phone
    added = browser.post("/offline/device", {}, page=browser.get("/").text).json
    client = app.test_client(use_cookies=False)

    browser.post("/sign-out", {"device": added["device"]}, page=browser.get("/").text)
    answer = client.post(
        "/api/forms/evening", base_url=ORIGIN, data=kept(), headers={"Authorization": f"Bearer {added['token']}"}
    )

    assert answer.status_code == 401


def test_there_are_only_so_many_phones(phone):
    _, browser, _ = phone
    page = browser.get("/").text
    answers = [browser.post("/offline/device", {}, page=page).status_code for _ in range(MOST_DEVICES)]

    assert answers == [201] * (MOST_DEVICES - 1) + [409]


def test_only_somebody_who_is_remembered_has_the_diary_kept(room):
    study, app = room
    claimed, browser = inside(app, study.participant), Browser(app)

    browser.sign_in(claimed)

    assert '<meta name="keeps" content="">' in browser.get("/").text
    assert browser.get("/offline/due").status_code == 200


def test_pages_that_a_phone_keeps_hold_nothing_of_anybody(phone):
    app, _, _ = phone
    nobody = app.test_client(use_cookies=False)

    contents = nobody.get("/offline/contents", base_url=ORIGIN).json
    pages = [address for address in contents["addresses"] if not address.startswith("/static/")]

    assert len(pages) == 9
    for address in contents["addresses"]:
        answer = nobody.get(address, base_url=ORIGIN)
        assert answer.status_code == 200, address
        assert "Set-Cookie" not in answer.headers
    for address in pages:
        page = nobody.get(address, base_url=ORIGIN).text
        assert "csrf_token" not in page and not any(hidden(page).get(name) for name in ("entry-id", "entry-blind"))


def test_the_script_that_stands_in_for_the_network_lies_at_the_top(phone):
    _, browser, _ = phone

    worker = browser.get("/worker.js")

    assert worker.content_type == "text/javascript; charset=utf-8"
    assert worker.headers["Cache-Control"] == "public, no-cache"
    assert browser.get("/manifest.webmanifest").json["short_name"] == "Diary"


STARTS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])


@given(start=STARTS, zone=ZONES, day=st.integers(0, 400), minute=st.integers(0, 1439), data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_due_ahead_is_what_today_will_ask_for_at_each_moment(start, zone, day, minute, data):
    protocol = PROTOCOL
    now = datetime(start.year, start.month, start.day, tzinfo=UTC) + timedelta(days=day, minutes=minute)
    ahead = due_ahead(protocol, {}, start=start, zone=zone, now=now)
    later = now + timedelta(minutes=data.draw(st.integers(0, int(AHEAD / timedelta(minutes=1)))))

    asked = {
        (one.instrument.name, one.current.number)
        for one in standings(protocol, {}, start=start, zone=zone, now=later)
        if one.is_due
    }
    told = {
        (one["instrument"], one["number"])
        for one in ahead
        if datetime.fromisoformat(one["opens"]) <= later < datetime.fromisoformat(one["ends"])
    }

    assert told == asked


PROTOCOL = load_protocol(SHIPPED)


def test_the_form_itself_tells_the_alerts_that_hang_on_its_own_answers():
    told = {
        instrument.name: [alert.name for alert, _ in aid_offline(instrument, PROTOCOL).told]
        for instrument in PROTOCOL.instruments.values()
        if instrument.in_diary
    }
    with_words = {alert.name for alert in PROTOCOL.alerts.values() if alert.say and alert.instrument in told}

    assert with_words - {name for names in told.values() for name in names} == NEEDS_MORE
    assert aid_offline(PROTOCOL.instruments["evening"], PROTOCOL, zone="Europe/London").contacts.keys() == {"GB"}


# Alerts that a browser cannot tell: they hang on a score, or on former entries.
NEEDS_MORE = {"serious_event", "severe_anxiety", "severe_depression"}
