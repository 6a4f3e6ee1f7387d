"""A question of every kind by form and by app: what is drawn, what is sent, what is kept, what is read back."""

import csv
import io
import json
import re
import secrets
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import uuid4

import pytest
from werkzeug.datastructures import MultiDict

from studyportal.intake.enrolment.sign_in import add_device
from studyportal.protocol import KINDS, InvalidAnswers, read_protocol
from studyportal.protocol.kinds.regions import REGIONS
from studyportal.web.answering.forms import FORM_FIELDS, diary_form
from studyportal.web.answering.sent import read_form
from tests.intake.conftest import NOW, Browser, hidden, inside, open_room
from tests.intake.every_kind import DOCUMENT, KEPT

SENT = [
    ("pain", "9"), ("relief", "40"), ("places", "lower_back"), ("places", "left_hip"), ("flare", "yes"),
    ("flare_cause", "Rain, and\r\na long drive."), ("word", "Grey"), ("steps", "4200"), ("weight", "71.5"),
    ("slept-hours", "7"), ("slept-minutes", "30"), ("helped", "movement"), ("helped", "warmth"),
    ("movement_kind", "walk"), ("low", "never"), ("went_out", "2026-03-01"), ("bed", "22:40"),
    ("woke", "2026-03-02T06:50"), ("medicines-0-name", "Paracetamol"), ("medicines-0-amount", "500"),
    ("medicines-0-regular", "no"), ("medicines-1-name", ""), ("medicines-1-amount", " "), ("medicines-2-name", "Ibuprofen"),
    ("enjoyment", "6"), ("activity", "6"),
]  # fmt: skip
ANSWERS = KEPT | {"went_out": "2026-03-01", "woke": "2026-03-02T06:50+01:00[Europe/Berlin]"}


@pytest.fixture(scope="module")
def evening():
    return read_protocol(DOCUMENT, name="every-kind.yaml").instruments["evening"]


@pytest.fixture
def participant(every_kind):
    """(study, app, browser, claimed) of somebody on the evening of day 1."""
    study, app = every_kind
    claimed, browser = inside(app, study.participant), Browser(app)
    assert browser.sign_in(claimed).status_code == 303
    return study, app, browser, claimed


def send(browser, answers, path="/diary/evening/1", **rest):
    """Fill in the form at this address; `answers` are (name, value)."""
    page = browser.get(path).text
    fields = MultiDict([*hidden(page).items(), *answers])
    return browser.post(path.partition("?")[0], fields.to_dict(flat=False), page=page, **rest)


def kept(browser):
    """The entries of this participant as she can download them, the latest last."""
    return browser.get("/download").json["entries"]


def test_the_study_of_these_tests_has_every_kind(evening):
    assert {item.kind for item in evening.items.values()} == set(KINDS)


def test_every_kind_of_question_has_a_field_unless_it_is_worked_out():
    assert set(FORM_FIELDS) == {kind.form_field for kind in KINDS.values()}
    assert {kind.name for kind in KINDS.values() if FORM_FIELDS[kind.form_field] is None} == {"computed", "score"}


def test_a_form_of_every_kind_has_nothing_chosen_and_nothing_proposed(participant):
    _, _, browser, _ = participant

    page = browser.get("/diary/evening/1").text

    assert " checked" not in page and " selected" not in page
    inputs = [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]*>", page)]
    assert not [one for one in inputs if one.get("type") == "range"]
    assert all(not one["value"] for one in inputs if one["type"] not in ("hidden", "radio", "checkbox"))


def test_every_region_of_the_body_is_a_checkbox_and_a_place_on_the_figure_that_leads_to_it(participant):
    _, _, browser, _ = participant

    page = browser.get("/diary/evening/1").text

    boxes = {
        unescape(value): id
        for id, value in re.findall(r'<input type="checkbox" name="places" id="([^"]+)" value="([^"]+)"', page)
    }
    assert boxes.keys() == REGIONS.keys() | {"none"}
    for region in REGIONS:
        drawn = re.findall(rf'data-region="{region}"><path[^>]*/><foreignObject[^>]*><label for="([^"]+)"', page)
        assert drawn and set(drawn) == {boxes[region]}


def test_an_entry_of_every_kind_comes_back_as_it_was_written(participant):
    _, _, browser, _ = participant

    saved = send(browser, SENT, follow_redirects=True)

    assert saved.status_code == 200
    (entry,) = kept(browser)
    assert entry["entry"]["answers"] == ANSWERS
    assert "missing" not in entry["entry"]
    shown = unescape(saved.text)
    for words in (
        "9 of 10", "40 of 100", "Left hip or buttock, Lower back", "7 h 30 min", "71.5 kg", "Warmth, Movement", "A walk",
        "Mon 2 Mar 2026, 06:50 (Europe/Berlin)", "Name: Paracetamol; Amount: 500 mg; Every day? No", "Name: Ibuprofen",
        "7 of 10", "18",
    ):  # fmt: skip
        assert words in shown


def test_an_app_sends_the_same_entry_and_the_same_bytes_are_kept(participant):
    _, app, browser, claimed = participant
    token = inside(app, add_device, claimed.enrolment, claimed.root, now=NOW).token
    send(browser, SENT)
    app.clock = NOW + timedelta(days=1)
    sent = {
        "id": str(uuid4()),
        "instrument": "evening",
        "occasion": 2,
        "answers": {name: value for name, value in ANSWERS.items() if name not in ("peg", "twice")},
        "blind": urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode(),
        "zone": "Europe/Berlin",
        "saved_at": app.clock.isoformat(),
        "protocol_version": "1.0",
    }

    answer = browser.json("/api/entries", sent, token=token)

    assert answer.status_code == 201
    browser.sign_in(claimed)
    by_form, by_app = kept(browser)
    assert json.dumps(by_app["entry"]["answers"]) == json.dumps(by_form["entry"]["answers"])


REASONS = [
    ("pain", "~not_said"),
    ("relief", "~not_applicable"),
    ("word", "~not_said"),
    ("slept", "~not_said"),
    ("helped", "~not_said"),
]


def test_a_reason_stands_in_the_place_of_an_answer_and_satisfies_what_is_required(participant):
    _, _, browser, _ = participant

    saved = send(browser, REASONS, follow_redirects=True)

    (entry,) = kept(browser)
    assert entry["entry"]["missing"] == {name: reason[1:] for name, reason in REASONS}
    assert entry["entry"]["answers"] == {}
    assert "I took nothing for it" in saved.text


@pytest.mark.parametrize(
    "both",
    [
        [("relief", "40"), ("relief", "~not_applicable")],
        [("helped", "rest"), ("helped", "~not_said")],
        [("slept-hours", "7"), ("slept", "~not_said")],
        [("weight", "~not_said"), ("weight", "~not_applicable")],
    ],
)
def test_an_answer_beside_a_reason_is_sent_back_with_both_still_there(participant, both):
    _, _, browser, _ = participant

    back = send(browser, [("pain", "3"), *both])

    assert back.status_code == 422
    assert "not both" in back.text
    for name, value in both:
        assert re.search(rf'name="{name}"[^>]*value="{re.escape(value)}"', back.text)
    assert kept(browser) == []


def test_what_only_looks_like_a_reason_is_an_answer(evening):
    sent = read_form(evening, MultiDict([("word", "~not_applicable"), ("flare_cause", "~not_said")]))

    assert sent.answers == {"word": "~not_applicable", "flare_cause": "~not_said"}
    assert sent.missing == {}


def test_a_hidden_question_that_is_answered_all_the_same_is_told_in_a_sentence(participant):
    _, _, browser, _ = participant

    back = send(browser, [("pain", "3"), ("flare", "no"), ("flare_cause", "Rain")])

    assert back.status_code == 422
    assert re.search(r'id="flare_cause-error"', back.text)
    assert ">\nRain</textarea>" in back.text


def test_a_branch_is_there_in_words_and_as_a_tree(participant):
    _, _, browser, _ = participant

    page = unescape(browser.get("/diary/evening/1").text)

    assert "Only if “Was today a flare-up?” is yes." in page
    assert 'data-branch="["==",["name","flare"],["value",true]]"' in page


def test_more_rows_come_back_with_everything_typed_and_nothing_is_kept(participant):
    _, _, browser, _ = participant

    more = send(browser, [*SENT, ("entry-more", "medicines")])

    assert more.status_code == 200
    assert kept(browser) == []
    names = re.findall(r'name="medicines-(\d)-name" id="[^"]+" value="([^"]*)"', more.text)
    assert names == [("0", "Paracetamol"), ("1", "Ibuprofen"), ("2", ""), ("3", ""), ("4", "")]
    assert 'name="slept-hours" id="slept-hours" value="7"' in more.text


def test_a_problem_in_a_row_names_the_row_and_the_question(participant):
    _, _, browser, _ = participant

    back = send(browser, [("pain", "3"), ("medicines-0-name", "A"), ("medicines-3-amount", "many")])

    assert back.status_code == 422
    assert "Row 2, Name" in back.text and "Row 2, Amount" in back.text
    assert 'id="medicines-1-amount" value="many"' in back.text


def test_a_name_that_no_question_has_is_refused(evening):
    fields = MultiDict([("pain", "3"), ("pain-7-name", "x"), ("relief-hours", "1"), ("canary", "x")])

    sent = read_form(evening, fields)

    with pytest.raises(InvalidAnswers) as refusal:
        evening.parse(sent.answers, missing=sent.missing, zone="UTC")
    assert refusal.value.problems == {"canary": "This is not asked here."}


def test_the_form_says_how_scripts_read_each_answer(evening):
    form = diary_form(evening, None)

    assert {field.short_name: field.kind for field in form} == {
        name: item.kind for name, item in evening.items.items() if KINDS[item.kind].form_field != "nothing"
    }


def test_an_alert_is_told_with_whom_to_call_and_that_nobody_reads_now(participant, tmp_path):
    _, _, browser, _ = participant

    saved = send(browser, [("pain", "9"), ("low", "often")], follow_redirects=True)

    shown = unescape(saved.text)
    assert shown.index("Talk to somebody today") < shown.index("a lot of pain")
    assert "0800 1110111" in shown and "in Germany" in shown and "116 123" not in shown
    assert "Nobody of the study team reads this now." in shown and "Tue 3 Mar, 09:00" in shown
    assert "Never told here" not in shown and "Many steps" not in shown
    assert "severe" not in (tmp_path / "intake.log").read_text()


def test_during_the_hours_the_page_promises_no_answer_either(participant):
    _, app, browser, _ = participant
    saved = send(browser, [("pain", "9")])
    app.clock = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    browser.sign_in(participant[3])

    shown = browser.get(saved.location).text

    assert "reads entries at this hour" in shown and "do not wait for us" in shown


def test_an_entry_without_an_alert_shows_no_help(participant):
    _, _, browser, _ = participant

    saved = send(browser, [("pain", "3"), ("steps", "95000"), ("low", "sometimes")], follow_redirects=True)

    assert "You can call" not in saved.text


def test_a_follow_up_waits_for_its_event_and_then_names_it(participant):
    _, app, browser, _ = participant

    assert "is not due now" in browser.get("/diary/after_dose", follow_redirects=True).text
    dose = send(browser, [("taken_at", "2026-03-02T18:30")], "/diary/dose")
    early = browser.get("/diary/after_dose", follow_redirects=True).text
    app.clock = NOW + timedelta(hours=2, minutes=30)
    form = browser.get("/follow/after_dose")
    send(browser, [("effect", "yes")], form.location)

    id = dose.location.rsplit("/", 1)[1]
    assert "It opens on Mon 2 Mar, 22:30" in early
    assert form.status_code == 303 and form.location.endswith(f"follows={id}")
    (followed,) = [one["entry"] for one in kept(browser) if one["entry"]["instrument"] == "after_dose"]
    assert followed["follows"] == id
    assert "is not due now" in browser.get("/follow/after_dose").text


def test_of_two_events_one_is_chosen(participant):
    _, app, browser, _ = participant
    for taken in ("2026-03-02T17:30", "2026-03-02T18:30"):
        send(browser, [("taken_at", taken)], "/diary/dose")
    app.clock = NOW + timedelta(hours=3)

    page = browser.get("/follow/after_dose").text

    assert page.count("/diary/after_dose?follows=") == 2


def test_what_clinicians_fill_in_is_no_page_and_no_entry_of_a_participant(participant):
    _, app, browser, claimed = participant
    token = inside(app, add_device, claimed.enrolment, claimed.root, now=NOW).token
    sent = {
        "id": str(uuid4()), "instrument": "examination", "answers": {"seen": True},
        "blind": urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode(), "zone": "UTC",
        "saved_at": NOW.isoformat(),
    }  # fmt: skip

    assert browser.get("/diary/examination").status_code == 404
    assert "Examination" not in browser.get("/").text
    assert browser.json("/api/entries", sent, token=token).status_code == 403


def test_a_study_is_shown_in_the_language_of_the_browser_and_else_in_its_own_first(participant):
    _, _, browser, _ = participant
    german = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.3"}

    spoken = unescape(browser.get("/diary/evening/1", headers=german).text)
    other = browser.get("/diary/evening/1", headers={"Accept-Language": "fr"}).text

    assert '<h1 lang="de">Alles heute Abend</h1>' in spoken
    assert '<legend lang="de">Wie stark war Ihr Schmerz?</legend>' in spoken
    assert '<h1 lang="en">Everything this evening</h1>' in other


def test_the_signature_is_under_the_text_in_the_language_in_which_it_was_read(every_kind):
    study, app = every_kind
    browser = Browser(app)
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    page = browser.post("/join", {"code": inside(app, study.issue_code)}).text
    words = " ".join(re.findall(r"<li>([a-z-]+)</li>", page))
    offer = re.search(r'name="offer" value="([^"]+)"', page)[1]
    consent = browser.post("/join/consent", {"offer": offer}, page=page).text
    text = re.search(r'name="text" value="([0-9a-f]{64})"', consent)[1]
    choices = {"scope-study": "yes", "scope-sharing": "no", "zone": "Europe/Berlin", "offer": offer, "text": text}
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"

    signed = browser.post("/join/sign", choices | {"passphrase": words}, page=consent)

    assert "Ich nehme teil." in consent
    assert signed.status_code == 303
    (record,) = browser.get("/download").json["consents"]
    assert record["text_sha256"] == text != study.protocol.consent.digest
    assert "Um zu lernen." in browser.get("/consent").text


def test_an_entry_of_an_earlier_version_is_taken_as_it_was_written(sqlite_databases, tmp_path, monkeypatch):
    document, former = tmp_path / "every-kind.yaml", tmp_path / "every-kind.earlier"
    former.mkdir()
    (former / "1.0.yaml").write_text(DOCUMENT, encoding="utf-8")
    document.write_text(
        DOCUMENT.replace('version: "1.0"', 'version: "1.1"').replace("word: {", "one_word: {was: word, ")
    )
    study, app = open_room(sqlite_databases, tmp_path, monkeypatch, document)
    claimed, browser = inside(app, study.participant), Browser(app)
    token = inside(app, add_device, claimed.enrolment, claimed.root, now=NOW).token
    sent = {
        "id": str(uuid4()), "instrument": "evening", "answers": {"pain": 10, "word": "Grey"},
        "blind": urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode(), "zone": "Europe/Berlin",
        "saved_at": NOW.isoformat(),
    }  # fmt: skip

    as_now = browser.json("/api/entries", sent, token=token)
    as_then = browser.json("/api/entries", sent | {"protocol_version": "1.0"}, token=token)

    assert (as_now.status_code, as_now.json["problems"]) == (422, {"word": "This is not asked here."})
    assert as_then.status_code == 201
    browser.sign_in(claimed)
    (entry,) = kept(browser)
    assert entry["entry"]["protocol_version"] == "1.0"
    assert {"question": "One word for today", "answer": "Grey"} in entry["in_words"]
    assert "a lot of pain" in browser.get(f"/entries/{sent['id']}").text


def test_every_answer_can_be_taken_away_as_a_table_that_no_spreadsheet_runs(participant):
    _, _, browser, _ = participant
    send(browser, [("word", "=1+1") if name == "word" else (name, answer) for name, answer in SENT])

    answer = browser.get("/download/answers.csv")

    head, *lines = csv.reader(io.StringIO(answer.text))
    said = {line[head.index("question")]: line[head.index("answer")] for line in lines}
    assert answer.content_type == "text/csv; charset=utf-8"
    assert head == ["day", "received", "form", "written by", "question", "answer", "entry"]
    assert {line[0] for line in lines} == {"2026-03-02"} and len({line[-1] for line in lines}) == 1
    assert "'=1+1" in said.values() and "9 of 10" in said.values()
    assert any("Rain, and\na long drive." in one for one in said.values())
