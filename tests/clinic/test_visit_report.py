"""The paper of a visit: what the desk opened, certified by custody, kept nowhere; a note that harms nobody and is not
lost."""

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from uuid import uuid4

import pypdfium2
import pytest
import sqlalchemy as sa

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.charts.daily import Mean
from studyportal.clinic.visit_report.forms import LONGEST_NOTE
from studyportal.clinic.visit_report.parts import missed_days
from studyportal.clinic.visits.running import LASTS
from studyportal.database import reading
from studyportal.paper import Grid, verified
from studyportal.portal.inside import inside
from studyportal.protocol.adherence import Adherence
from studyportal.web.course.happened import MOST, happened
from studyportal.web.course.medicines import medicines
from studyportal.web.course.weeks import is_daily, weeks_of
from studyportal.web.here import here
from tests.clinic.desk_cast import enrolment_of, visiting
from tests.clinic.test_timeline import PROTOCOL, START, TODAY, dose, entry, evening, whole
from tests.journeys.cast import BASELINE, join, write
from tests.journeys.house import House, readable

HOSTILE = (
    "<b>bold</b> &amp; <script>alert(1)</script> =1+1 \u202eabc\u202c שלום 😀 "
    + "Rindfleischetikettierungsüberwachung" * 4
)


def text_of(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(BytesIO(pdf))
    return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in pages)


def test_weeks_are_those_of_the_study_and_means_of_the_days_that_have_an_answer():
    shown = whole(
        [
            evening(START, answers={"pain_average": 2}),
            evening(START + timedelta(days=6), late=True),
            evening(START + timedelta(days=7), answers={"pain_average": 9}),
        ]
    )
    measures = [one for one in shown.measures if one.name == "pain_average"]

    daily = [states for asked, states in shown.states.values() if is_daily(asked)]
    weeks = weeks_of(shown.values, measures, daily, span=shown.span, started_on=START)

    assert [week.number for week in weeks] == list(range(1, 12))
    assert weeks[0].means == [Mean(3.0, 2)]
    assert weeks[0].entries == Adherence(due=7, given=2, late=1)
    assert (weeks[-1].first, weeks[-1].last) == (TODAY, TODAY)
    assert missed_days(shown)["Evening diary"][:2] == [START + timedelta(days=1), START + timedelta(days=2)]


def test_of_very_many_doses_the_latest_are_printed_and_the_others_counted():
    taken = [dose(datetime(2026, 3, 2, 8, tzinfo=UTC) + timedelta(hours=20 * number)) for number in range(MOST + 3)]

    (table,) = (part for part in happened(whole(taken).events, PROTOCOL, last=TODAY) if isinstance(part, Grid))

    assert len(table.rows) == MOST
    assert table.caption.startswith(f"{MOST + 3} entries")
    assert table.note == "3 earlier ones are not printed here."


def test_of_medicines_the_latest_answers_stand_there_with_their_day():
    def month(day, name):
        return entry("monthly", day, {"medicines_changed": True, "medicines": [{"name": name}]})

    shown = whole([month(date(2026, 4, 1), "Old"), month(date(2026, 5, 1), "New")])

    _, facts, listed = medicines(shown.lines, shown.span)

    assert dict(facts.rows)["Have your medicines changed in the last month?"] == "Yes\n(Your month, Fri 1 May 2026)"
    assert listed.rows == (("New", "–", "–"),)


# ── The page and the file ──────────────────────────────────────────────────


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("report"))
    house.run("site", "add", "NS", "Northside")
    yield house
    house.close()


@pytest.fixture(scope="module")
def her(house):
    her = join(house)
    write(her, "baseline", BASELINE)
    write(her, "evening", {"pain_average": "9", "pain_worst": "9", "mood": "4", "note": HOSTILE})
    return enrolment_of(house, her)


@pytest.fixture
def abe(house):
    return house.staff("clinic", f"Abe {uuid4().hex[:6]}", "clinician", "--site", "NS")


def make(browser, her, *, status=200, **fields):
    return browser.post(
        f"/participants/{her}/visit-report", status=status, **{"span": "4", "size": "A4", "note": ""} | fields
    )


def test_a_report_is_certified_by_custody_and_says_what_the_page_says(house, her, abe):
    visiting(abe, her)
    abe.get(f"/participants/{her}/visit-report?range=12")
    assert 'value="12" checked' in abe.page

    answer = make(abe, her, note=HOSTILE)

    assert answer.mimetype == "application/pdf"
    assert re.search(r"attachment; filename=\S+-visit-\d{4}-\d\d-\d\d\.pdf", answer.headers["Content-Disposition"])
    assert answer.headers["Cache-Control"] == "no-store"
    verdict = verified(answer.data, here(house.rooms["clinic"]).settings.custody_public)
    assert (verdict.kind, verdict.by) == ("Visit report", "custody")
    text = text_of(answer.data)
    for said in (
        "Their course is due for a review",
        "Very strong pain over the whole day",
        "Week by week",
        "Medicines",
        "<script>alert(1)</script>",
        "[grinning face]",
        "[4 Hebrew letters]",
    ):
        assert said in text
    assert not re.search(r"\b(should|recommend|increase|reduce|stop taking|effective|improv\w+)\b", text.lower())


def test_a_report_leaves_its_fingerprint_in_the_trail_and_nothing_else(house, her, abe):
    visiting(abe, her)
    abe.get(f"/participants/{her}/visit-report")
    make(abe, her, note="A note of one visit.", size="Letter")

    with inside("custody", house.folder), reading("registry") as connection:
        trail = AUDIT_EVENTS["registry"]
        last = connection.execute(sa.select(trail).where(trail.c.action == "desk:certify")).all()[-1]
    assert "sha256" in str(last) and "A note" not in str(last)
    assert not [
        file for file in house.folder.rglob("*") if file.is_file() and b"A note of one visit." in file.read_bytes()
    ]


def test_a_note_that_is_too_long_is_told_so_and_stays(her, abe):
    visiting(abe, her)
    abe.get(f"/participants/{her}/visit-report")

    make(abe, her, status=422, note="😀" * (LONGEST_NOTE + 1))

    assert "A note has at most 10,000 characters; this one has 10,001. Shorten it." in readable(abe.page)
    assert "😀" * LONGEST_NOTE in abe.page
    assert make(abe, her, note="😀 " * (LONGEST_NOTE // 2)).mimetype == "application/pdf"


def test_a_visit_that_ended_is_begun_again_on_the_same_page_and_the_note_is_kept(her, abe, monkeypatch):
    visiting(abe, her)
    abe.get(f"/participants/{her}/visit-report")
    with monkeypatch.context() as later:
        later.setattr("studyportal.clinic.visits.running.LASTS", -LASTS)
        make(abe, her, status=422, note="Slept badly.")
    assert "The visit has ended; it lasts 30 minutes." in readable(abe.page)
    assert "Slept badly." in abe.page

    assert make(abe, her, note="Slept badly.", purpose="visit").mimetype == "application/pdf"


def test_a_desk_that_does_not_answer_keeps_the_note(house, her, abe, monkeypatch):
    visiting(abe, her)
    abe.get(f"/participants/{her}/visit-report")

    def dead(question):
        raise ConnectionRefusedError

    monkeypatch.setattr(house.rooms["clinic"].extensions["studyportal.desk"], "_send", dead)
    make(abe, her, status=503, note="Slept badly.")

    assert "The reading desk does not answer; nothing was opened." in readable(abe.page)
    assert "Slept badly." in abe.page


def test_a_coordinator_makes_none(house, her):
    bo = house.staff("clinic", f"Bo {uuid4().hex[:6]}", "coordinator", "--site", "NS")

    assert "Visit report" not in readable(visiting(bo, her))
    bo.get(f"/participants/{her}/visit-report", status=403)
