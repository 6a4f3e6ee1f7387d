"""A pause asks for nothing and refuses nothing; one tap ends it."""

import pytest

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading
from tests.intake.conftest import NOW, Browser, hidden, inside


@pytest.fixture
def resting(room):
    """(app, browser of somebody who takes part)."""
    study, app = room
    claimed, browser = inside(app, study.participant), Browser(app)
    browser.post("/sign-in", {"code": claimed.participant_code, "passphrase": claimed.passphrase, "remember": "y"})
    return app, browser


def pause(browser, **fields):
    return browser.post("/pause", fields, page=browser.get("/pause").text)


def test_nothing_is_asked_until_they_go_on(resting):
    app, browser = resting

    assert "2 diaries are waiting" in browser.get("/").text
    assert pause(browser, until="open").status_code == 303
    today, due = browser.get("/").text, browser.get("/offline/due").json
    again = pause(browser, until="open")
    gone_on = browser.post("/pause/end", {}, page=today, follow_redirects=True).text

    assert "Your diary is paused" in today and "Until you go on." in today and "waiting" not in today
    assert "At any time" in today and "/diary/dose" in today
    assert due["takes_entries"] and due["due"] == []
    assert again.status_code == 303
    assert "Your diary goes on." in gone_on and "2 diaries are waiting" in gone_on
    assert browser.get("/download").json["pauses"][0]["until"] is not None
    with app.app_context(), reading("registry") as connection:
        told = [row.action for row in connection.execute(AUDIT_EVENTS["registry"].select())]
    assert told.count("pause:begin") == 1 and told.count("pause:end") == 1


def test_what_is_written_all_the_same_is_taken(resting):
    _, browser = resting
    pause(browser, until="open")
    page = browser.get("/diary/evening/1").text

    kept = browser.post("/diary/evening/1", hidden(page) | {"pain_average": "4"}, page=page)

    assert kept.status_code == 303


def test_a_pause_until_a_day_ends_as_that_day_begins_where_they_live(resting):
    app, browser = resting
    pause(browser, until="day", day="2026-03-05")

    assert "Until Thu 5 Mar." in browser.get("/").text
    due = browser.get("/offline/due").json
    app.clock = NOW.replace(day=4, hour=22, minute=59)
    before = browser.get("/").text
    app.clock = NOW.replace(day=4, hour=23, minute=0)
    after = browser.get("/").text

    assert due["due"] and all(one["opens"] >= "2026-03-04T23:00:00+00:00" for one in due["due"])
    assert "Your diary is paused" in before and "Your diary is paused" not in after


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"until": "never"},
        {"until": "day"},
        {"until": "day", "day": "tomorrow"},
        {"until": "day", "day": "2026-03-02"},
        {"until": "day", "day": "1999-01-01"},
        {"until": "day", "day": "2028-03-05"},
    ],
)
def test_a_pause_is_for_days_to_come_and_no_longer_than_the_study(resting, fields):
    _, browser = resting

    refused = pause(browser, **fields)

    assert refused.status_code == 422 and "error-summary" in refused.text
    assert "Your diary is paused" not in browser.get("/").text


def test_whoever_has_left_has_nothing_to_pause(resting):
    _, browser = resting
    browser.post("/leave/study/stop", {"word": "STOP"}, page=browser.get("/leave/study/stop").text)

    assert browser.get("/pause").status_code == 410
    assert browser.post("/pause", {"until": "open"}, page=browser.get("/").text).status_code == 410
