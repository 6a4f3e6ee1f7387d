"""What a signature hangs on where a study document asks for it: questions about the text, a name, the clinic's
signature."""

import re
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
import sqlalchemy as sa

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.custody.opening.key_file import load_keys
from studyportal.database import reading
from studyportal.paper import examined
from studyportal.portal.inside import inside
from studyportal.registry.form_tables import CONSENT_NAMES, COUNTERSIGNATURES
from studyportal.registry.tables import ENROLMENTS
from tests.journeys.canary import traces
from tests.journeys.cast import join
from tests.journeys.house import on_postgresql, on_sqlite, readable
from tests.journeys.test_consent import DOCUMENT

ASKING = DOCUMENT.replace(
    "  scopes:",
    """\
  check:
    leaving:
      ask: When can you leave?
      choices: {end: At the end, any_time: At any time}
      right: any_time
      why: You can leave on any day of the study.
  name: required
  countersign: clinic
  until_countersigned: pause
  scopes:""",
)
NAME = "Zuleika Dröste-Hülshoff"
CHOICES = {"scope__study": "yes", "scope__sharing": "no", "scope__recontact": "no"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("signing") / "instance"
    with ExitStack() as stack:
        if request.param == "sqlite":
            house = stack.enter_context(on_sqlite(folder, document=ASKING))
        else:
            server = request.getfixturevalue("postgresql")
            house = stack.enter_context(on_postgresql(folder, server, document=ASKING))
        for code in ("NS", "SS"):
            house.run("site", "add", code, f"Site {code}")
            house.account(f"Nurse {code}", "clinician", "--site", code)
        house.account("Coordinator", "coordinator", "--site", "NS")
        yield house


@pytest.fixture(scope="module")
def her(house):
    """Somebody who has signed, with her name."""
    return join(house, name=f"  {NAME} ")


def enrolment_of(house, somebody):
    with inside("custody", house.folder), reading("registry") as connection:
        return connection.scalar(sa.select(ENROLMENTS.c.id).where(ENROLMENTS.c.participant_code == somebody.code))


def signed_in(house, name):
    return house.signed_in("clinic", name, house.passphrases[name])


def joining(house):
    """A browser at the consent form, and the words to sign it with."""
    browser = house.browser("intake")
    browser.get("/join")
    code = house.run("custody", "codes", "NS").split()[0]
    browser.post("/join", status=200, code=code)
    words = " ".join(re.findall(r"<li>([^<]+)</li>", re.search(r'id="words">(.*?)</ol>', browser.page, re.DOTALL)[1]))
    browser.post("/join/consent", status=200)
    return browser, words


def test_another_answer_is_explained_and_asked_again_and_nothing_of_it_is_kept(house):
    browser, words = joining(house)
    sent = CHOICES | {"zone": "UTC", "passphrase": words, "name": NAME}

    browser.post("/join/sign", status=422, check__leaving="end", **sent)
    wrong = readable(browser.page)
    browser.post("/join/sign", status=200, check__leaving="any_time", check="yes")
    looked_at = readable(browser.page)
    browser.post("/join/sign", status=422, **sent)
    missing = readable(browser.page)
    browser.follow(browser.post("/join/sign", check__leaving="any_time", **sent))

    assert "You can leave on any day of the study." in wrong and "One thing needs another look" in wrong
    assert "All clear" in looked_at and "needs another look" not in looked_at
    assert "Choose an answer. You may look it up in the text." in missing
    with inside("custody", house.folder), reading("registry") as connection:
        events = connection.execute(sa.select(AUDIT_EVENTS["registry"])).all()
    assert not any("check" in str(event._asdict()) or "leaving" in str(event._asdict()) for event in events)


@pytest.mark.parametrize("name", ["", "x" * 121, "Eve \u202eMallory"])
def test_a_name_that_cannot_be_printed_is_asked_again(house, name):
    browser, words = joining(house)

    browser.post(
        "/join/sign", status=422, check__leaving="any_time", zone="UTC", passphrase=words, name=name, **CHOICES
    )

    assert 'href="#name"' in browser.page


def test_the_diary_waits_until_a_clinician_of_the_site_has_countersigned(house, her):
    id, elsewhere, nurse = enrolment_of(house, her), signed_in(house, "Nurse SS"), signed_in(house, "Nurse NS")
    coordinator, address = signed_in(house, "Coordinator"), f"/participants/{enrolment_of(house, her)}/countersign"

    her.browser.get("/")
    waiting = readable(her.browser.page)
    her.browser.get("/consent")
    pending = readable(her.browser.page)
    (record,) = set(re.findall(r"/consent/([0-9a-f-]{36})/receipt", her.browser.page))
    refused = her.browser.get("/diary/evening/1", status=303).location
    house.work()
    her.browser.get(f"/consent/{record}/copy.pdf", status=503)
    assert "when your clinic has countersigned" in readable(her.browser.page)
    elsewhere.get(address, status=404)
    coordinator.get(address)
    assert "Tell one of them that it waits" in readable(coordinator.page)
    coordinator.post(address, status=403)
    nurse.get("/?kind=countersign")
    listed = readable(nurse.page)
    nurse.get(f"/participants/{id}/forms")
    by_phone = readable(nurse.page)
    nurse.get(address)
    nurse.post(address, statement="00" * 32)
    nurse.get(address)
    nurse.follow(nurse.post(address))
    her.browser.get("/")

    assert "Your diary waits for your clinic" in waiting and refused == "/"
    assert "Has not countersigned yet" in pending and "when your clinic has countersigned" in pending
    assert her.code in listed and "Consent form 1 to be countersigned" in listed and "Diary waits" in listed
    assert "has not been countersigned yet" in by_phone and "Take by phone" not in by_phone
    assert "Countersigned." in readable(nurse.page)
    assert "waits" not in readable(her.browser.page)
    nurse.get("/?kind=countersign")
    assert her.code not in readable(nurse.page)
    nurse.get(address, status=303)


def test_the_copy_names_both_who_signed_and_the_name_stands_nowhere_else(house, her):
    house.work()
    her.browser.get("/consent")
    (record,) = set(re.findall(r"/consent/([0-9a-f-]{36})/receipt", her.browser.page))
    receipt = her.browser.get(f"/consent/{record}/receipt.json").json["consent"]

    pdf = her.browser.get(f"/consent/{record}/copy.pdf").data

    assert examined(pdf, load_keys(house.folder / "custody-keys.json").public).is_whole
    said = " ".join("".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)).split())
    assert NAME in said and "Nurse NS" in said and "When can you leave?" in said and "At any time" in said
    assert receipt["check"] == "passed" and len(receipt["name_commitment"]) == 64 and NAME not in str(receipt)
    assert traces("Zuleika", [house.folder]) == []
    her.browser.get("/consent")
    assert "Countersigned by your clinic" in readable(her.browser.page) and NAME not in readable(her.browser.page)


def test_a_countersignature_is_given_once_and_an_erasure_takes_the_name_along(house, her):
    id = enrolment_of(house, her)
    her.browser.get("/leave/study/erase")
    her.browser.post("/leave/study/erase", word="ERASE")

    house.work()

    with inside("custody", house.folder), reading("registry") as connection:
        names = connection.scalars(sa.select(CONSENT_NAMES.c.consent).where(CONSENT_NAMES.c.enrolment == id)).all()
        signed = connection.execute(sa.select(COUNTERSIGNATURES).where(COUNTERSIGNATURES.c.enrolment == id)).one()
        told = connection.scalars(
            sa.select(AUDIT_EVENTS["registry"].c.action).where(
                AUDIT_EVENTS["registry"].c.object_id == str(signed.consent)
            )
        ).all()
    assert names == []
    assert signed.signer_name == "Nurse NS" and datetime.now(UTC) - signed.signed_at < timedelta(hours=1)
    assert told.count("consent:countersign") == 1
