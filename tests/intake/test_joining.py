"""The screening on the way in: asked before the words, judged, carried in the form alone, kept with the signature."""

import json
import re
from html import unescape

import pytest
import sqlalchemy as sa

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading
from studyportal.errors import Conflict, Gone, Invalid, Unavailable
from studyportal.intake.consent import views as consent_views
from studyportal.intake.enrolment import offers
from studyportal.intake.joining.carrying import carried as carried_answers
from studyportal.intake.joining.carrying import carry, make_ticket, read_ticket
from studyportal.protocol import read_protocol
from studyportal.registry.alert_tables import SAFETY_ALERTS
from studyportal.registry.tables import (
    CONSENT_RECORDS,
    ENROLMENT_CODES,
    ENROLMENTS,
    SEALED_ENTRIES,
)
from studyportal.web.answering.sent import Sent
from studyportal.web.fields import NO_ANSWER
from tests.intake.conftest import NOW, Browser, hidden, inside, open_room
from tests.intake.test_pages import CHOICES, SCREENING, carried, count, join, shown

MARKER = "Wetterleuchten-7Q4Z"
SECRET = "s" * 32


def first_questions(browser, code):
    return browser.post("/join", {"code": code})


def answer(browser, page, **changed):
    return browser.post("/join/screening", hidden(page) | SCREENING | changed, page=page)


def sign(browser, consent, along, words, **changed):
    sent = CHOICES | along | {"text": shown(consent), "passphrase": " ".join(words)} | changed
    return browser.post("/join/sign", sent, page=consent)


def kept_rows(app):
    with app.app_context(), reading("registry") as connection:
        return connection.execute(sa.select(SEALED_ENTRIES)).all()


def is_claimed(app):
    with app.app_context(), reading("registry") as connection:
        return any(connection.scalars(sa.select(ENROLMENT_CODES.c.claimed_at)).all())


def nothing_is_kept(app):
    return not is_claimed(app) and not any(count(app, table) for table in (ENROLMENTS, CONSENT_RECORDS, SEALED_ENTRIES))


def text_of(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_the_first_questions_come_after_the_code_with_nothing_chosen_and_before_the_words(room):
    study, app = room
    browser = Browser(app)

    page = first_questions(browser, inside(app, study.issue_code))

    assert page.status_code == 200
    assert "Are you 18 or older?" in page.text and "Step 2 of 4" in page.text
    assert " checked" not in page.text and NO_ANSWER not in page.text
    assert 'id="words"' not in page.text
    assert "data-draft" not in page.text
    assert nothing_is_kept(app)


def test_whoever_signs_finds_the_answers_as_an_entry_of_day_one(room):
    study, app = room
    browser = Browser(app)
    consent, along, _, words = join(browser, inside(app, study.issue_code), SCREENING | {"heart_valve": "~not_said"})
    assert nothing_is_kept(app)

    assert sign(browser, consent, along, words).status_code == 303

    (row,) = kept_rows(app)
    assert (row.schedule, row.occasion) == ("screening", 1)
    (entry,) = browser.get("/download").json["entries"]
    assert entry["entry"]["instrument"] == "screening"
    assert entry["entry"]["source"] == "participant"
    assert entry["entry"]["diary_date"] == "2026-03-02"
    assert entry["entry"]["zone"] == "Europe/Berlin"
    assert entry["entry"]["answers"] == {
        "adult": True, "psychosis": ["none"], "risk_medicines": ["none"], "suicidal_thoughts": False
    }  # fmt: skip
    assert entry["entry"]["missing"] == {"pregnancy": "not_applicable", "heart_valve": "not_said"}
    page = text_of(browser.get(f"/entries/{row.id}"))
    assert "Unaltered" in page and "(late)" not in page
    assert browser.get("/course").status_code == 200
    assert "Before you decide" not in browser.get("/").text


def test_an_answer_that_is_left_out_is_asked_for_again_with_what_was_chosen(room):
    study, app = room
    browser = Browser(app)
    page = first_questions(browser, inside(app, study.issue_code)).text

    back = answer(browser, page, adult="", heart_valve="yes")

    assert back.status_code == 422
    assert "One thing needs another look" in back.text
    assert re.search(r'name="heart_valve" id="[^"]+" value="yes" checked', back.text)
    assert hidden(back.text)["entry-ticket"] == hidden(page)["entry-ticket"]
    assert answer(browser, back.text).status_code == 200


def test_who_is_ineligible_is_told_why_and_keeps_a_good_code(room):
    study, app = room
    browser, code = Browser(app), inside(app, study.issue_code)

    told = answer(browser, first_questions(browser, code).text, adult="no")

    assert told.status_code == 200
    assert "people of 18 and older" in told.text
    assert "Your code has not been used" in told.text
    assert "Samaritans" not in told.text and 'id="words"' not in told.text and "TelefonSeelsorge" not in told.text
    assert nothing_is_kept(app)
    assert join(browser, code)[3]


def test_who_is_ineligible_and_in_danger_is_told_whom_to_call_first(room):
    study, app = room
    browser = Browser(app)
    page = first_questions(browser, inside(app, study.issue_code)).text

    told = text_of(answer(browser, page, adult="no", suicidal_thoughts="yes", **{"entry-zone": "Europe/Berlin"}))

    assert told.index("thoughts of ending your life") < told.index("people of 18 and older")
    assert "TelefonSeelsorge" in told and "Samaritans" not in told
    assert "Your answers were not kept" in told
    assert nothing_is_kept(app)


def test_an_answer_that_worries_us_shows_whom_to_call_before_the_words(room):
    study, app = room
    browser = Browser(app)
    page = first_questions(browser, inside(app, study.issue_code)).text

    told = text_of(answer(browser, page, suicidal_thoughts="yes"))

    assert told.index("thoughts of ending your life") < told.index("Keep this sheet")
    assert "kept only if you sign" in told
    # Nobody knows yet where this person is, so that everybody's lines are there.
    assert all(line in told for line in ("Emergency services", "Samaritans", "TelefonSeelsorge", "Lifeline"))


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "x" * 300])
def test_a_zone_that_is_none_shows_everybodys_lines(room, zone):
    study, app = room
    browser = Browser(app)
    page = first_questions(browser, inside(app, study.issue_code)).text

    told = answer(browser, page, suicidal_thoughts="yes", **{"entry-zone": zone})

    assert told.status_code == 200
    assert "TelefonSeelsorge" in told.text


def test_a_marked_answer_reaches_no_address_log_cookie_or_row(sqlite_databases, tmp_path, monkeypatch):
    document = tmp_path / "marked.yaml"
    document.write_text(MARKED, encoding="utf-8")
    study, app = open_room(sqlite_databases, tmp_path, monkeypatch, document)
    browser = Browser(app)
    answers = {"own_words": MARKER, "grown": "yes"}
    refused = answer_plain(browser, first_questions(browser, inside(app, study.issue_code)).text, {"own_words": MARKER})
    page = answer_plain(browser, refused.text, answers)
    assert refused.status_code == 422

    along = {"offer": re.search(r'name="offer" value="([^"]+)"', page.text)[1], "screening": carried(page.text)}
    words = " ".join(re.findall(r"<li>([a-z-]+)</li>", page.text))
    consent = browser.post("/join/consent", along, page=page.text)
    sent = along | {"scope-study": "yes", "zone": "UTC", "text": shown(consent.text), "passphrase": words}
    signed = browser.post("/join/sign", sent, page=consent.text)

    assert signed.status_code == 303
    (entry,) = browser.get("/download").json["entries"]
    assert entry["entry"]["answers"]["own_words"] == MARKER
    for one in (refused, page, consent, signed):
        assert MARKER not in str(one.headers) and MARKER not in one.request.url
    log = (tmp_path / "intake.log").read_text(encoding="utf-8")
    assert '"rule":"/join/screening"' in log and MARKER not in log
    with app.app_context(), reading("registry") as connection:
        assert MARKER not in json.dumps(
            [list(map(str, row)) for row in connection.execute(sa.select(AUDIT_EVENTS["registry"]))]
        )
    assert not any(MARKER.encode() in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def answer_plain(browser, page, answers):
    return browser.post("/join/screening", hidden(page) | answers, page=page)


MARKED = """\
study: {code: M-1, title: Marked, version: "1.0"}
disclosure: {threshold: 11, rounding: 5}
consent:
  version: "1"
  title: Taking part
  sections: [{heading: What for, body: To learn.}]
  scopes: {study: {ask: I take part., required: true, shares: true}}
  withdrawal: [stop, remove, erase]
eligibility: {young: {when: grown == no, say: Not yet.}}
instruments:
  before:
    title: First
    schedule: {before: consent}
    items:
      grown: {ask: Grown up?, kind: yes_no, required: true, release: drop}
      own_words: {ask: In your words?, kind: notes, max_length: 200, release: drop}
      told_on: {ask: Since when?, kind: date_time, release: drop}
  evening:
    title: Evening
    schedule: {every: 1 day, opens: "17:00", for: 10 hours, grace: 12 hours}
    items: {calm: {ask: Calm?, kind: yes_no, release: keep}}
"""


def test_the_time_of_an_answer_is_read_in_the_zone_that_is_signed(sqlite_databases, tmp_path, monkeypatch):
    document = tmp_path / "marked.yaml"
    document.write_text(MARKED, encoding="utf-8")
    study, app = open_room(sqlite_databases, tmp_path, monkeypatch, document)
    browser = Browser(app)
    page = first_questions(browser, inside(app, study.issue_code)).text
    page = answer_plain(browser, page, {"grown": "yes", "told_on": "2026-03-01T21:40"}).text

    along = {"offer": re.search(r'name="offer" value="([^"]+)"', page)[1], "screening": carried(page)}
    words = " ".join(re.findall(r"<li>([a-z-]+)</li>", page))
    consent = browser.post("/join/consent", along, page=page).text
    sent = along | {"scope-study": "yes", "zone": "Asia/Tokyo", "text": shown(consent), "passphrase": words}
    browser.post("/join/sign", sent, page=consent)

    (entry,) = browser.get("/download").json["entries"]
    assert entry["entry"]["answers"]["told_on"] == "2026-03-01T21:40+09:00[Asia/Tokyo]"


@pytest.mark.parametrize("changed", ["", "x", "{}"])
def test_answers_that_were_changed_on_the_way_are_refused_and_the_code_stays_good(room, changed):
    study, app = room
    browser = Browser(app)
    consent, along, _, words = join(browser, inside(app, study.issue_code))

    refused = sign(browser, consent, along, words, screening=changed and changed + along["screening"])

    assert refused.status_code == 422
    assert "Start again with the same code" in refused.text
    assert nothing_is_kept(app)


def test_nobody_signs_with_the_answers_of_somebody_else(room):
    study, app = room
    browser = Browser(app)
    _, healthy, _, _ = join(browser, inside(app, study.issue_code))
    consent, along, _, words = join(browser, inside(app, study.issue_code))

    refused = sign(browser, consent, along, words, screening=healthy["screening"])

    assert refused.status_code == 422
    assert nothing_is_kept(app)


def test_a_ticket_is_the_rooms_own_and_lasts_a_day(monkeypatch):
    ticket = make_ticket("K7QM-2V9D-4HXT", "NS", secret=SECRET)

    assert read_ticket(ticket, secret=SECRET) == ("K7QM-2V9D-4HXT", "NS")
    with pytest.raises(Invalid):
        read_ticket(ticket, secret="t" * 32)
    monkeypatch.setattr("studyportal.intake.joining.carrying.LASTS", -1)
    with pytest.raises(Gone):
        read_ticket(ticket, secret=SECRET)
    with pytest.raises(Invalid):
        offers.read_offer(ticket, secret=SECRET)


def test_answers_to_a_former_version_are_asked_for_again():
    sent = Sent({"grown": "yes"}, {})
    before, after = (read_protocol(MARKED.replace("1.0", version), name="m") for version in ("1.0", "1.1"))
    text = carry(sent, whose="a", protocol=before, secret=SECRET)

    assert carried_answers(text, whose="a", protocol=before, secret=SECRET) == sent
    with pytest.raises(Conflict, match="Start again"):
        carried_answers(text, whose="a", protocol=after, secret=SECRET)


def test_whose_signature_gets_lost_answers_and_signs_once_more(room, monkeypatch):
    study, app = room
    browser = Browser(app)
    consent, along, participant_code, words = join(browser, inside(app, study.issue_code))
    with monkeypatch.context() as lost:
        lost.setattr(consent_views, "give_consent", _refuse)
        assert sign(browser, consent, along, words).status_code == 503
    # The code is claimed, and neither consent nor answers are kept: never the one without the other.
    assert (is_claimed(app), count(app, CONSENT_RECORDS), count(app, SEALED_ENTRIES)) == (True, 0, 0)

    browser.post("/sign-in", {"code": participant_code, "passphrase": " ".join(words)})
    asked = browser.get("/", follow_redirects=True)
    assert "Are you 18 or older?" in asked.text
    turned_away = browser.post("/consent/screening", SCREENING | {"adult": "no"}, page=asked.text)
    assert "people of 18 and older" in turned_away.text and "six words" in turned_away.text
    again = browser.post("/consent/screening", SCREENING | {"suicidal_thoughts": "yes"}, page=asked.text)
    assert "TelefonSeelsorge" in again.text and "Samaritans" not in again.text
    choices = {name: value for name, value in CHOICES.items() if name != "zone"}
    sent = choices | {"text": shown(again.text), "screening": carried(again.text)}
    wrong = browser.post("/consent", sent | {"passphrase": "not my words at all here"}, page=again.text)
    assert wrong.status_code == 422
    sent["screening"] = carried(wrong.text)
    signed = browser.post("/consent", sent | {"passphrase": " ".join(words)}, page=wrong.text)

    assert signed.status_code == 303
    (row,) = kept_rows(app)
    assert (row.schedule, row.occasion) == ("screening", 1)
    assert "waiting" in browser.get("/").text
    assert browser.post("/consent/screening", SCREENING, page=browser.get("/").text).status_code == 409


def _refuse(*arguments, **named):
    raise Unavailable("Not now.")


def test_a_failure_while_the_answers_are_written_takes_the_consent_back_too(room, monkeypatch):
    study, app = room
    browser = Browser(app)
    consent, along, _, words = join(browser, inside(app, study.issue_code))

    monkeypatch.setattr("studyportal.intake.consent.actions.keep", _refuse)
    failed = sign(browser, consent, along, words)

    assert failed.status_code == 503
    assert (count(app, CONSENT_RECORDS), count(app, SEALED_ENTRIES)) == (0, 0)
    with app.app_context(), reading("registry") as connection:
        assert connection.scalars(sa.select(ENROLMENTS.c.started_on)).all() == [None]


def test_an_alert_of_the_screening_is_raised_with_the_signature_and_not_before(room):
    study, app = room
    browser = Browser(app)
    consent, along, _, words = join(browser, inside(app, study.issue_code), SCREENING | {"suicidal_thoughts": "yes"})
    before = count(app, SAFETY_ALERTS)

    sign(browser, consent, along, words)

    with app.app_context(), reading("registry") as connection:
        (alert,) = connection.execute(sa.select(SAFETY_ALERTS)).all()
    (row,) = kept_rows(app)
    assert before == 0
    assert (alert.level, alert.entry) == ("urgent", row.id)


def test_an_app_or_a_page_of_the_diary_never_takes_the_screening(room):
    study, app = room
    browser = Browser(app)
    consent, along, participant_code, words = join(browser, inside(app, study.issue_code))
    sign(browser, consent, along, words)

    assert browser.get("/diary/screening/1").status_code == 404
    token = browser.json("/api/devices", {"code": participant_code, "passphrase": " ".join(words)}).json["token"]
    sent = {
        "id": "6f1c1c36-7a1c-4b0e-9a4e-0d6a3f4f5b6c", "instrument": "screening", "answers": {"adult": True},
        "occasion": 1, "blind": "A" * 43, "zone": "Europe/Berlin", "saved_at": NOW.isoformat(),
    }  # fmt: skip
    assert browser.json("/api/entries", sent, token=token).status_code == 404
    assert len(kept_rows(app)) == 1


def test_a_study_without_a_screening_goes_from_the_code_to_the_words(every_kind):
    study, app = every_kind

    page = first_questions(Browser(app), inside(app, study.issue_code)).text

    assert "Step 2 of 3" in page and page.count("<li>") >= 6
    assert 'name="screening"' not in page and "entry-ticket" not in page
