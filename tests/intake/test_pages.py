"""The pages: join, sign, write, read back, check, sign out; they work without scripts."""

import io
import json
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from studyportal.database import reading
from studyportal.protocol import KINDS, SHIPPED, load_protocol
from studyportal.registry.tables import CONSENT_RECORDS, ENROLMENTS, SEALED_ENTRIES
from studyportal.sealing.signatures import verify
from studyportal.web.answering.forms import FORM_FIELDS
from tests.intake.conftest import NOW, Browser, hidden, inside
from tests.protocol.documents import understood

SCREENING = {
    "adult": "yes", "pregnancy": "~not_applicable", "psychosis": "none", "risk_medicines": "none", "heart_valve": "no",
    "suicidal_thoughts": "no",
}  # fmt: skip


def carried(page):
    """The answers to the screening, as the page hands them on."""
    return re.search(r'name="screening" value="([^"]+)"', page)[1]


def join(browser, code, screening=SCREENING):
    """Walk to the consent form; (page, what it carries, participant code, words)."""
    page = browser.post("/join", {"code": code}).text
    page = browser.post("/join/screening", hidden(page) | screening, page=page).text
    words = re.findall(r"<li>([a-z-]+)</li>", page)
    participant_code = re.search(r'id="participant-code">([^<]+)<', page)[1]
    along = {"offer": re.search(r'name="offer" value="([^"]+)"', page)[1], "screening": carried(page)}
    consent = browser.post("/join/consent", along, page=page).text
    return consent, along, participant_code, words


def shown(consent):
    """Which text stood on this page."""
    return re.search(r'name="text" value="([0-9a-f]{64})"', consent)[1]


UNDERSTOOD = understood(load_protocol(SHIPPED).consent)
CHOICES = UNDERSTOOD | {
    "scope-study": "yes", "scope-sharing": "yes", "scope-recontact": "no", "scope-linkage": "no", "zone": "Europe/Berlin"
}  # fmt: skip


def count(app, table):
    with app.app_context(), reading("registry") as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table))


def test_every_kind_of_question_has_a_field():
    assert set(FORM_FIELDS) == {kind.form_field for kind in KINDS.values()}


def test_somebody_joins_signs_and_sees_what_is_due(room):
    study, app = room
    browser = Browser(app)
    consent, along, participant_code, words = join(browser, inside(app, study.issue_code).lower())
    assert count(app, ENROLMENTS) == 0

    sent = CHOICES | along | {"text": shown(consent), "passphrase": " ".join(words).upper()}
    signed = browser.post("/join/sign", sent, page=consent, follow_redirects=True)

    assert "2 diaries are waiting" in signed.text
    assert participant_code in signed.text
    with app.app_context(), reading("registry") as connection:
        record = connection.execute(sa.select(CONSENT_RECORDS)).one()
        enrolment = connection.execute(sa.select(ENROLMENTS)).one()
    assert json.loads(record.scopes) == ["sharing", "study"]
    assert str(enrolment.started_on) == "2026-03-02"
    from studyportal.registry.consent_statement import LABEL, consent_statement

    statement = consent_statement(
        form_version=study.protocol.consent.version,
        text_sha256=record.text_sha256,
        scopes=["study", "sharing"],
        study="MCP-1",
        enrolment=enrolment.id,
        agreed_at=NOW,
        zone="Europe/Berlin",
        check_passed=True,
    )
    verify(LABEL, statement, record.signature, public=enrolment.consent_public)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"check-leaving": "end"}, "You need no reason, and your care stays the same."),
        ({"check-erasing": ""}, "Choose an answer. You may look it up in the text."),
        ({"scope-study": "no"}, "Without this you cannot take part"),
        ({"scope-sharing": ""}, "Choose yes or no"),
        ({"zone": ""}, "Choose the time zone"),
        ({"zone": "Mars/Olympus"}, "time zone is not known"),
        ({"passphrase": "these are not the six words"}, "not the six words"),
        ({"passphrase": ""}, "Type the six words"),
    ],
)
def test_consent_that_is_not_complete_keeps_nothing(room, change, sentence):
    study, app = room
    browser = Browser(app)
    consent, along, _, words = join(browser, inside(app, study.issue_code))

    sent = CHOICES | along | {"text": shown(consent), "passphrase": " ".join(words)} | change
    refused = browser.post("/join/sign", sent, page=consent)

    assert refused.status_code == 422
    assert sentence in refused.text
    assert count(app, ENROLMENTS) == 0


def test_only_the_text_that_was_shown_is_signed(room):
    study, app = room
    browser = Browser(app)
    consent, along, _, words = join(browser, inside(app, study.issue_code))

    sent = CHOICES | along | {"text": "0" * 64, "passphrase": " ".join(words)}
    refused = browser.post("/join/sign", sent, page=consent)

    assert refused.status_code == 409
    assert "Read it again" in refused.text
    assert count(app, ENROLMENTS) == 0


def test_an_offer_that_was_changed_or_is_a_day_old_is_refused(room):
    study, app = room
    browser = Browser(app)
    consent, along, _, words = join(browser, inside(app, study.issue_code))
    sent = CHOICES | along | {"passphrase": " ".join(words)}

    changed = browser.post("/join/sign", sent | {"offer": "x" + along["offer"]}, page=consent)

    assert changed.status_code == 422
    assert count(app, ENROLMENTS) == 0


@pytest.fixture
def signed_in(room):
    """(study, app, browser, claimed) of a participant on the evening of day 1."""
    study, app = room
    claimed, browser = inside(app, study.participant), Browser(app)
    assert browser.sign_in(claimed).status_code == 303
    return study, app, browser, claimed


def test_a_diary_form_has_nothing_chosen_and_is_kept_once_on_a_double_tap(signed_in):
    _, app, browser, _ = signed_in
    page = browser.get("/diary/evening/1").text
    assert " checked" not in page

    sent = hidden(page) | {"pain_average": "4", "flare": "no", "note": "Rain & <b>wind</b>"}
    first = browser.post("/diary/evening/1", sent, page=page)
    again = browser.post("/diary/evening/1", sent, page=page)

    assert first.status_code == again.status_code == 303
    assert first.location == again.location
    assert count(app, SEALED_ENTRIES) == 1
    kept = browser.get(first.location).text
    assert "It is kept" in kept
    assert "Rain &amp; &lt;b&gt;wind&lt;/b&gt;" in kept


def test_a_draft_in_the_browser_is_shown_to_nobody_else_on_the_same_device(room):
    study, app = room
    drafts = []
    for claimed in (inside(app, study.participant), inside(app, study.participant)):
        browser = Browser(app)
        browser.sign_in(claimed)
        drafts.append(re.search(r'data-draft="([^"]+)"', browser.get("/diary/evening/1").text)[1])
        assert str(claimed.enrolment) not in drafts[-1] and claimed.participant_code not in drafts[-1]

    assert drafts[0] != drafts[1]
    assert all(draft.endswith("-evening-1") for draft in drafts)


@pytest.mark.parametrize("number", [0, 99_999, 2**31, 2**64])
def test_an_occasion_that_never_will_be_is_not_there(signed_in, number):
    _, _, browser, _ = signed_in

    assert browser.get(f"/diary/evening/{number}").status_code == 404


def test_a_form_with_mistakes_comes_back_with_what_was_typed(signed_in):
    _, app, browser, _ = signed_in
    page = browser.get("/diary/evening/1").text

    sent = hidden(page) | {"pain_worst": "7", "hours_slept": "many", "note": "Kept words"}
    back = browser.post("/diary/evening/1", sent, page=page)

    assert back.status_code == 422
    assert "2 things need another look" in back.text
    assert "Kept words" in back.text
    assert 'value="many"' in back.text
    assert re.search(r'id="pain_worst-7" value="7" checked', back.text)
    assert hidden(back.text) == hidden(page)
    assert count(app, SEALED_ENTRIES) == 0


def test_a_second_page_for_the_same_evening_leads_to_what_was_kept(signed_in):
    _, app, browser, _ = signed_in
    first, second = browser.get("/diary/evening/1").text, browser.get("/diary/evening/1").text
    browser.post("/diary/evening/1", hidden(first) | {"pain_average": "4"}, page=first)

    refused = browser.post("/diary/evening/1", hidden(second) | {"pain_average": "5"}, page=second)

    assert refused.status_code == 409
    assert "What was kept first stays" in refused.text
    assert browser.get("/diary/evening/1").status_code == 303
    assert count(app, SEALED_ENTRIES) == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/diary/evening/2", 410),
        ("/diary/evening/999", 404),
        ("/diary/evening", 404),
        ("/diary/none/1", 404),
        ("/diary/dose/1", 404),
    ],
)
def test_a_page_for_what_is_not_asked_now_says_so(signed_in, path, status):
    _, _, browser, _ = signed_in

    assert browser.get(path).status_code == status


def test_a_late_entry_is_labelled_late(signed_in):
    _, app, browser, _ = signed_in
    app.clock = NOW + timedelta(hours=11)

    page = browser.get("/diary/evening/1").text
    kept = browser.post("/diary/evening/1", hidden(page) | {"pain_average": "4"}, page=page, follow_redirects=True)

    assert "marked as late" in page
    assert "(late)" in kept.text


def test_every_page_needs_somebody_signed_in(room):
    _, app = room
    nobody = Browser(app)

    for page in (
        "/course",
        "/download",
        "/download/answers.csv",
        "/consent",
        "/sessions",
        "/leave",
        "/check",
        "/diary/evening/1",
    ):
        assert nobody.get(page).status_code == 401


def test_a_signed_out_session_is_dead_at_once_also_from_elsewhere(signed_in):
    _, app, phone, claimed = signed_in
    tablet = Browser(app)
    tablet.sign_in(claimed)
    page = phone.get("/sessions").text
    elsewhere = re.search(r'name="session" value="([0-9a-f]+)"><button[^>]*>End it', page)[1]

    phone.post("/sessions/end", {"session": elsewhere}, page=page)

    assert tablet.get("/course").status_code == 401
    assert phone.get("/course").status_code == 200


def test_somebody_elses_session_cannot_be_ended(signed_in):
    study, app, browser, _ = signed_in
    other = Browser(app)
    other.sign_in(inside(app, study.participant))
    name = re.search(r'name="session" value="([0-9a-f]+)"', other.get("/sessions").text)[1]

    refused = browser.post("/sessions/end", {"session": name}, page=browser.get("/sessions").text)

    assert refused.status_code == 404
    assert other.get("/course").status_code == 200


def test_signing_out_takes_cookie_and_cache(signed_in):
    _, _, browser, _ = signed_in

    out = browser.post("/sign-out", {}, page=browser.get("/").text)

    assert out.headers["Clear-Site-Data"]
    assert browser.get("/course").status_code == 401


def test_signing_in_again_ends_the_session_that_the_browser_had_and_forgives_slips(room):
    study, app = room
    claimed, browser = inside(app, study.participant), Browser(app)
    for _ in range(9):
        browser.post("/sign-in", {"code": claimed.participant_code, "passphrase": "a b c d e f"})
    browser.sign_in(claimed)
    former = browser.client.get_cookie("__Host-intake", domain="localhost").value
    page = browser.get("/").text

    browser.post("/sign-in", {"code": claimed.participant_code, "passphrase": claimed.passphrase}, page=page)

    assert browser.get("/course").status_code == 200
    browser.client.set_cookie("__Host-intake", former, domain="localhost")
    assert browser.get("/course").status_code == 401


def test_an_unused_session_ends(signed_in):
    _, app, browser, _ = signed_in
    app.clock = NOW + timedelta(hours=12)

    assert browser.get("/course").status_code == 401


def test_own_course_shows_downloads_and_checks(signed_in):
    _, _, browser, _ = signed_in
    page = browser.get("/diary/evening/1").text
    kept = browser.post("/diary/evening/1", hidden(page) | {"pain_average": "4", "note": "Own words"}, page=page)

    course = browser.get("/course").text
    everything = browser.get("/download").json
    receipt = browser.get(kept.location + "/receipt")
    check = browser.post(
        "/check", {"receipt": (io.BytesIO(receipt.data), "receipt.json")}, content_type="multipart/form-data"
    )

    assert "Own words" in course
    assert everything["entries"][0]["entry"]["answers"] == {"note": "Own words", "pain_average": 4}
    assert everything["entries"][0]["receipt"] == receipt.json["receipt"]
    assert "exactly what this receipt was given for" in check.text


def test_a_changed_receipt_and_somebody_elses_entry_are_not_ones_own(signed_in):
    study, app, browser, _ = signed_in
    page = browser.get("/diary/evening/1").text
    kept = browser.post("/diary/evening/1", hidden(page) | {"pain_average": "4"}, page=page)
    receipt = browser.get(kept.location + "/receipt").data
    other = Browser(app)
    other.sign_in(inside(app, study.participant))

    changed = receipt.replace(b"2026-03-02T19", b"2026-03-02T18")
    answers = [
        browser.post("/check", {"receipt": (io.BytesIO(data), "r.json")}, content_type="multipart/form-data")
        for data in (changed, b"{}", b"", b"\xff" * 50)
    ]

    assert "was not given by this study to you" in answers[0].text
    assert {answer.status_code for answer in answers[1:]} == {422}
    assert other.get(kept.location).status_code == 404
    assert other.get(kept.location + "/receipt").status_code == 404


def test_no_page_of_a_stranger_tells_a_known_code_from_an_unknown_one(room):
    study, app = room
    claimed, browser = inside(app, study.participant), Browser(app)

    known = browser.post("/sign-in", {"code": claimed.participant_code, "passphrase": "a b c d e f"})
    unknown = browser.post("/sign-in", {"code": "NS-0000-0000", "passphrase": "a b c d e f"})

    strip = re.compile(r'value="[^"]*"')
    assert known.status_code == unknown.status_code == 401
    assert strip.sub("", known.text) == strip.sub("", unknown.text)
