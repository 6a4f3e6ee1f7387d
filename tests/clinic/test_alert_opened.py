"""From a phone to the clinic and back: an alert is opened for a purpose, answered, and its participant is told that it
was seen."""

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.clinic.desk import install_desk
from studyportal.custody.delivery.escalation import escalate
from studyportal.custody.delivery.settings import MailSettings
from studyportal.database import reading
from studyportal.errors import Unavailable
from studyportal.portal.inside import inside
from studyportal.portal.working import WORKER
from studyportal.registry.alert_tables import SAFETY_ALERTS
from tests.journeys.cast import BASELINE, join, write
from tests.journeys.house import House, readable

EVENING = {"pain_average": "9", "pain_worst": "9", "mood": "4", "hours_slept": "6.5", "flare": "no"}
MAIL = MailSettings(
    host="localhost", port=25, sender="portal@x.example", clinic="https://clinic.x.example", starttls=False
)
NOTE = "<b>Ruft zurück</b> ☎️ \u200fשלום =SUM(A1) " + "x" * 1900


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("alerts"))
    house.run("site", "add", "NS", "Northside")
    yield house
    house.close()


@pytest.fixture(scope="module")
def her(house):
    """Somebody whose pain was 3 at the start and is 9 now."""
    her = join(house)
    write(her, "baseline", BASELINE | {"pain_usual": "3"})
    write(her, "evening", EVENING)
    return her


def alerts_of(house):
    with inside("custody", house.folder), reading("registry") as connection:
        rows = connection.execute(sa.select(SAFETY_ALERTS).order_by(SAFETY_ALERTS.c.raised_at)).all()
    return {row.source: row.id for row in rows}


def test_an_alert_from_a_phone_is_opened_answered_and_seen_by_its_participant(house, her):
    clinician = house.staff("clinic", "Nurse Abe", "clinician", "--site", "NS")
    house.work()
    alerts = alerts_of(house)
    her.browser.get("/course")
    entries = re.findall(r'href="(/entries/[0-9a-f-]+)"', her.browser.page)
    before = [readable(her.browser.get(entry).text) for entry in entries]

    # The page asks what for, then leads back and shows what it says.
    clinician.get(f"/alerts/{alerts['entry']}")
    clinician.post(f"/alerts/{alerts['entry']}/acknowledge")
    asked = clinician.get(f"/alerts/{alerts['entry']}/open", status=303)
    clinician.follow(asked)
    clinician.follow(clinician.post(asked.headers["Location"], purpose="alert"))
    opened = readable(clinician.page)
    clinician.post(f"/alerts/{alerts['entry']}/act", act_what="called_reached", act_note=NOTE)
    clinician.get(f"/alerts/{alerts['entry']}/open")
    noted = clinician.page
    clinician.get(f"/alerts/{alerts['history']}/open")
    history = readable(clinician.page)

    assert set(alerts) == {"entry", "history"}
    assert "Very strong pain over the whole day" in opened and "Call on the next working day" in opened
    assert "The participant was told at once" in opened
    assert "<b>Ruft" not in noted and "Ruft zurück" in noted and "שלום" in noted
    assert "Pain far above what was usual at the start" in history and "The participant was told nothing" in history
    assert "together with earlier ones" in history
    assert any("Nobody at your clinic has marked this as seen yet" in page for page in before)
    after = [readable(her.browser.get(entry).text) for entry in entries]
    assert sum("Somebody at your clinic has seen this" in page for page in after) == 1
    with inside("custody", house.folder), reading("registry") as connection:
        trail = connection.execute(sa.select(AUDIT_EVENTS["registry"])).all()
    assert [row.detail for row in trail if row.action == "desk:open"][-1] == '{"purpose":"alert","what":"alert"}'
    assert "Ruft" not in repr(trail) and "severe_pain" not in repr(trail)


def test_when_the_desk_is_closed_the_page_says_so_and_the_alert_can_still_be_answered(house, her):
    clinician = house.staff("clinic", "Nurse Bea", "clinician", "--site", "NS")
    id, room = alerts_of(house)["history"], house.rooms["clinic"]
    former = dict(room.extensions)

    def closed(question):
        raise Unavailable("The reading desk does not answer; nothing was opened.")

    try:
        install_desk(room, closed)
        asked = clinician.get(f"/alerts/{id}/open", status=303)
        clinician.follow(asked)
        clinician.follow(clinician.post(asked.headers["Location"], purpose="alert"))
        page = readable(clinician.page)
        clinician.post(f"/alerts/{id}/acknowledge")
    finally:
        room.extensions.update(former)

    assert "The reading desk does not answer" in page and "I am taking care of it" in page
    assert "Took it on Nurse Bea" in readable(clinician.get(f"/alerts/{id}").text)


def test_pages_say_plainly_who_is_mailed_and_when_nobody_is(house, her):
    clinician = house.staff("clinic", "Nurse Cem", "clinician", "--site", "NS")
    custodian = house.staff("custody", "Kim", "custodian")

    def told():
        return readable(clinician.get("/alerts/").text)

    pages = [told()]
    said = house.run("site", "mail", "NS", "care@northside.example", "--after", "30")
    pages.append(told())
    with inside("custody", house.folder):
        escalate(MAIL, actor=WORKER, now=datetime.now(UTC))
    pages.append(told())
    house.run("site", "mail", "NS", "--nobody")
    pages.append(told())
    refused = [
        house.run("site", "mail", "NS", *wrong, fails=True)
        for wrong in ((), ("care@x.example",), ("care@x.example", "--after", "1"), ("a b@x.example", "--after", "30"))
    ]

    assert "there is no mail server yet" in said and len(refused) == 4
    assert ["Nobody is mailed" in page for page in pages] == [True, True, False, True]
    assert "this portal has no mail server" in pages[1]
    assert "After 30 minutes an urgent alert that waits is mailed to care@northside.example" in pages[2]
    assert "Nobody is mailed" in readable(custodian.get("/").text)
