"""Messages between a participant and her clinic: sealed both ways, shown as typed, read by the right people only."""

import re
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading
from studyportal.errors import Invalid
from studyportal.portal.inside import inside
from studyportal.registry.message_seals import LONGEST, SIZES, TOO_LONG, read_text, sealed_message
from studyportal.registry.message_tables import MESSAGES
from studyportal.sealing import new_pair
from tests.clinic.desk_cast import desk_of, enrolment_of, pass_of
from tests.journeys.canary import traces
from tests.journeys.cast import join
from tests.journeys.house import House, readable

WORDS = "Wie lange noch? <b>Knie</b> {{ 7*7 }} שלום 🦋\nZweite Zeile"
ANSWER = "Come on Monday & bring your sheet."


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("messages"))
    house.run("site", "add", "NS", "Northside")
    house.run("site", "add", "SS", "Southside")
    yield house
    house.close()


@pytest.fixture(scope="module")
def her(house):
    return join(house)


@pytest.fixture(scope="module")
def abe(house):
    return house.staff("clinic", "Nurse Abe", "clinician", "--site", "NS")


@pytest.fixture(scope="module")
def zoe(house):
    return house.staff("clinic", "Nurse Zoe", "clinician", "--site", "SS")


def write_to_clinic(her, text, *, status=303):
    her.browser.get("/messages/")
    return her.browser.post("/messages/", text=text, status=status)


def conversation(browser, enrolment):
    """Open it, and say what for where that is asked."""
    path = f"/messages/{enrolment}"
    opened = browser._client.get(path, base_url=browser._origin)
    if opened.status_code == 303:
        browser.get(opened.headers["Location"])
        browser.post(opened.headers["Location"], purpose="call")
    browser.get(path)
    return browser.page


def rows(house, enrolment):
    with inside("custody", house.folder), reading("registry") as connection:
        query = sa.select(MESSAGES).where(MESSAGES.c.enrolment == enrolment).order_by(MESSAGES.c.sent_at)
        return connection.execute(query).all()


def test_a_message_is_read_by_the_clinic_and_answered_and_each_side_knows(house, her, abe):
    enrolment = enrolment_of(house, her)
    write_to_clinic(her, WORDS)
    her.browser.get("/messages/")
    assert "Not read yet" in readable(her.browser.page)

    abe.get("/messages/")
    assert "1 participant waits" in readable(abe.page) and her.code in abe.page
    page = conversation(abe, enrolment)
    assert "&lt;b&gt;Knie&lt;/b&gt; {{ 7*7 }} שלום 🦋\nZweite Zeile" in page
    abe.post(f"/messages/{enrolment}", text=ANSWER)

    her.browser.get("/")
    assert "Your clinic has written to you" in readable(her.browser.page)
    her.browser.get("/messages/")
    shown = readable(her.browser.page)
    assert ANSWER in shown and "Nurse Abe" in shown and "Read by the clinic" in shown and "New" in shown
    her.browser.get("/")
    assert "Your clinic has written to you" not in readable(her.browser.page)
    assert "Read by the participant" in readable(conversation(abe, enrolment))
    abe.get("/messages/")
    assert "Answered" in readable(abe.page) and "Everything has been read" in readable(abe.page)


def test_nothing_of_a_message_stands_in_clear_anywhere(house, her, abe):
    canary = "Nebelkraehe-4T7"
    write_to_clinic(her, canary)
    enrolment = enrolment_of(house, her)
    assert canary in conversation(abe, enrolment)
    abe.post(f"/messages/{enrolment}", text=f"{canary} gelesen")
    her.browser.get("/messages/")
    # Shown again with what is to be put right, which must leave nothing behind either.
    write_to_clinic(her, canary + "x" * LONGEST, status=422)

    assert canary in her.browser.page and TOO_LONG in readable(her.browser.page)
    assert traces(canary, [house.folder]) == []
    assert all(row.sealed and len(row.sealed) - 1150 in SIZES for row in rows(house, enrolment))


def test_a_page_sent_twice_is_one_message(house, her):
    her.browser.get("/messages/")
    page = her.browser.page
    her.browser.post("/messages/", text="Nur einmal")
    before = len(rows(house, enrolment_of(house, her)))

    her.browser.page = page
    her.browser.post("/messages/", text="Nur einmal")

    assert len(rows(house, enrolment_of(house, her))) == before


def test_another_site_finds_no_conversation_and_cannot_write(house, her, zoe):
    enrolment = enrolment_of(house, her)

    zoe.get("/messages/")
    assert "No messages yet" in readable(zoe.page)
    zoe.get(f"/messages/{enrolment}", status=404)
    zoe.get("/messages/")
    zoe.post(f"/messages/{enrolment}", text="Hallo", message=str(uuid4()), status=404)
    zoe.get(f"/messages/{uuid4()}", status=404)


def test_a_stuck_phone_is_stopped(house):
    other = join(house)

    for _ in range(20):
        write_to_clinic(other, "ping")

    write_to_clinic(other, "ping", status=429)


def test_who_has_left_can_still_write_and_read(house, abe):
    other = join(house)
    enrolment = enrolment_of(house, other)
    other.browser.get("/leave/study/stop")
    other.browser.post("/leave/study/stop", word="STOP")
    house.work()

    write_to_clinic(other, "Was geschieht mit meiner Akte?")
    conversation(abe, enrolment)
    abe.post(f"/messages/{enrolment}", text="Sie bleibt bei uns.")

    other.browser.get("/messages/")
    assert "Sie bleibt bei uns." in other.browser.page


def test_erasing_takes_the_messages_along_and_nobody_writes_into_the_void(house, abe):
    other = join(house)
    enrolment = enrolment_of(house, other)
    write_to_clinic(other, "Bald ist alles fort.")
    conversation(abe, enrolment)
    other.browser.get("/leave/study/erase")
    other.browser.post("/leave/study/erase", word="ERASE", alert="hand_over")

    abe.get("/messages/")
    abe.post(f"/messages/{enrolment}", text="Noch da?", message=str(uuid4()), status=410)
    house.work()

    assert rows(house, enrolment) == []
    abe.get(f"/messages/{enrolment}", status=410)
    again = other.sign_in(house.browser("intake"))
    again.get("/messages/", status=410)


def test_the_trail_tells_who_wrote_and_read_and_never_what(house):
    events = AUDIT_EVENTS["registry"].c
    with inside("custody", house.folder), reading("registry") as connection:
        told = connection.execute(
            sa.select(events.action, events.actor_kind, events.detail).where(events.action.like("message:%"))
        ).all()

    assert {(row.action, row.actor_kind) for row in told} == {
        (action, who) for action in ("message:send", "message:read") for who in ("participant", "clinician")
    }
    assert all(not re.search("Knie|Monday|Akte", row.detail) for row in told)


def test_a_message_opens_at_the_desk_with_the_name_of_its_writer(house, her, abe):
    opened = desk_of(house).messages(pass_of(abe), enrolment_of(house, her))

    assert [one.by for one in opened[:2]] == ["participant", "Nurse Abe"]
    assert opened[0].text == WORDS and ANSWER not in repr(opened)


@pytest.mark.parametrize("typed", ["", "  \r\n ", "x" * (LONGEST + 1), "null\x00byte", "lone \ud800 half"])
def test_what_cannot_be_sent_is_refused_at_the_field(typed):
    with pytest.raises(Invalid) as refusal:
        read_text(typed)

    assert refusal.value.problems.keys() == {"text"}


@pytest.mark.parametrize("letter", ["a", "\\", '"', "é", "שׁ", "🦋", "\n"])
def test_the_longest_message_fits_in_any_script(letter):
    text = "x" + letter * (LONGEST // len(letter) - 2) + "x"

    row = sealed_message(
        uuid4(), uuid4(), read_text(text), by="🦋" * 80, account=uuid4(), to=new_pair().public, study="MCP-1", now=None
    )

    assert len(row["sealed"]) - 1150 == SIZES[-1] or letter in "a"
