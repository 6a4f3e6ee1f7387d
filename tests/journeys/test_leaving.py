"""Leaving while an alert is open: the clinic closes it first, or it is handed over; and what the certificate says."""

import re
from contextlib import ExitStack

import pytest
import sqlalchemy as sa

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading
from studyportal.portal.inside import inside
from studyportal.registry.alert_tables import ERASED_ALERTS
from studyportal.registry.tables import SEALED_ENTRIES
from tests.journeys.cast import BASELINE, join, write
from tests.journeys.house import on_postgresql, on_sqlite, readable

ERASE = "/leave/study/erase"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("leaving") / "instance"
    with ExitStack() as stack:
        if request.param == "sqlite":
            house = stack.enter_context(on_sqlite(folder))
        else:
            house = stack.enter_context(on_postgresql(folder, request.getfixturevalue("postgresql")))
        house.run("site", "add", "NS", "Northside")
        house.account("Nurse Abe", "clinician", "--site", "NS")
        yield house


@pytest.fixture
def her(house):
    """Somebody whose answer has raised an alert."""
    somebody = join(house)
    write(somebody, "baseline", BASELINE)
    write(somebody, "evening", {"pain_average": "9", "pain_worst": "9"})
    return somebody


@pytest.fixture
def nurse(house):
    return house.signed_in("clinic", "Nurse Abe", house.passphrases["Nurse Abe"])


def rows(house, table):
    with inside("custody", house.folder), reading("registry") as connection:
        return connection.execute(sa.select(table)).all()


def alerts_of(nurse, somebody):
    nurse.get("/alerts/")
    return re.findall(rf'href="(/alerts/[0-9a-f-]{{36}})"[^>]*>{somebody.code}<', nurse.page)


def closed(nurse, address):
    """Take an alert on and close it; what its page said before."""
    nurse.get(address)
    told = readable(nurse.page)
    nurse.follow(nurse.post(f"{address}/acknowledge"))
    outcome = re.search(r'name="close_outcome"[^>]*value="(\w+)"', nurse.page)[1]
    nurse.follow(nurse.post(f"{address}/close", close_outcome=outcome))
    return told


def test_the_clinic_closes_it_first_and_then_everything_goes(house, her, nurse):
    her.browser.get(ERASE)
    asked = readable(her.browser.page)
    her.browser.post(ERASE, word="ERASE", status=422)
    unchosen = readable(her.browser.page)
    her.browser.follow(her.browser.post(ERASE, word="ERASE", alert="close"))
    waiting = readable(her.browser.page)
    house.work()
    nurse.get("/")
    listed = readable(nurse.page)
    first, *others = alerts_of(nurse, her)
    told = closed(nurse, first)
    house.work()
    kept = len(rows(house, SEALED_ENTRIES))
    for address in others:
        closed(nurse, address)
    house.work()
    browser = her.sign_in(house.browser("intake"))
    browser.get("/leave")

    assert "has raised an alert that your clinic has not closed" in asked
    assert "Choose what becomes of it" in unchosen
    assert "Your erasure waits for your clinic" in waiting and "Erase everything now" in waiting
    assert "their erasure waits for it until" in listed and "want you to close this first" in told
    assert others and kept == 3 and rows(house, SEALED_ENTRIES) == []
    assert rows(house, ERASED_ALERTS) == []
    page = readable(browser.page)
    assert "What is gone" in page and "From" in page and "no backup holds those keys" in page
    assert "No data set with answers of yours was published before." in page


def test_whoever_waits_can_go_on_at_once_and_hands_it_over(house, her, nurse):
    her.browser.get(ERASE)
    her.browser.follow(her.browser.post(ERASE, word="ERASE", alert="close"))

    gone = her.browser.post("/leave/at-once")
    her.browser.follow(gone)
    house.work()

    assert "being erased" in readable(her.browser.page)
    assert sorted(row.level for row in rows(house, ERASED_ALERTS)) == ["high", "low"]
    nurse.get("/alerts/")
    assert f"{her.code} had everything erased" in readable(nurse.page) and "while an alert (high)" in readable(
        nurse.page
    )
    actions = [row.action for row in rows(house, AUDIT_EVENTS["registry"])]
    assert "withdrawal:hasten" in actions
    browser = her.sign_in(house.browser("intake"))
    browser.get("/leave")
    browser.get("/sessions")
    browser.follow(browser.post("/leave/at-once"))
    assert "Nothing waits any more" in readable(browser.page)


def test_erasing_at_once_hands_over_that_there_was_one(house, her):
    her.browser.get(ERASE)
    before = len(rows(house, ERASED_ALERTS))

    her.browser.follow(her.browser.post(ERASE, word="ERASE", alert="hand_over"))
    house.work()

    assert "being erased" in readable(her.browser.page)
    assert len(rows(house, ERASED_ALERTS)) == before + 2 and all(row.level for row in rows(house, ERASED_ALERTS))
