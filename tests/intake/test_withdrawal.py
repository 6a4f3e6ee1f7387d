"""Leaving: what is offered, what it ends at once, what it asks custody to do."""

from datetime import timedelta

import pytest

from studyportal import outbox
from studyportal.database import reading, writing
from studyportal.errors import Conflict, NotFound
from studyportal.intake.enrolment.sign_in import add_device
from studyportal.intake.withdrawal.actions import withdraw
from studyportal.intake.withdrawal.consequences import (
    CONSEQUENCES,
    INSTEAD,
    STRENGTHS,
    choices,
    instead,
    is_covered,
    kind_of,
)
from studyportal.registry.consents import withdrawals_of
from studyportal.registry.sharing import who_shares
from studyportal.web.here import here
from tests.intake.conftest import NOW, Browser, hidden, inside
from tests.intake.test_api import entry


def test_every_choice_for_the_study_is_explained_and_erasing_is_for_the_whole_study_only(protocol):
    offered = {
        (kind_of(scope), strength)
        for scope in protocol.consent.scopes.values()
        for strength, _ in choices(protocol.consent, scope)
    }

    assert offered <= set(CONSEQUENCES)
    assert {strength for kind, strength in CONSEQUENCES if kind == "study"} == set(STRENGTHS)
    assert {kind for kind, strength in CONSEQUENCES if strength == "erase"} == {"study"}
    assert all(words.sentences and words.undone for words in CONSEQUENCES.values())


KINDS = {"study": "study", "sharing": "sharing", "other": "recontact"}
# Scope and strength -> whether the diary goes on, and which answers are shared then: all, those of before, or none.
CELLS = {
    ("study", "stop"): (False, "before"),
    ("study", "remove"): (False, "none"),
    ("study", "erase"): (False, "none"),
    ("sharing", "stop"): (True, "before"),
    ("sharing", "remove"): (True, "none"),
    ("other", "stop"): (True, "all"),
}


def test_every_scope_and_strength_is_offered_or_says_what_to_choose_instead(protocol):
    whole = {(kind, strength) for kind in KINDS for strength in STRENGTHS}

    assert set(CONSEQUENCES) | set(INSTEAD) == whole
    assert not set(CONSEQUENCES) & set(INSTEAD)
    assert set(CONSEQUENCES) == set(CELLS)
    assert {kind_of(scope) for scope in protocol.consent.scopes.values()} == set(KINDS)
    assert len(instead(protocol.consent, protocol.consent.scopes["recontact"])) == 1


@pytest.mark.parametrize(("kind", "strength"), CELLS)
def test_each_scope_and_strength_does_what_its_cell_says(study, kind, strength):
    goes_on, shared = CELLS[kind, strength]
    form, claimed = study.protocol.consent, study.participant(scopes=("study", "sharing", "recontact"))

    withdraw(claimed.enrolment, KINDS[kind], strength, form=form, now=NOW + timedelta(hours=1))

    with reading("registry", enrolment=claimed.enrolment) as connection:
        has_left = any(row.scope in form.required for row in withdrawals_of(connection, claimed.enrolment))
    with reading("registry") as connection:
        share = who_shares(connection, sharing=form.sharing, required=form.required).get(claimed.enrolment)
    assert has_left is not goes_on
    assert ("none" if share is None else "all" if share.until is None else "before") == shared


def test_a_withdrawal_is_kept_once_and_asks_custody(study):
    claimed = study.participant()

    id = withdraw(claimed.enrolment, "sharing", "remove", form=study.protocol.consent, now=NOW)
    with pytest.raises(Conflict):
        withdraw(claimed.enrolment, "sharing", "remove", form=study.protocol.consent, now=NOW)

    with reading("registry", enrolment=claimed.enrolment) as connection:
        (row,) = withdrawals_of(connection, claimed.enrolment)
    with writing("registry") as connection:
        work = outbox.lease(connection, "registry", ["withdraw"], now=NOW)
    assert (row.id, row.scope, row.strength) == (id, "sharing", "remove")
    assert work.payload == {"withdrawal": str(id)}


def test_a_clock_that_was_set_back_does_not_undo_a_withdrawal(study):
    form = study.protocol.consent
    claimed = study.participant()

    withdraw(claimed.enrolment, "sharing", "remove", form=form, now=NOW - timedelta(hours=1))

    with reading("registry") as connection:
        assert who_shares(connection, sharing=form.sharing, required=form.required) == {}


@pytest.mark.parametrize(
    ("scope", "strength"), [("recontact", "stop"), ("sharing", "erase"), ("nothing", "stop"), ("study", "burn")]
)
def test_what_is_not_offered_or_was_not_agreed_to_is_not_there(study, scope, strength):
    claimed = study.participant(scopes=("study", "sharing"))

    with pytest.raises(NotFound):
        withdraw(claimed.enrolment, scope, strength, form=study.protocol.consent, now=NOW)


@pytest.mark.parametrize(
    ("taken", "scope", "strength", "covered"),
    [
        (("study", "stop"), "study", "stop", True),
        (("study", "stop"), "study", "remove", False),
        (("study", "stop"), "sharing", "stop", True),
        (("study", "stop"), "sharing", "remove", False),
        (("study", "erase"), "study", "remove", True),
        (("study", "erase"), "sharing", "remove", True),
        (("study", "erase"), "recontact", "stop", False),
        (("sharing", "remove"), "study", "stop", False),
        (("sharing", "remove"), "sharing", "stop", True),
    ],
)
def test_what_was_chosen_covers_what_is_weaker(protocol, taken, scope, strength, covered):
    form = protocol.consent

    assert is_covered(form, form.scopes[scope], strength, {taken}) is covered


def test_what_is_covered_is_neither_offered_nor_taken(signed_in):
    app, browser, claimed = signed_in

    browser.post("/leave/study/remove", {"word": "REMOVE"})

    page = browser.get("/leave").text
    assert "/leave/study/erase" in page
    assert "/leave/study/stop" not in page and "/leave/sharing/" not in page
    with pytest.raises(Conflict):
        inside(app, withdraw, claimed.enrolment, "study", "stop", form=here(app).protocol.consent, now=NOW)


@pytest.fixture
def signed_in(room):
    study, app = room
    claimed, browser = inside(app, study.participant), Browser(app)
    browser.sign_in(claimed)
    return app, browser, claimed


def test_after_stopping_nothing_new_is_taken_and_the_own_course_stays(signed_in):
    app, browser, claimed = signed_in
    page = browser.get("/diary/evening/1").text
    device = inside(app, add_device, claimed.enrolment, claimed.root, now=NOW).token

    done = browser.post("/leave/study/stop", {"word": "stop"}, follow_redirects=True)

    assert "What you chose holds from this moment" in done.text
    refused = browser.post("/diary/evening/1", hidden(page) | {"pain_average": "4"}, page=page)
    assert refused.status_code == 410
    assert "You have left the study" in refused.text
    assert browser.json("/api/entries", entry(), token=device).status_code == 410
    assert browser.get("/diary/evening/1").status_code == 410
    assert "You have left the study" in browser.get("/").text
    assert browser.get("/course").status_code == 200


def test_leaving_one_scope_of_sharing_does_not_end_the_diary(signed_in):
    _, browser, _ = signed_in

    browser.post("/leave/sharing/remove", {"word": "REMOVE"})

    page = browser.get("/diary/evening/1").text
    assert browser.post("/diary/evening/1", hidden(page) | {"pain_average": "4"}, page=page).status_code == 303


def test_the_word_must_be_typed(signed_in):
    _, browser, _claimed = signed_in

    refused = browser.post("/leave/study/erase", {"word": "yes"})

    assert refused.status_code == 422
    assert "Type ERASE to confirm" in refused.text


def test_erasing_ends_every_session_and_device(signed_in):
    app, browser, claimed = signed_in
    device = inside(app, add_device, claimed.enrolment, claimed.root, now=NOW).token

    gone = browser.post("/leave/study/erase", {"word": "ERASE"})

    assert gone.status_code == 303
    assert gone.headers["Clear-Site-Data"]
    assert browser.get("/course").status_code == 401
    assert browser.json("/api/entries", entry(), token=device).status_code == 401
    assert "being erased" in browser.get(gone.location).text
