"""Somebody puts an entry right: both stay, the correction counts, and nobody outside the seal can tell that it is
one."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from studyportal.database import reading
from studyportal.protocol import KINDS, read_protocol
from studyportal.registry.tables import SEALED_ENTRIES
from studyportal.web.answering.filling import FILLS, filled_fields
from studyportal.web.answering.sent import read_form
from tests.intake.conftest import Browser, hidden, inside
from tests.intake.every_kind import DOCUMENT, KEPT

EVENING = read_protocol(DOCUMENT, name="every-kind.yaml").instruments["evening"]


def test_every_kind_of_question_can_be_filled_in_again():
    assert FILLS.keys() == {kind.form_field for kind in KINDS.values()}


def test_what_is_filled_in_again_is_read_as_it_was():
    wire = KEPT | {"went_out": "2026-03-01", "woke": "2026-03-02T06:50+01:00[Europe/Berlin]"}

    sent = read_form(EVENING, filled_fields(EVENING, wire, {}))

    assert EVENING.parse(sent.answers, missing=sent.missing, zone="Europe/Berlin").to_wire() == wire


def test_a_reason_for_no_answer_is_filled_in_again():
    item = next(item for item in EVENING.items.values() if item.missing)
    reason = next(iter(item.missing))

    sent = read_form(EVENING, filled_fields(EVENING, {}, {item.name: reason}))

    assert (sent.answers, sent.missing) == ({}, {item.name: reason})


@pytest.fixture
def written(room):
    """(app, browser, address of an entry) of somebody who stays signed in and has written the evening of day 1."""
    study, app = room
    claimed, browser = inside(app, study.participant), Browser(app)
    browser.post("/sign-in", {"code": claimed.participant_code, "passphrase": claimed.passphrase, "remember": "y"})
    kept = fill(browser, "/diary/evening/1", {"pain_average": "8", "flare": "no", "note": "SECRETNOTE"})
    return app, browser, kept.headers["Location"]


def fill(browser, path, answers):
    page = browser.get(path).text
    return browser.post(path, MultiDict([*hidden(page).items(), *answers.items()]).to_dict(flat=False), page=page)


RIGHT = {"pain_average": "3", "flare": "no", "note": "SECRETNOTE", "reason-for-change": "I tapped the wrong number."}


def entries(browser):
    return [one["entry"] for one in browser.get("/download").json["entries"]]


def test_the_form_comes_with_what_was_written(written):
    _, browser, address = written

    page = browser.get(f"{address}/correct").text

    assert re.search(r'name="pain_average"[^>]*value="8" checked', page)
    assert "SECRETNOTE" in page


def test_both_stay_and_the_correction_counts(written):
    app, browser, address = written
    app.clock += timedelta(days=3)

    kept = fill(browser, f"{address}/correct", RIGHT)

    assert kept.status_code == 303
    first, second = entries(browser)
    assert (first["answers"]["pain_average"], second["answers"]["pain_average"]) == (8, 3)
    assert second["diary_date"] == first["diary_date"]
    assert "You corrected this later." in browser.get(address).text
    correction = browser.get(kept.headers["Location"]).text
    assert "It is kept" in correction and "I tapped the wrong number." in correction
    assert "Corrected later" in browser.get("/course").text


def test_it_arrives_like_any_entry_that_is_tied_to_no_occasion(written):
    app, browser, address = written

    fill(browser, f"{address}/correct", RIGHT)
    fill(browser, "/diary/dose", {"substance": "lsd", "taken": "2026-03-02T20:10"})

    with app.app_context(), reading("registry") as connection:
        rows = connection.execute(sa.select(SEALED_ENTRIES).order_by(SEALED_ENTRIES.c.received_at)).all()
    correction, dose = rows[1:]
    assert (correction.schedule, correction.occasion) == (dose.schedule, dose.occasion) == ("on_demand", None)
    assert len(correction.sealed) == len(dose.sealed)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reason-for-change": "  "}, "Say in a few words what was wrong."),
        ({"reason-for-change": "x" * 501}, "Use at most 500 characters."),
        ({"pain_average": "8"}, "Nothing has been changed."),
        ({"pain_average": "11"}, "11"),
    ],
)
def test_what_cannot_be_taken_is_told_and_nothing_typed_is_lost(written, changes, sentence):
    _, browser, address = written

    refused = fill(browser, f"{address}/correct", RIGHT | changes)

    assert refused.status_code == 422
    assert sentence in refused.text and "SECRETNOTE" in refused.text
    assert len(entries(browser)) == 1


def test_a_double_tap_is_one_correction_and_a_second_one_starts_from_the_first(written):
    app, browser, address = written
    app.clock += timedelta(minutes=1)
    page = browser.get(f"{address}/correct").text
    fields = MultiDict([*hidden(page).items(), *RIGHT.items()]).to_dict(flat=False)

    taps = [browser.post(f"{address}/correct", fields, page=page) for _ in range(2)]
    again = browser.get(f"{address}/correct")
    app.clock += timedelta(minutes=1)
    next_one = fill(browser, f"{taps[0].headers['Location']}/correct", RIGHT | {"pain_average": "4"})

    assert [one.status_code for one in taps] == [303, 303]
    assert again.status_code == 409
    assert next_one.status_code == 303
    assert [one["answers"]["pain_average"] for one in entries(browser)] == [8, 3, 4]


def test_the_event_of_a_dose_may_move_only_as_far_back_as_it_could_be_written_at_first(written):
    app, browser, _ = written
    dose = fill(browser, "/diary/dose", {"substance": "lsd", "taken": "2026-03-02T20:10"}).headers["Location"]
    app.clock += timedelta(days=5)
    why = {"substance": "lsd", "reason-for-change": "Another hour."}

    too_far = fill(browser, f"{dose}/correct", why | {"taken": "2026-03-05T08:00"})
    taken = fill(browser, f"{dose}/correct", why | {"taken": "2026-03-02T08:10"})

    assert (too_far.status_code, taken.status_code) == (422, 303)


def test_nobody_corrects_anything_after_leaving_or_anything_of_others(written, room):
    study, app = room
    _, browser, address = written
    other = Browser(app)
    other.sign_in(inside(app, study.participant))

    assert other.get(f"{address}/correct").status_code == 404
    browser.post("/leave/study/stop", {"word": "stop"})
    assert browser.get(f"{address}/correct").status_code == 410
