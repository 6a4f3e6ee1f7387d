"""Consent from the first signature to the last: receipt, signed copy, a new version by two people, leaving, erasure."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.custody.consent_copies import actions as copying
from studyportal.custody.consent_forms import actions as deciding
from studyportal.custody.opening.key_file import load_keys
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen, Conflict, Invalid, NotAllowed, Refusal
from studyportal.paper import examined
from studyportal.portal.inside import inside
from studyportal.protocol import load_protocol
from studyportal.protocol.versions import in_every_language
from studyportal.registry.consents import consent_records
from studyportal.registry.form_tables import CONSENT_COPIES, CONSENT_FORMS
from studyportal.registry.sharing import who_shares
from studyportal.registry.tables import ENROLMENTS
from studyportal.web.sign_in.tables import SIGN_IN
from tests.journeys.cast import join
from tests.journeys.consenting import amended, in_force, proposed
from tests.journeys.house import House, readable

DOCUMENT = """\
study: {code: NS-1, title: North study, version: "1.0"}
disclosure: {threshold: 11, rounding: 5}
consent:
  version: "1"
  title: Taking part
  sections:
    - {heading: Why, body: To learn.}
  scopes:
    study: {ask: I take part., required: true}
    sharing: {ask: Researchers may use my answers., shares: true}
    recontact: {ask: You may ask me later.}
  withdrawal: [stop, remove, erase]
instruments:
  evening:
    title: Evening diary
    schedule: {every: 1 day, opens: "17:00", for: 10 hours, grace: 12 hours}
    items:
      calm: {ask: Were you calm?, kind: yes_no, release: keep}
"""
KIM, LEE, OLD = "Kim Berg", "Lee Holm", "Old Hand"
# What may stand in a text: other directions, other planes, what looks like markup or a formula, and very much of it.
WILD = "שלום \u202etxet\u202c \U0001f600 <script>alert(1)</script> =HYPERLINK(1) " + "Donaudampfschiff " * 270


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("consent"), document=DOCUMENT)
    house.run("site", "add", "NS", "Northside")
    for name in (KIM, LEE, OLD):
        house.account(name, "custodian")
    house.account("Nurse Abe", "clinician", "--site", "NS")
    yield house
    house.close()


@pytest.fixture(scope="module")
def her(house):
    """Somebody who takes part from the beginning."""
    return join(house)


def enrolment_of(house, somebody):
    with inside("custody", house.folder), reading("registry") as connection:
        return connection.scalar(sa.select(ENROLMENTS.c.id).where(ENROLMENTS.c.participant_code == somebody.code))


def consents(house, somebody):
    id = enrolment_of(house, somebody)
    with inside("custody", house.folder), reading("registry") as connection:
        return consent_records(connection, id)


def spoken(house):
    return in_every_language(load_protocol(house.folder / "protocol.yaml"))


def signed_in_again(house, somebody):
    browser = house.browser("intake")
    browser.get("/sign-in")
    browser.post("/sign-in", code=somebody.code, passphrase=somebody.passphrase)
    return browser


def custodian(house, name):
    with inside("custody", house.folder), reading("keyring") as connection:
        accounts = SIGN_IN["keyring"].accounts
        return connection.scalar(sa.select(accounts.c.id).where(accounts.c.shown_name == name))


def act(house, what, *arguments, by, **more):
    with inside("custody", house.folder):
        return what(*arguments, **more, custodian=custodian(house, by), now=datetime.now(UTC))


def put(house, id, *, by):
    return act(house, deciding.put_into_force, id, spoken(house), by=by, read=deciding.reading_mark(spoken(house)))


def test_the_receipt_is_there_at_once_and_the_signed_copy_after_custodys_worker(house, her):
    (record,) = consents(house, her)

    her.browser.get("/consent")
    before = readable(her.browser.page)
    receipt = her.browser.get(f"/consent/{record.id}/receipt.json").json
    her.browser.get(f"/consent/{record.id}/copy.pdf", status=503)
    house.work()
    pdf = her.browser.get(f"/consent/{record.id}/copy.pdf").data
    her.browser.get("/consent")

    assert "Your signed copy is being made. Come back in a few minutes" in before
    assert receipt["consent"]["form_version"] == "1" and receipt["consent"]["scopes"] == ["sharing", "study"]
    assert "Signed copy (PDF)" in readable(her.browser.page)
    public = load_keys(house.folder / "custody-keys.json").public
    verdict = examined(pdf, public)
    assert (verdict.by, verdict.kind, verdict.is_whole) == ("custody", "Signed consent", True)
    with pytest.raises((CannotOpen, Invalid)):
        examined(pdf.replace(b"Signed consent", b"Signed nothing"), public)


def test_papers_are_for_their_signer_alone_and_a_stranger_learns_nothing(house, her):
    (record,) = consents(house, her)
    him = join(house)

    for paper in ("copy.pdf", "receipt.json"):
        him.browser.get(f"/consent/{record.id}/{paper}", status=404)
        him.browser.get(f"/consent/{uuid4()}/{paper}", status=404)
    with inside("custody", house.folder), reading("registry") as connection:
        stored = connection.scalars(sa.select(CONSENT_COPIES.c.sealed)).all()

    assert stored and not any(b"%PDF" in one or her.code.encode() in one for one in stored)


def test_a_copy_is_made_once_and_only_of_what_the_participant_signed(house, her, monkeypatch):
    (record,) = consents(house, her)
    with inside("custody", house.folder) as settings:
        means = copying.Means(
            keys=load_keys(settings.key_file),
            protocol=house.protocol,
            address="http://localhost:8000/verify",
            synthetic=False,
            actor=copying.Actor("custody", "worker", "worker"),
            now=datetime.now(UTC),
        )
        copying.make_copy(record.id, means)
        with reading("registry") as connection:
            count = sa.select(sa.func.count()).where(CONSENT_COPIES.c.consent == record.id)
            made = connection.scalar(count)
        monkeypatch.setattr(copying, "sealed_copy", lambda *_: None)
        monkeypatch.setattr(copying, "consent_public_at", lambda *_: bytes(31) + b"\1")
        with pytest.raises(CannotOpen):
            copying.make_copy(record.id, means)

    assert made == 1


def test_nothing_can_be_proposed_while_the_document_says_what_is_in_force(house):
    with pytest.raises(Conflict, match="in force already"):
        act(house, deciding.propose, spoken(house), by=KIM, read=deciding.reading_mark(spoken(house)))


@pytest.fixture(scope="module")
def second(house, her):
    """The document has a second version, with a wild section, and diaries pause until it is signed."""
    amended(
        house,
        version="1.1",
        form="2",
        replacing=(
            "  withdrawal: [stop, remove, erase]",
            "  withdrawal: [stop, remove, erase]\n  until_signed: pause",
        ),
    )
    amended(
        house,
        version="1.2",
        form="3",
        replacing=("    - {heading: Why", f'    - heading: Wild\n      body: "{WILD}"\n    - {{heading: Why'),
    )
    return house


def test_an_amended_text_changes_nothing_until_two_people_put_it_into_force(second, her):
    browser = signed_in_again(second, her)

    browser.get("/")
    newcomer = join(second)

    assert "waits for your signature" not in readable(browser.page)
    assert consents(second, newcomer)[0].form_version == "1"


def test_two_custodians_read_the_text_as_participants_see_it_and_put_it_into_force(second, her):
    house = second
    kim, lee = (house.signed_in("custody", name, house.passphrases[name]) for name in (KIM, LEE))

    kim.get("/consent-forms/")
    kim.get("/consent-forms/propose")
    text = re.search(r'<article class="consent".*?</article>', kim.page, re.DOTALL)[0]
    kim.post("/consent-forms/propose", word="propos", status=422)
    kim.follow(kim.post("/consent-forms/propose", word="PROPOSE"))
    (address,) = set(re.findall(r'href="(/consent-forms/[0-9a-f-]{36})"', kim.page))
    kim.get(address)
    assert "another custodian puts it into force" in readable(kim.page) and "data-confirm" not in kim.page
    lee.get(address)
    assert "Compared with version 1" in readable(lee.page) and "Wild" in readable(lee.page)
    lee.follow(lee.post(address, word="IN FORCE"))

    assert "Version 3 is in force" in readable(lee.page)
    assert "&lt;script&gt;" in text and "<script>" not in text
    browser = signed_in_again(house, her)
    browser.get("/consent/new")
    assert re.search(r'<article class="consent".*?</article>', browser.page, re.DOTALL)[0] == text


def test_who_takes_part_is_on_the_clinics_list_and_their_diary_waits(second, her):
    browser = signed_in_again(second, her)
    clinic = second.signed_in("clinic", "Nurse Abe", second.passphrases["Nurse Abe"])

    browser.get("/")
    clinic.get("/?kind=consent")

    assert "Your diary waits for your signature" in readable(browser.page)
    assert browser.get("/diary/evening/1", status=303).location.endswith("/consent/new")
    assert her.code in readable(clinic.page) and "Consent form 3 to be signed" in readable(clinic.page)


def test_a_diary_told_on_the_phone_waits_for_the_signature_too(second, her):
    clinic = second.signed_in("clinic", "Nurse Abe", second.passphrases["Nurse Abe"])
    enrolment = enrolment_of(second, her)

    clinic.get(f"/participants/{enrolment}/forms")
    page = readable(clinic.page)
    clinic.get(f"/participants/{enrolment}/forms/evening/1", status=409)

    assert "they have not signed it yet" in page and "Take by phone" not in page
    assert "they have not signed it yet" in readable(clinic.page)


def test_an_entry_of_somebody_who_is_paused_is_refused_and_taken_after_the_signature(second):
    house = second
    him = join(house)  # joins with version 3
    device = house.browser("intake").send("POST", "/api/devices", {"code": him.code, "passphrase": him.passphrase})

    took = house.browser("intake").send("GET", "/api/enrolment", None, token=device.json["token"])

    assert took.json["takes_entries"] is True
    assert consents(house, him)[0].form_version == "3"


def test_signing_anew_takes_nothing_over_and_ends_the_waiting(second, her):
    house = second
    browser = signed_in_again(house, her)
    id = enrolment_of(house, her)

    browser.get("/consent/new")
    choices = {"scope__study": "yes", "scope__sharing": "no", "scope__recontact": "no"}
    browser.post("/consent/new", status=422, **choices, passphrase="not my words")
    browser.post("/consent/new", status=422, **choices | {"scope__study": "no"}, passphrase=her.passphrase)
    browser.follow(browser.post("/consent/new", **choices, passphrase=her.passphrase))
    told = readable(browser.page)
    house.work()
    browser.get("/")

    assert "Form" in told and "version 3" in told and "Before that" in told
    assert "waits for your signature" not in readable(browser.page)
    newest, *_ = consents(house, her)
    pdf = browser.get(f"/consent/{newest.id}/copy.pdf").data
    assert examined(pdf, load_keys(house.folder / "custody-keys.json").public).is_whole
    with inside("custody", house.folder), reading("registry") as connection:
        form = load_protocol(house.folder / "protocol.yaml").consent
        assert id not in who_shares(connection, sharing=form.sharing, required=form.required)
    browser.get("/consent/new", status=303)


def test_what_was_taken_back_before_can_be_taken_back_again_after_agreeing_anew(second):
    house = second
    him = join(house)
    him.browser.get("/leave/sharing/stop")
    him.browser.post("/leave/sharing/stop", word="STOP")
    him.browser.get("/leave/sharing/stop")
    him.browser.post("/leave/sharing/stop", word="STOP", status=409)
    amended(house, version="1.3", form="4")
    in_force(house, by=(KIM, LEE))
    browser = signed_in_again(house, him)

    browser.get("/consent/new")
    choices = {"scope__study": "yes", "scope__sharing": "yes", "scope__recontact": "no"}
    browser.post("/consent/new", **choices, passphrase=him.passphrase)
    browser.get("/leave/sharing/stop")
    browser.post("/leave/sharing/stop", word="STOP")

    browser.get("/leave/sharing/stop")
    browser.post("/leave/sharing/stop", word="STOP", status=409)


def test_nobody_puts_their_own_proposal_into_force_neither_by_another_account_nor_past_the_actions(second):
    house = second
    amended(house, version="1.4", form="5")
    house.account("berg kim", "custodian")
    id = proposed(house, KIM)

    for name in (KIM, "berg kim"):
        with pytest.raises(NotAllowed, match="Another custodian"):
            put(house, id, by=name)
    with inside("custody", house.folder):
        kim = {"in_force_by": custodian_here(KIM), "in_force_at": datetime.now(UTC), "is_open": None}
        with pytest.raises(sa.exc.DBAPIError), writing("registry") as connection:
            connection.execute(sa.update(CONSENT_FORMS).where(CONSENT_FORMS.c.id == id).values(kim))


def custodian_here(name):
    with reading("keyring") as connection:
        accounts = SIGN_IN["keyring"].accounts
        return connection.scalar(sa.select(accounts.c.id).where(accounts.c.shown_name == name))


def test_an_ended_role_neither_decides_nor_proposes(second):
    house = second
    with inside("custody", house.folder), reading("registry") as connection:
        id = connection.scalar(sa.select(CONSENT_FORMS.c.id).where(CONSENT_FORMS.c.is_open))
    house.run("staff", "end", OLD, "--role", "custodian")

    for what in (lambda: put(house, id, by=OLD), lambda: act(house, deciding.drop, id, by=OLD)):
        with pytest.raises(NotAllowed, match="in use"):
            what()


def test_of_two_at_once_one_decides(second):
    house = second
    house.account("Fourth Person", "custodian")
    with inside("custody", house.folder), reading("registry") as connection:
        id = connection.scalar(sa.select(CONSENT_FORMS.c.id).where(CONSENT_FORMS.c.is_open))

    def tried(name):
        try:
            return put(house, id, by=name)
        except Refusal as refusal:
            return type(refusal)

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(tried, (LEE, "Fourth Person")))

    assert sorted(outcomes, key=str) == sorted(["5", Conflict], key=str)


def test_a_proposal_that_the_document_has_overtaken_is_refused_and_can_fall(second):
    house = second
    amended(house, version="1.5", form="6")
    id = proposed(house, KIM)
    with pytest.raises(Conflict, match="waits already"):
        proposed(house, LEE)
    amended(house, version="1.6", form="7")

    with pytest.raises(Conflict, match="changed since this was proposed"):
        put(house, id, by=LEE)
    with pytest.raises(Conflict, match="changed since you opened"):
        act(house, deciding.put_into_force, id, spoken(house), by=LEE, read="6 of yesterday")
    assert act(house, deciding.drop, id, by=KIM) == "6"
    with pytest.raises(Conflict, match="does not wait"):
        act(house, deciding.drop, id, by=KIM)


def test_an_erasure_takes_the_copies_along(second):
    house = second
    him = join(house)
    house.work()
    id = enrolment_of(house, him)
    him.browser.get("/leave/study/erase")
    him.browser.post("/leave/study/erase", word="ERASE")

    house.work()

    with inside("custody", house.folder), reading("registry") as connection:
        left = connection.scalars(sa.select(CONSENT_COPIES.c.consent).where(CONSENT_COPIES.c.enrolment == id)).all()
        told = {row.action for row in connection.execute(sa.select(AUDIT_EVENTS["registry"].c.action))}
    assert left == []
    assert {"consent:begin", "consent:propose", "consent:put", "consent:drop", "consent:renew", "consent:copy"} <= told
