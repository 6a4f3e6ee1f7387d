"""What the entry before says is taken over at a tap: only that, only what the study allows, and nothing typed is
replaced."""

import re
from datetime import timedelta

import pytest

from studyportal.intake.course.repeating import NOW as PRESENT
from studyportal.protocol import KINDS, SHIPPED, load_protocol
from tests.intake.conftest import NOW, Browser, hidden, inside

EVENING = {
    "pain_average": "4", "rescue_medicine": "yes", "rescue_medicines-0-name": "MARKEDMEDICINE",
    "rescue_medicines-0-class": "anti_inflammatory", "rescue_medicines-1-name": "Paracetamol 500",
}  # fmt: skip
DOSE = {
    "substance": "lsd", "preparation": "liquid", "amount": "10.5", "unit": "ug", "tested": "no", "expected": "3",
    "pain_before": "6", "taken": "2026-03-02T20:10",
}  # fmt: skip
OF_DOSE = "substance preparation amount unit amount_known tested taken"


def fill(browser, path, fields, **more):
    page = browser.get(path).text
    return browser.post(path, hidden(page) | fields | more, page=page)


def ticked(page, name):
    return re.findall(rf'name="{name}"[^>]*value="([^"]+)" checked', page)


def value_of(page, name):
    (found,) = re.findall(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    return found


@pytest.fixture
def writer(room):
    """(app, browser) of somebody who wrote an evening and a dose, on the day after."""
    study, app = room
    browser = Browser(app)
    claimed = inside(app, study.participant)
    browser.sign_in(claimed)
    fill(browser, "/diary/evening/1", EVENING)
    fill(browser, "/diary/dose", DOSE)
    app.clock = NOW + timedelta(days=1)
    browser.sign_in(claimed)
    return app, browser


def test_the_form_says_the_day_and_holds_no_answer_before_the_tap(writer):
    _, browser = writer

    page = browser.get("/diary/evening/2").text
    dose = browser.get("/diary/dose").text

    assert "Same as on Mon 2 Mar</button>" in page
    assert "The same as on Mon 2 Mar, just now</button>" in dose
    assert "MARKEDMEDICINE" not in page
    assert not re.search(r'value="[^"]+" checked', page + dose)
    assert "10.5" not in dose


def test_last_evenings_medicines_come_with_one_tap_and_nothing_else_does(writer):
    _, browser = writer

    answer = fill(
        browser,
        "/diary/evening/2",
        {"pain_average": "7", "rescue_medicines-0-name": "", "entry-same": "rescue_medicines"},
    )

    page = answer.text
    assert answer.status_code == 200
    assert "Filled in as on Mon 2 Mar. Change what is different." in page
    assert value_of(page, "rescue_medicines-0-name") == "MARKEDMEDICINE"
    assert value_of(page, "rescue_medicines-1-name") == "Paracetamol 500"
    assert ticked(page, "rescue_medicines-0-class") == ["anti_inflammatory"]
    assert ticked(page, "pain_average") == ["7"]
    assert ticked(page, "rescue_medicine") == []


def test_rows_that_were_typed_stay_as_they_are(writer):
    _, browser = writer

    page = fill(
        browser, "/diary/evening/2", {"rescue_medicines-0-name": "Other", "entry-same": "rescue_medicines"}
    ).text

    assert value_of(page, "rescue_medicines-0-name") == "Other"
    assert "MARKEDMEDICINE" not in page


def test_a_dose_takes_over_what_it_was_and_the_present_time_and_asks_the_rest_anew(writer):
    _, browser = writer

    page = fill(browser, "/diary/dose", {"substance": "lsd_like", "taken": "", "entry-same": OF_DOSE}).text

    assert ticked(page, "substance") == ["lsd_like"]
    assert (ticked(page, "preparation"), ticked(page, "unit"), ticked(page, "tested")) == (["liquid"], ["ug"], ["no"])
    assert value_of(page, "amount") == "10.5"
    assert value_of(page, "taken") == "2026-03-03T20:30"
    assert ticked(page, "expected") == ticked(page, "pain_before") == []
    again = browser.post("/diary/dose", hidden(page) | DOSE | {"taken": "2026-03-03T20:30"}, page=page)
    assert "It is kept" in browser.get(again.location).text


def test_a_script_gets_the_same_when_the_button_was_pressed(writer):
    _, browser = writer

    answer = browser.get("/diary/dose/former", query_string={"of": OF_DOSE})

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["day"] == "2026-03-02"
    assert answer.json["fields"] == {
        "substance": ["lsd"], "preparation": ["liquid"], "amount": ["10.5"], "unit": ["ug"], "tested": ["no"],
        "taken": ["2026-03-03T20:30"],
    }  # fmt: skip


@pytest.mark.parametrize("of", ["", "expected", "substance", "note"])
def test_what_is_no_button_fills_nothing_in(writer, of):
    _, browser = writer

    assert browser.get("/diary/dose/former", query_string={"of": of}).status_code == 404
    assert fill(browser, "/diary/dose", {"entry-same": of}).status_code == 404


def test_the_last_entry_that_answers_it_counts_and_of_a_corrected_one_the_correction(writer):
    app, browser = writer
    kept = fill(browser, "/diary/evening/2", {"pain_average": "5", "rescue_medicine": "no"}).location
    doses = fill(browser, "/diary/dose", DOSE | {"taken": "2026-03-03T08:00", "amount": "2"}).location
    fill(
        browser,
        f"{doses}/correct",
        DOSE | {"taken": "2026-03-03T08:00", "amount": "20", "reason-for-change": "Typed wrongly."},
    )
    app.clock = NOW + timedelta(days=1, hours=1)

    dose = browser.get("/diary/dose/former", query_string={"of": OF_DOSE}).json
    evening = browser.get("/diary/evening/former", query_string={"of": "rescue_medicines"}).json

    assert kept
    assert (dose["day"], dose["fields"]["amount"]) == ("2026-03-03", ["20"])
    assert evening["day"] == "2026-03-02"


def test_nobody_is_offered_what_somebody_else_wrote(writer, room):
    study, app = room
    other = Browser(app)
    other.sign_in(inside(app, study.participant))

    assert 'name="entry-same"' not in other.get("/diary/dose").text
    assert other.get("/diary/dose/former", query_string={"of": OF_DOSE}).status_code == 404


def test_a_phone_keeps_the_button_without_a_day_and_hidden(writer):
    app, _ = writer

    page = Browser(app).get("/offline/diary/dose").text

    assert re.search(r'<p class="same" hidden><button[^>]*data-words="The same as on \{day\}, just now"', page)


def test_what_is_felt_or_expected_is_never_taken_over_in_the_shipped_study():
    carried = {
        f"{one.name}.{item.name}"
        for one in load_protocol(SHIPPED).instruments.values()
        for item in one.items.values()
        if item.carry_over
    }

    assert carried == {
        "evening.rescue_medicines", "monthly.medicines", *(f"dose.{name}" for name in OF_DOSE.split()),
    }  # fmt: skip
    assert set(PRESENT) <= set(KINDS)
