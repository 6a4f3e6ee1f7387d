"""What staff write about a participant: by phone or as the clinic's own, sealed, once, under a name, for their own
site."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.clinic.worklist.needs import NEEDS, Asked
from studyportal.database import reading
from studyportal.portal.inside import inside
from studyportal.registry.alert_tables import SAFETY_ALERTS
from studyportal.registry.tables import SEALED_ENTRIES
from tests.clinic.desk_cast import enrolment_of, visiting
from tests.journeys.canary import traces
from tests.journeys.cast import join
from tests.journeys.house import House, readable

EVENING = {"pain_average": "3", "pain_worst": "4", "mood": "6", "flare": "no"}
DIAGNOSIS = {"diagnosis": "fibromyalgia", "confirmed_by": "specialist"}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("writing"))
    house.run("site", "add", "NS", "Northside")
    house.run("site", "add", "SS", "Southside")
    yield house
    house.close()


@pytest.fixture(scope="module")
def abe(house):
    return house.staff("clinic", "Nurse Abe", "clinician", "--site", "NS")


@pytest.fixture(scope="module")
def her(house):
    return join(house)


def link_to(browser, enrolment, name):
    """The address of a form, as the page of forms has it."""
    browser.get(f"/participants/{enrolment}/forms")
    found = re.search(rf'href="(/participants/{enrolment}/forms/{name}(?:/\d+)?)"', browser.page)
    assert found, readable(browser.page)
    return found[1]


def write(browser, enrolment, name, *, status=303, **answers):
    path = link_to(browser, enrolment, name)
    browser.get(path)
    return browser.post(path, status=status, **answers)


def rows(house, enrolment, table=SEALED_ENTRIES):
    with inside("custody", house.folder), reading("registry") as connection:
        return connection.execute(sa.select(table).where(table.c.enrolment == enrolment)).all()


def test_a_diary_taken_by_phone_is_kept_as_her_words_under_the_name_of_who_wrote_it(house, her, abe):
    enrolment = enrolment_of(house, her)

    abe.follow(write(abe, enrolment, "evening", **EVENING))

    assert "kept and sealed, under your name" in readable(abe.page)
    (row,) = (one for one in rows(house, enrolment) if one.schedule == "evening")
    assert row.receipt is None and row.written_by is not None
    her.browser.get("/course")
    assert "Written by the clinic, by phone: Nurse Abe wrote down what you said." in readable(her.browser.page)
    her.browser.get(f"/entries/{row.id}")
    shown = readable(her.browser.page)
    assert "Unaltered" in shown and "No receipt" in shown and row.commitment.hex() in shown
    her.browser.get(f"/entries/{row.id}/receipt", status=404)
    whole = her.browser.get("/download").get_json()
    (phoned,) = (one for one in whole["entries"] if one["id"] == str(row.id))
    assert phoned["entry"]["source"] == "phone" and phoned["receipt"] is None
    assert "told on the phone, written down by Nurse Abe" in readable(visiting(abe, enrolment, "call"))


def forms_due(house):
    """For whom the worklist has a form of the clinic's, seven weeks on, and where it leads."""
    with inside("clinic", house.folder), reading("registry", site="NS") as connection:
        asked = Asked(connection, "NS", uuid4(), house.protocol, datetime.now(UTC) + timedelta(days=50))
        return {need.enrolment: need.page for need in NEEDS["form"].find(asked)}


def test_what_the_clinic_judges_leaves_the_worklist_when_it_is_written(house, abe):
    other = join(house)
    enrolment = enrolment_of(house, other)
    assert forms_due(house)[enrolment] == "forms.choose"

    write(abe, enrolment, "diagnosis_confirmed", **DIAGNOSIS)

    assert enrolment not in forms_due(house)
    other.browser.get("/course")
    assert "Written by the clinic: Nurse Abe." in readable(other.browser.page)


def test_a_page_sent_twice_is_one_entry_and_other_answers_change_nothing(house, abe):
    enrolment = enrolment_of(house, join(house))
    path = link_to(abe, enrolment, "evening")
    abe.get(path)
    page, (before,) = abe.page, [len(rows(house, enrolment))]
    abe.post(path, **EVENING)

    abe.page = page
    abe.follow(abe.post(path, **EVENING))
    assert "kept and sealed" in readable(abe.page)
    abe.page = page
    abe.follow(abe.post(path, **EVENING | {"mood": "1"}))

    assert "sent before, with other answers" in readable(abe.page)
    assert len(rows(house, enrolment)) == before + 1


def test_a_second_tab_is_told_that_the_occasion_has_its_entry(house, abe):
    enrolment = enrolment_of(house, join(house))
    path = link_to(abe, enrolment, "evening")
    abe.get(path)
    second = abe.page
    abe.get(path)
    abe.post(path, **EVENING)

    abe.page = second
    abe.follow(abe.post(path, **EVENING))

    assert "There is an entry for this occasion already" in readable(abe.page)
    assert "There is an entry" in readable(abe.follow(abe.get(path, status=303)).get_data(as_text=True))


def test_answers_that_do_not_fit_are_shown_again_with_what_to_put_right(house, abe):
    enrolment = enrolment_of(house, join(house))

    write(abe, enrolment, "evening", status=422, **EVENING | {"mood": "11", "note": "<b>שלום</b> 🦋 {{ 7*7 }}"})

    assert 'class="error-summary"' in abe.page and "&lt;b&gt;שלום&lt;/b&gt; 🦋 {{ 7*7 }}" in abe.page
    write(abe, enrolment, "evening", status=422, **EVENING | {"note": "x" * 10_000})
    write(abe, enrolment, "evening", status=422, note=" ")


def test_a_phone_diary_that_needs_a_clinician_raises_an_alert_in_the_same_breath(house, abe):
    enrolment = enrolment_of(house, join(house))

    answer = write(abe, enrolment, "evening", **EVENING | {"pain_average": "9"})

    (alert,) = (one for one in rows(house, enrolment, SAFETY_ALERTS) if one.level == "high")
    assert answer.headers["Location"].startswith(f"/alerts/{alert.id}")
    abe.follow(answer)
    assert "has raised an alert" in readable(abe.page)


def test_another_site_finds_neither_the_page_nor_the_form(house, her):
    zoe, enrolment = house.staff("clinic", "Nurse Zoe", "clinician", "--site", "SS"), enrolment_of(house, her)

    zoe.get(f"/participants/{enrolment}/forms", status=404)
    zoe.get(f"/participants/{enrolment}/forms/event_assessed", status=404)
    zoe.get("/")
    sent = {"entry__id": uuid4(), "entry__blind": "A" * 43, "pain_average": "9"}
    zoe.post(f"/participants/{enrolment}/forms/evening/1", status=404, **sent)
    zoe.post(f"/participants/{enrolment}/forms/event_assessed", status=404, **sent)


def test_a_coordinator_takes_diaries_but_does_not_judge(house, her):
    bo, enrolment = house.staff("clinic", "Bo Lund", "coordinator", "--site", "NS"), enrolment_of(house, her)

    bo.get(f"/participants/{enrolment}/forms")
    assert "for a clinician to judge" in readable(bo.page)
    assert f"/participants/{enrolment}/forms/diagnosis_confirmed" not in bo.page

    bo.get(f"/participants/{enrolment}/forms/diagnosis_confirmed/1", status=403)


def test_what_is_no_form_of_the_clinic_is_not_there(house, her, abe):
    enrolment = enrolment_of(house, her)

    for path in ("screening", "nothing", "evening", "evening/0", "evening/99999999999999999999", "event_assessed/1"):
        abe.get(f"/participants/{enrolment}/forms/{path}", status=404)


def test_nothing_is_taken_in_for_somebody_who_has_left(house, abe):
    other = join(house)
    enrolment = enrolment_of(house, other)
    path = link_to(abe, enrolment, "evening")
    abe.get(path)
    form = abe.page
    other.browser.get("/leave/study/erase")
    other.browser.post("/leave/study/erase", word="ERASE", alert="hand_over")
    house.work()

    abe.get(f"/participants/{enrolment}/forms")
    assert "Nothing new is taken in" in readable(abe.page)
    abe.get(path, status=410)
    abe.page = form
    abe.post(path, status=410, **EVENING)

    assert "They have left the study" in readable(abe.page) and not rows(house, enrolment)


def test_a_page_that_did_not_arrive_whole_is_refused(house, her, abe):
    enrolment = enrolment_of(house, her)
    path = f"/participants/{enrolment}/forms/event_assessed"
    abe.get(path)

    abe.post(path, status=422, term="Rash", entry__id="1")
    abe.get(path)
    abe.post(path, status=422, term="Rash", entry__blind="?")

    assert "did not arrive whole" in readable(abe.page)


def test_nothing_of_what_staff_wrote_stands_in_clear_anywhere(house, abe):
    someone, canary = join(house), "Nebelkraehe-9Q2"
    enrolment, began = enrolment_of(house, someone), datetime.now(ZoneInfo(someone.zone)).date()
    assessed = {"grade": "2", "serious": "none", "began": began, "outcome": "recovered"}

    write(abe, enrolment, "evening", **EVENING | {"note": canary})
    write(abe, enrolment, "event_assessed", status=422, term=canary)
    write(abe, enrolment, "event_assessed", term=canary, notes=canary, **assessed)
    house.work()

    assert sum(row.written_by is not None for row in rows(house, enrolment)) == 2
    assert traces(canary, [house.folder]) == []


def test_the_trail_says_who_wrote_and_nothing_of_what(house, her):
    enrolment = enrolment_of(house, her)

    (row,) = (one for one in rows(house, enrolment) if one.schedule == "evening")
    with inside("custody", house.folder), reading("registry") as connection:
        of = AUDIT_EVENTS["registry"].c
        query = sa.select(AUDIT_EVENTS["registry"]).where(of.action == "entry:submit", of.object_id == str(row.id))
        (event,) = connection.execute(query).all()

    assert event.actor_id == str(row.written_by) and not event.detail.strip("{}")
