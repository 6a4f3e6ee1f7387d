"""New words for somebody who lost theirs: two people, a day, a code that works once; and everything that can go
wrong."""

import re
from datetime import UTC, datetime, timedelta
from itertools import product
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from studyportal import errors
from studyportal.audit import Actor
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.clinic.resets import actions
from studyportal.clinic.resets.checks import CHECKS
from studyportal.clinic.resets.views import LOOKS
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.reminders.looking import look_for_due
from studyportal.custody.resets.actions import carry_on
from studyportal.database import reading, writing
from studyportal.intake.resets import actions as intake
from studyportal.outbox.tables import OUTBOX
from studyportal.portal.inside import inside
from studyportal.registry.consent_statement import LABEL, statement_of
from studyportal.registry.passkeys import add_passkey, passkeys_of
from studyportal.registry.reset_states import (
    CODE_LASTS,
    CONFIRM_WITHIN,
    DELAY,
    FETCH_WITHIN,
    MEANWHILE,
    TRANSITIONS,
    has_lapsed,
    lapses_at,
    state_after,
)
from studyportal.registry.reset_tables import FORMER_CONSENT_KEYS, PASSPHRASE_RESETS, RUNNING, STATES
from studyportal.registry.resets import consent_public_at, reset
from studyportal.registry.tables import CONSENT_RECORDS
from studyportal.sealing.signatures import verify
from tests.clinic.desk_cast import enrolment_of
from tests.journeys.canary import traces
from tests.journeys.cast import BASELINE, join, write
from tests.journeys.house import House, readable

NOW = datetime.now(UTC)
WORKER = Actor("custody", "worker", "worker")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("resets"))
    house.run("site", "add", "NS", "Northside")
    house.run("site", "add", "SS", "Southside")
    yield house
    house.close()


@pytest.fixture(scope="module")
def abe(house):
    return house.staff("clinic", "Nurse Abe", "clinician", "--site", "NS")


@pytest.fixture(scope="module")
def cora(house):
    return house.staff("clinic", "Cora", "coordinator", "--site", "NS")


@pytest.fixture(scope="module")
def zoe(house):
    return house.staff("clinic", "Nurse Zoe", "clinician", "--site", "SS")


def ask(browser, enrolment):
    browser.get(f"/resets/new/{enrolment}")
    asked = browser.post(f"/resets/new/{enrolment}", check="known")
    return asked.headers["Location"].rsplit("/", 1)[1]


def confirm(browser, id, *, status=303):
    browser.get(f"/resets/{id}")
    return browser.post(f"/resets/{id}/confirm", check="document", status=status)


def wait(house, id, *, now):
    """Let custody begin the day as if it were then."""
    with inside("custody", house.folder) as settings:
        keys = load_keys(settings.key_file)
        carry_on(UUID(str(id)), keys=keys, study=house.protocol.study.code, actor=WORKER, now=now)


def code_of(browser, id):
    browser.get(f"/resets/{id}")
    browser.post(f"/resets/{id}/code", status=200)
    return re.search(r'class="once">([^<]+)<', browser.page)[1]


def until_code(house, her, first, second):
    """Everything up to a code in her hand: the request's id and the code."""
    id = ask(first, enrolment_of(house, her))
    confirm(second, id)
    wait(house, id, now=datetime.now(UTC) - DELAY)
    return id, code_of(second, id)


def new_words(house, her, code):
    """What she does at home; her new words."""
    home = house.browser("intake")
    home.get("/new-words/")
    home.post("/new-words/", code=her.code, reset_code=code, status=200)
    words = " ".join(re.findall(r"<li>([a-z-]+)</li>", home.page))
    home.post("/new-words/keep", status=200)
    home.post("/new-words/keep", passphrase=words)
    return words


def row_of(house, id):
    with inside("custody", house.folder), reading("registry") as connection:
        return reset(connection, UUID(str(id)))


def test_for_a_day_the_participant_is_told_on_every_page_and_nobody_is_given_a_code(house, abe, cora):
    her = join(house)
    id = ask(abe, enrolment_of(house, her))
    abe.get(f"/resets/{id}")
    assert "Waits for a second person" in readable(abe.page)

    confirm(cora, id)
    house.work()

    cora.get(f"/resets/{id}")
    assert "The participant can stop it" in readable(cora.page)
    for page in ("/", "/course", "/messages/", "/sessions"):
        her.browser.get(page)
        assert "Your clinic was told that you have lost your six words" in readable(her.browser.page)
    cora.post(f"/resets/{id}/code", status=303)
    row = row_of(house, id)
    assert row.state == "waiting" and row.code_hash is None
    assert row.ready_at - row.confirmed_at >= DELAY


def be_reminded(house, her) -> str:
    """Reminders by mail and in a calendar; the calendar's address."""
    with inside("custody", house.folder):
        look_for_due(house.protocol, {"mail": {}}, now=datetime.now(UTC))
    her.browser.get("/reminders")
    her.browser.follow(her.browser.post("/reminders/address", address="ada@home.example"))
    her.browser.post("/reminders/calendar", status=200)
    return re.search(r"/calendar/[\w-]+\.ics", her.browser.page)[0]


def test_two_people_a_day_and_a_code_lead_to_new_words_that_read_what_was_written(house, abe, cora):
    her = join(house)
    write(her, "baseline", BASELINE)
    house.work()
    device = her.browser.send("POST", "/api/devices", {"code": her.code, "passphrase": her.passphrase}).json["token"]
    calendar = be_reminded(house, her)
    elsewhere = her.sign_in(house.browser("intake"))
    with inside("custody", house.folder), writing("registry") as connection:
        kept = {"credential": b"hers", "public_key": b"key", "uses": 0}
        add_passkey(connection, uuid4(), enrolment_of(house, her), device="phone", **kept, now=NOW)

    id, code = until_code(house, her, abe, cora)
    words = new_words(house, her, code)
    house.work()

    assert row_of(house, id).state == "done" and row_of(house, id).code_given is None
    house.browser("intake").get(calendar, status=404)
    elsewhere.get("/course", status=303)
    with inside("custody", house.folder), reading("registry") as connection:
        assert passkeys_of(connection, enrolment_of(house, her)) == []
    assert her.browser.send("GET", "/api/enrolment", None, token=device).status_code == 401
    old = house.browser("intake")
    old.get("/sign-in")
    old.post("/sign-in", code=her.code, passphrase=her.passphrase, status=401)
    new = house.browser("intake")
    new.get("/sign-in")
    new.post("/sign-in", code=her.code, passphrase=words)
    new.get("/course")
    assert "Fibromyalgia" in new.page and "cannot be opened" not in new.page
    new.get("/reminders")
    assert "ada@home.example" in new.page and "Make a calendar address" in new.page
    new.get("/messages/")
    assert "lost your six words" not in readable(new.page)
    assert traces(words, [house.folder]) == []
    assert "fault" not in house.run("audit", "verify").lower()


def test_a_consent_signed_with_the_old_words_stays_verifiable(house, abe, cora):
    her = join(house)
    enrolment = enrolment_of(house, her)
    _, code = until_code(house, her, abe, cora)
    new_words(house, her, code)
    house.work()

    with inside("custody", house.folder), reading("registry") as connection:
        record = connection.execute(sa.select(CONSENT_RECORDS).where(CONSENT_RECORDS.c.enrolment == enrolment)).one()
        then = consent_public_at(connection, enrolment, record.agreed_at)
        now = consent_public_at(connection, enrolment, datetime.now(UTC))
        kept = connection.scalars(
            sa.select(FORMER_CONSENT_KEYS.c.public).where(FORMER_CONSENT_KEYS.c.enrolment == enrolment)
        ).all()

    assert kept == [then] and then != now
    statement = statement_of(record, house.protocol.study.code)
    verify(LABEL, statement, record.signature, public=then)
    with pytest.raises(errors.CannotOpen):
        verify(LABEL, statement, record.signature, public=now)


def test_nobody_confirms_their_own_request(house, abe, cora):
    id = ask(abe, enrolment_of(house, join(house)))

    abe.get(f"/resets/{id}")
    assert "You cannot do both" in readable(abe.page)
    abe.post(f"/resets/{id}/confirm", check="document", status=403)
    confirm(cora, id)

    assert row_of(house, id).state == "confirmed"


def test_of_two_who_ask_or_confirm_at_once_one_is_told_of_the_other(house, abe, cora):
    her = join(house)
    enrolment = enrolment_of(house, her)
    first = ask(abe, enrolment)
    with inside("clinic", house.folder), pytest.raises(errors.Conflict, match="on their way"):
        actions.ask(enrolment, "known", site="NS", account=uuid4(), actor=WORKER, now=datetime.now(UTC))
    confirm(cora, first)

    with inside("clinic", house.folder), pytest.raises(errors.Conflict, match="confirmed this already"):
        actions.confirm(UUID(first), "known", site="NS", account=uuid4(), actor=WORKER, now=datetime.now(UTC))
    cora.get(f"/resets/new/{enrolment}", status=303)


def test_another_site_finds_nothing(house, abe, zoe):
    enrolment = enrolment_of(house, join(house))
    id = ask(abe, enrolment)

    zoe.get("/resets/")
    assert "Nobody needs new words" in readable(zoe.page)
    for path in (f"/resets/{id}", f"/resets/new/{enrolment}"):
        zoe.get(path, status=404)
    zoe.get("/resets/")
    for path in (f"/resets/{id}/stop", f"/resets/{id}/code"):
        zoe.post(path, status=404)


def test_a_check_has_to_be_chosen(house, abe):
    enrolment = enrolment_of(house, join(house))
    abe.get(f"/resets/new/{enrolment}")

    abe.post(f"/resets/new/{enrolment}", status=422)
    assert "Choose how you made sure" in readable(abe.page)
    abe.post(f"/resets/new/{enrolment}", check="by_phone", status=422)


def test_a_participant_stops_what_they_did_not_ask_for_and_no_code_works_after_it(house, abe, cora):
    her = join(house)
    id, code = until_code(house, her, abe, cora)
    her.browser.get("/")

    her.browser.post("/new-words/stop")
    her.browser.get("/")

    assert "Stopped" in readable(her.browser.page) and "lost your six words" not in readable(her.browser.page)
    assert (row_of(house, id).state, row_of(house, id).ended_by) == ("cancelled", "participant")
    thief = house.browser("intake")
    thief.get("/new-words/")
    thief.post("/new-words/", code=her.code, reset_code=code, status=401)
    abe.get(f"/resets/{id}")
    assert "Stopped by the participant" in readable(abe.page)
    abe.post(f"/resets/{id}/code")
    assert row_of(house, id).state == "cancelled"
    her.browser.post("/new-words/stop")


def test_what_was_stopped_between_the_sheet_and_the_words_is_not_taken(house, abe, cora):
    her = join(house)
    id, code = until_code(house, her, abe, cora)
    home = house.browser("intake")
    home.get("/new-words/")
    home.post("/new-words/", code=her.code, reset_code=code, status=200)
    words = " ".join(re.findall(r"<li>([a-z-]+)</li>", home.page))
    home.post("/new-words/keep", status=200)
    cora.get(f"/resets/{id}")
    cora.post(f"/resets/{id}/stop")

    home.post("/new-words/keep", passphrase=words, status=409)

    her.sign_in(house.browser("intake")).get("/course")


def test_other_words_than_those_shown_are_refused(house, abe, cora):
    her = join(house)
    _, code = until_code(house, her, abe, cora)
    home = house.browser("intake")
    home.get("/new-words/")
    home.post("/new-words/", code=her.code, reset_code=code, status=200)
    home.post("/new-words/keep", status=200)

    home.post("/new-words/keep", passphrase="one two three four five six", status=422)
    home.post("/new-words/keep", passphrase="", status=422)
    home.post("/new-words/keep", offer="made up", passphrase="x", status=422)


def test_a_second_code_replaces_the_first_and_a_used_one_is_used(house, abe, cora):
    her = join(house)
    id, first = until_code(house, her, abe, cora)
    second = code_of(abe, id)
    home = house.browser("intake")
    home.get("/new-words/")

    home.post("/new-words/", code=her.code, reset_code=first, status=401)
    new_words(house, her, second)
    home.post("/new-words/", code=her.code, reset_code=second, status=401)
    her.browser.get("/")

    assert "being put into place now" in readable(her.browser.page)
    her.browser.post("/new-words/stop")
    house.work()
    assert row_of(house, id).state == "done"


def test_wrong_codes_are_counted_and_tell_nothing(house):
    unknown, known = [], []
    her = join(house)
    for number in range(11):
        for answers, code in ((unknown, "NS-AAAA-AAAA"), (known, her.code)):
            browser = house.browser("intake")
            browser.get("/new-words/")
            status = 401 if number < 10 else 429
            browser.post("/new-words/", code=code, reset_code="AAAA-AAAA-AAAA", status=status)
            answers.append(re.sub(r"this number: \w+", "", readable(browser.page)))

    assert unknown == known


def test_who_was_erased_meanwhile_stays_erased(house, abe, cora):
    her = join(house)
    id, code = until_code(house, her, abe, cora)
    house.work()
    her.browser.get("/leave/study/erase")
    her.browser.post("/leave/study/erase", word="ERASE", alert="hand_over")
    new_words(house, her, code)  # before custody has carried anything through

    house.work()

    assert (row_of(house, id).state, row_of(house, id).ended_by) == ("cancelled", "custody")
    assert row_of(house, id).salt is None
    again = house.browser("intake")
    again.get("/sign-in")
    again.post("/sign-in", code=her.code, passphrase=her.passphrase)
    abe.get(f"/resets/new/{enrolment_of(house, her)}")
    abe.post(f"/resets/new/{enrolment_of(house, her)}", check="known", status=410)


def test_who_has_stopped_can_still_have_new_words(house, abe, cora):
    her = join(house)
    her.browser.get("/leave/study/stop")
    her.browser.post("/leave/study/stop", word="STOP")
    id, code = until_code(house, her, abe, cora)

    new_words(house, her, code)
    house.work()

    assert row_of(house, id).state == "done"


def test_custody_believes_no_confirmation_by_an_account_that_is_no_staff_of_the_site(house, abe):
    id = ask(abe, enrolment_of(house, join(house)))
    with inside("clinic", house.folder):
        actions.confirm(UUID(id), "known", site="NS", account=uuid4(), actor=WORKER, now=datetime.now(UTC))

    house.work()

    assert (row_of(house, id).state, row_of(house, id).ended_by) == ("cancelled", "custody")


def test_custody_puts_nothing_into_place_before_the_day_is_over_or_with_another_code(house, abe, cora):
    for ready, code in ((DELAY / 2, None), (DELAY, "AAAA-AAAA-AAAA")):
        her = join(house)
        id = ask(abe, enrolment_of(house, her))
        confirm(cora, id)
        wait(house, id, now=datetime.now(UTC) - ready)
        _take_by_force(house, id, her, code)

        house.work()

        assert (row_of(house, id).state, row_of(house, id).ended_by) == ("cancelled", "custody")
        her.sign_in(house.browser("intake")).get("/course")


def _take_by_force(house, id, her, code):
    """What a clinic and an intake that somebody has taken over could write."""
    account = uuid4()
    with inside("clinic", house.folder):
        given = actions.hand_over(UUID(id), site="NS", account=account, actor=WORKER, now=datetime.now(UTC) + 2 * DELAY)
    with inside("intake", house.folder):
        intake.take(her.code, given, "one two three four five six", now=datetime.now(UTC))
    if code:
        with inside("custody", house.folder), writing("registry") as connection:
            forged = sa.update(PASSPHRASE_RESETS).where(PASSPHRASE_RESETS.c.id == UUID(id)).values(code_given=code)
            connection.execute(forged)


def test_the_handler_may_come_twice(house, abe, cora):
    her = join(house)
    id, code = until_code(house, her, abe, cora)
    words = new_words(house, her, code)
    house.work()

    for _ in range(2):
        wait(house, id, now=datetime.now(UTC))

    assert her.browser.get("/course", status=303)
    home = house.browser("intake")
    home.get("/sign-in")
    home.post("/sign-in", code=her.code, passphrase=words)
    home.get("/course")


def test_the_trail_and_the_outbox_hold_no_code_and_no_words(house):
    with inside("custody", house.folder), reading("registry") as connection:
        events = AUDIT_EVENTS["registry"].c
        details = connection.scalars(sa.select(events.detail).where(events.action.like("reset:%"))).all()
        payloads = connection.scalars(
            sa.select(OUTBOX["registry"].c.payload).where(OUTBOX["registry"].c.kind == "reset")
        ).all()

    assert set(details) <= {"{}", *(f'{{"check":"{check}"}}' for check in CHECKS)} or all(
        len(one) < 40 for one in details
    )
    assert all(re.fullmatch(r'\{"reset": "[0-9a-f-]{36}"\}', one) for one in payloads)


@pytest.mark.parametrize(("state", "act"), list(product(STATES, TRANSITIONS)))
def test_every_act_fits_its_states_and_no_other(state, act):
    allowed = TRANSITIONS[act].get(state)

    if allowed is None:
        with pytest.raises(errors.Conflict) as refusal:
            state_after(state, act)
        assert refusal.value.sentence == MEANWHILE[state]
    else:
        assert state_after(state, act) == allowed


def test_the_tables_of_states_are_whole():
    assert set(MEANWHILE) == set(STATES) == set(LOOKS) - {"ready"}
    assert {to for way in TRANSITIONS.values() for to in way.values()} == set(STATES) - {"asked"}
    assert {state for way in TRANSITIONS.values() for state in way} == set(RUNNING)
    assert set(PASSPHRASE_RESETS.c.keys()) >= {"asked_by", "confirmed_by"}


@pytest.mark.parametrize(
    ("state", "about", "lasts"),
    [("asked", "asked_at", CONFIRM_WITHIN), ("waiting", "ready_at", FETCH_WITHIN), ("code", "code_at", CODE_LASTS)],
)
def test_what_nobody_goes_on_with_lapses(state, about, lasts):
    row = SimpleNamespace(**{"state": state, about: NOW})

    assert lapses_at(row) == NOW + lasts
    assert not has_lapsed(row, now=NOW + lasts - timedelta(seconds=1))
    assert has_lapsed(row, now=NOW + lasts)


@pytest.mark.parametrize("state", sorted(set(STATES) - {"asked", "waiting", "code"}))
def test_nothing_else_lapses(state):
    assert lapses_at(SimpleNamespace(state=state)) is None
