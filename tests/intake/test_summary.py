"""The paper for a visit says what its writer chose: nothing of what they took unasked, no name, no code; it is kept
nowhere."""

from datetime import timedelta
from io import BytesIO

import pypdfium2
import pytest
import sqlalchemy as sa

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading
from studyportal.errors import Invalid
from studyportal.intake.summary.forms import LONGEST
from studyportal.paper import fingerprint_of, verified
from tests.intake.conftest import NOW, Browser, inside
from tests.intake.test_submission import DOSE, send

PLAIN = {"span": "4", "begins": "", "ends": "", "questions": "", "size": "A4"}
EVENT = {"what": ["stomach"], "grade": "2", "serious": ["none"], "began": "2026-03-02", "outcome": "gone"}


def text_of(answer):
    assert answer.mimetype == "application/pdf"
    pages = pypdfium2.PdfDocument(BytesIO(answer.data))
    return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in pages)


@pytest.fixture
def writer(room):
    """(browser, claimed, app) of somebody with three evenings, a dose and an adverse event."""
    study, app = room
    claimed = inside(app, study.participant)

    def write():
        enrolled = study.enrolled(claimed)
        for day in range(3):
            answers = {"pain_average": str(4 + day), "mood": "6", "note": "Rain all day."}
            send(study, enrolled, answers=answers, now=NOW + timedelta(days=day))
        send(study, enrolled, "dose", DOSE)
        send(study, enrolled, "adverse_event", EVENT)

    inside(app, write)
    app.clock = NOW + timedelta(days=3, hours=-3)
    browser = Browser(app)
    browser.sign_in(claimed)
    return browser, claimed, app


def test_by_itself_the_paper_names_neither_the_study_nor_the_person_nor_what_they_took(writer):
    browser, claimed, _ = writer

    page = browser.get("/course/summary").text
    ticked = [name for name in ("dose", "adverse_event", "exit") if f'value="{name}" checked' in page]
    answer = browser.post("/course/summary", PLAIN | {"happened": ticked}, page=page)

    assert ticked == ["adverse_event"]
    text = text_of(answer)
    for said in (
        "Diary summary",
        "given on 3 of 3 days on which it was asked for",
        "5.0 (3)",
        "Stomach or bowels",
        "nobody has checked or signed it",
        "No questionnaire has asked about medicines yet.",
    ):
        assert said in text
    for kept_back in (
        "Microdosing",
        "MCP-1",
        claimed.participant_code,
        "LSD",
        "Something I took",
        "Rain all day",
        "studyportal.example",
    ):
        assert kept_back not in text
    assert b"Microdosing" not in answer.data and b"MCP-1" not in answer.data
    assert answer.headers["Content-Disposition"] == "attachment; filename=diary-summary-2026-03-05.pdf"
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_they_took_and_their_own_words_are_on_it_if_they_tick_them(writer):
    browser, _, _ = writer

    hostile = "<b>Is it</b> the \u202emattress? 😀"
    answer = browser.post(
        "/course/summary", PLAIN | {"happened": ["dose"], "words": "y", "questions": hostile, "size": "Letter"}
    )

    text = text_of(answer)
    for said in (
        "Microdosing and chronic pain (MCP-1)",
        "Something I took",
        "LSD",
        "Mon 2 Mar, 20:10",
        "Rain all day.",
        "<b>Is it</b> the mattress? [grinning face]",
    ):
        assert said in text
    assert "Stomach" not in text


def test_it_has_a_fingerprint_and_does_not_pass_for_a_paper_of_the_study(writer):
    browser, _, _ = writer

    pdf = browser.post("/course/summary", PLAIN).data

    assert fingerprint_of(pdf)
    with pytest.raises(Invalid):
        verified(pdf, b"x" * 32)


def test_the_trail_knows_that_it_was_printed_and_no_file_knows_what_is_on_it(writer, tmp_path):
    browser, claimed, app = writer

    browser.post("/course/summary", PLAIN | {"questions": "Marked question for nobody."})

    with app.app_context(), reading("registry") as connection:
        trail = AUDIT_EVENTS["registry"]
        (line,) = connection.execute(sa.select(trail).where(trail.c.action == "course:print")).all()
    assert str(claimed.enrolment) in str(line)
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and b"Marked question" in file.read_bytes()]


def test_two_days_may_be_chosen_and_a_wrong_pair_is_told(writer):
    browser, _, _ = writer

    one = browser.post("/course/summary", PLAIN | {"span": "dates", "begins": "2026-03-03", "ends": "2026-03-03"})
    none = browser.post("/course/summary", PLAIN | {"span": "dates", "begins": "2026-03-03"})
    turned = browser.post("/course/summary", PLAIN | {"span": "dates", "begins": "2026-03-03", "ends": "2026-03-01"})
    long = browser.post("/course/summary", PLAIN | {"questions": "x" * (LONGEST + 1)})
    before = browser.post("/course/summary", PLAIN | {"span": "dates", "begins": "2020-01-01", "ends": "2020-02-01"})

    assert "Tue 3 Mar 2026 to Tue 3 Mar 2026" in text_of(one)
    assert "1 in the time shown" in text_of(one)
    assert (none.status_code, turned.status_code, long.status_code, before.status_code) == (422, 422, 422, 422)
    assert "Give both days below" in none.text
    assert "before the other one" in turned.text
    assert "Shorten it." in long.text
    assert "Your diary goes from Mon 2 Mar 2026 to today." in before.text


def test_it_is_in_the_language_of_its_writer(every_kind):
    study, app = every_kind
    claimed = inside(app, study.participant)
    browser = Browser(app)
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    browser.sign_in(claimed)

    text = text_of(browser.post("/course/summary", PLAIN | {"questions": "Warum?"}))

    for said in (
        "Zusammenfassung des Tagebuchs",
        "Was ich fragen oder sagen möchte",
        "Gezeigte Zeit Die letzten 4 Wochen, ",
        "0 in der gezeigten Zeit",
        "Medikamente",
    ):
        assert said in text
    for framed in ("Erstellt am Mo., 2. März 2026, ", "Seite 1 von 1", "ERFUNDENE DATEN", "Tabelle 1. "):
        assert framed in text
    for english in ("Made ", "Page 1", "SYNTHETIC", "Table 1"):
        assert english not in text
