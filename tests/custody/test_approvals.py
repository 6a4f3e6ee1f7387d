"""Who decides on a researcher's request, on what, and what becomes of the approval."""

from dataclasses import replace
from datetime import date, timedelta
from threading import Thread
from uuid import uuid4

import msgspec
import pytest
import sqlalchemy as sa

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.custody.approvals.actions import refuse
from studyportal.custody.approvals.changing import ACTS, change
from studyportal.custody.approvals.deciding import same_person
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen, Conflict, Gone, Invalid, NotAllowed, NotFound
from studyportal.snapshots.shelf import codes_file
from studyportal.web.sign_in.tables import SIGN_IN
from studyportal.workbench.applications import amend_application, find_application, wanted_of, withdraw_application
from studyportal.workbench.grants import GrantDocument, checked, find_grant, grants_of, history_of, opened, standing_of
from studyportal.workbench.tables import CHANGES, GRANT_EVENTS, GRANTS
from tests.custody.cast import NOW

YEAR = timedelta(days=365)
MOMENT = timedelta(microseconds=1)
NEWER = ("items", "level", "agreement", "agreement_sha256")


@pytest.fixture
def kim(house):
    """A custodian."""
    return house.staff("keyring", "Kim", "custodian")


@pytest.fixture
def asked(house):
    """A researcher's account and their request."""
    account = house.staff("workbench", "Rosa Researcher", "researcher")
    return account, house.request(account)


def grant(account):
    with reading("workbench") as connection:
        return grants_of(connection, account)[0]


def read(house, row, account, *, now=NOW, **other):
    wanted = {"study": house.study, "account": account, "custody_public": house.keys.public, "now": now} | other
    return checked(row, **wanted)


def do(house, id, act, custodian, *, expires_at=None, reason="Agreed by telephone.", now=NOW):
    return change(id, act, reason=reason, expires_at=expires_at, custodian=custodian, keys=house.keys, now=now)


def test_an_approval_is_a_signed_document_until_its_last_moment(house, asked, kim):
    account, id = asked

    done = house.approve(id, kim)

    row = grant(account)
    document = read(house, row, account, now=NOW + YEAR - MOMENT)
    assert (document.project, document.purpose, document.application) == (done.project, "Does sleep foretell pain?", id)
    assert (document.items, document.level) == (("baseline.diagnosis", "evening.pain_average"), "records")
    assert document.agreement == "1" and len(document.agreement_sha256) == 64
    assert codes_file(house.shelf, done.project).exists()
    with pytest.raises(Gone):
        read(house, row, account, now=NOW + YEAR)


def test_a_custodian_grants_a_part_and_never_more_than_was_asked(house, kim):
    account = uuid4()
    id = house.request(account, level="aggregates", wanted_until=date(2026, 6, 1))
    beyond = [
        ({"items": ("evening.mood",)}, "items"),
        ({"items": ()}, "items"),
        ({"level": "records"}, "level"),
        ({"expires_at": NOW + YEAR}, "expires_on"),
    ]

    for terms, place in beyond:
        with pytest.raises(Invalid) as refusal:
            house.approve(id, kim, **{"expires_at": NOW + timedelta(days=30)} | terms)
        assert list(refusal.value.problems) == [place]
    house.approve(id, kim, items=("evening.pain_average",), expires_at=NOW + timedelta(days=30))

    document = read(house, grant(account), account)
    assert (document.items, document.level) == (("evening.pain_average",), "aggregates")


def test_an_altered_or_foreign_approval_is_refused(house, asked, kim):
    account, id = asked
    house.approve(id, kim)
    row = grant(account)
    with writing("workbench") as connection:
        longer = row.document.replace("2027-03-02", "2029-03-02")
        connection.execute(sa.update(GRANTS).values(document=longer))

    with pytest.raises(CannotOpen):
        read(house, grant(account), account)
    with pytest.raises(NotAllowed):
        read(house, row, uuid4())
    with pytest.raises(NotAllowed):
        read(house, row, account, study="OTHER")
    with pytest.raises(CannotOpen):
        read(house, row, account, custody_public=bytes(range(32)))


def test_an_approval_of_an_older_form_names_no_question_and_no_agreement(house, asked, kim):
    account, id = asked
    house.approve(id, kim)
    document = opened(grant(account))

    older = {name: value for name, value in msgspec.to_builtins(document).items() if name not in NEWER}
    bare = msgspec.convert(older, GrantDocument)

    assert (bare.items, bare.level, bare.agreement_sha256) == ((), "aggregates", "")


@pytest.mark.parametrize("name", ["Rosa Researcher", "rosa  RESEARCHER", "Researcher, Rosa", "Ｒosa Researcher"])
def test_nobody_decides_on_their_own_request_whatever_room_and_spelling(small_house, name):
    rosa = small_house.staff("workbench", "Rosa Researcher", "researcher")
    herself = small_house.staff("keyring", name, "custodian")
    id = small_house.request(rosa)

    with pytest.raises(NotAllowed, match="your own request"):
        small_house.approve(id, herself)
    with pytest.raises(NotAllowed, match="your own request"):
        refuse(id, reason="No.", revision=1, custodian=herself, now=NOW)

    assert small_house.rows(GRANTS, "workbench") == []
    assert not list(small_house.shelf.glob("**/P-*"))


def test_one_may_shut_ones_own_approval_but_not_open_or_lengthen_it(small_house):
    rosa = small_house.staff("workbench", "Rosa", "researcher")
    kim, herself = (small_house.staff("keyring", name, "custodian") for name in ("Kim", "Rosa"))
    id = small_house.approve(small_house.request(rosa), kim).grant

    do(small_house, id, "suspend", herself)

    for act in ("resume", "renew"):
        with pytest.raises(NotAllowed):
            do(small_house, id, act, herself, expires_at=NOW + YEAR)
    do(small_house, id, "end", herself)


def test_names_of_different_people_are_not_taken_for_one():
    assert not same_person("Rosa Rau", "Rosa Raupe")
    assert not same_person("Ada", "Ada Ada")
    assert not same_person("...", "!!!")


@pytest.mark.parametrize("fault", ["ended", "auditor", "nobody"])
def test_an_ended_or_another_role_decides_nothing(small_house, fault):
    id = small_house.request()
    role = "auditor" if fault == "auditor" else "custodian"
    who = uuid4() if fault == "nobody" else small_house.staff("keyring", "Kim", role)
    if fault == "ended":
        accounts = SIGN_IN["keyring"].accounts
        with writing("keyring") as connection:
            connection.execute(sa.update(accounts).where(accounts.c.id == who).values(ended_at=NOW))

    with pytest.raises(NotAllowed, match="Only a data custodian"):
        small_house.approve(id, who)
    with pytest.raises(NotAllowed, match="Only a data custodian"):
        refuse(id, reason="No.", revision=1, custodian=who, now=NOW)

    with reading("workbench") as connection:
        assert find_application(connection, id)["decision"] is None


def test_the_second_custodian_is_told_who_was_first(house, asked, kim):
    _, id = asked
    lou = house.staff("keyring", "Lou", "custodian")
    house.approve(id, kim)

    with pytest.raises(Conflict, match="Kim approved this request before you"):
        house.approve(id, lou)
    with pytest.raises(Conflict, match="Kim approved this request before you"):
        refuse(id, reason="No.", revision=1, custodian=lou, now=NOW)

    assert len(house.rows(GRANTS, "workbench")) == 1


def test_of_two_custodians_at_the_same_moment_one_wins(building, house, asked, kim):
    _, id = asked
    lou, told = house.staff("keyring", "Lou", "custodian"), []

    def decide(custodian):
        with building.app_context():
            try:
                refuse(id, reason="No.", revision=1, custodian=custodian, now=NOW)
            except Conflict as refusal:
                told.append(refusal.sentence)

    both = [Thread(target=decide, args=[custodian]) for custodian in (kim, lou)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    with reading("workbench") as connection:
        first = find_application(connection, id)["decided_name"]
    assert told == [f"{first} refused this request before you. Nothing was changed."]


def test_nobody_decides_on_another_text_than_they_read(house, asked, kim):
    account, id = asked
    with writing("workbench") as connection:
        wider = replace(wanted_of(find_application(connection, id)), title="Everything")
        amend_application(connection, id, wider, account=account, revision=1, now=NOW)

    with pytest.raises(Conflict, match="changed since you opened it"):
        house.approve(id, kim, revision=1)
    with writing("workbench") as connection:
        withdraw_application(connection, id, account=account, now=NOW)
    with pytest.raises(Conflict, match="took this request back"):
        house.approve(id, kim, revision=2)

    assert house.rows(GRANTS, "workbench") == []


def test_a_refusal_gives_its_reason_and_its_author_to_the_researcher(house, asked, kim):
    _, id = asked

    refuse(id, reason="  The ethics vote\nis missing. ", revision=1, custodian=kim, now=NOW)

    with reading("workbench") as connection:
        row = find_application(connection, id)
    assert (row["decision"], row["reason"]) == ("refused", "The ethics vote is missing.")
    assert (row["decided_by"], row["decided_name"]) == (kim, "Kim")


def test_what_can_be_done_to_an_approval_is_written_down_each_time(house, asked, kim):
    account, id = asked
    done = house.approve(id, kim)
    longer = NOW + timedelta(days=500)

    for act, expires_at in (("suspend", None), ("renew", longer), ("resume", None), ("end", None)):
        do(house, done.grant, act, kim, expires_at=expires_at)

    with reading("workbench") as connection:
        history = history_of(connection, done.project)
        told = set(connection.scalars(sa.select(AUDIT_EVENTS["workbench"].c.action)))
    assert {one.what for one in history} == set(CHANGES)
    assert all(one.by == kim and one.by_name == "Kim" for one in history)
    assert {f"grant:{act}" for act in CHANGES} <= told
    assert opened(grant(account)).expires_at == longer


def test_an_approval_opens_and_shuts_at_once(house, asked, kim):
    account, id = asked
    done = house.approve(id, kim)

    do(house, done.grant, "suspend", kim)
    with pytest.raises(NotAllowed, match="suspended"):
        read(house, grant(account), account)
    do(house, done.grant, "resume", kim)
    assert read(house, grant(account), account).project == done.project
    do(house, done.grant, "end", kim)
    with pytest.raises(Gone, match="ended"):
        read(house, grant(account), account)


def test_an_expired_approval_is_renewed_by_another_signature(house, asked, kim):
    account, id = asked
    done = house.approve(id, kim, expires_at=NOW + timedelta(days=1))
    before, later = grant(account), NOW + timedelta(days=30)

    do(house, done.grant, "renew", kim, expires_at=later + YEAR, now=later)

    after = grant(account)
    assert before.signature != after.signature
    assert read(house, after, account, now=later).items == opened(before).items
    with pytest.raises(Gone):
        read(house, before, account, now=later)


@pytest.mark.parametrize(
    ("first", "then"), [("end", "end"), ("end", "renew"), ("end", "resume"), ("suspend", "suspend"), (None, "resume")]
)
def test_an_approval_does_not_take_what_does_not_fit_how_it_stands(small_house, first, then):
    kim = small_house.staff("keyring", "Kim", "custodian")
    id = small_house.approve(small_house.request(), kim).grant
    if first:
        do(small_house, id, first, kim)

    with pytest.raises(Conflict, match="Nothing was changed"):
        do(small_house, id, then, kim, expires_at=NOW + YEAR)

    assert len(small_house.rows(GRANT_EVENTS, "workbench")) == (2 if first else 1)


def test_every_act_has_its_words_and_the_states_it_fits(small_house):
    kim = small_house.staff("keyring", "Kim", "custodian")
    states = {name for act in ACTS.values() for name in act.to}

    assert set(ACTS) == set(CHANGES) - {"approve"}
    assert states == {"running", "suspended", "expired"}
    with pytest.raises(NotFound):
        do(small_house, uuid4(), "end", kim)
    with reading("workbench") as connection, pytest.raises(NotFound):
        find_grant(connection, uuid4())


@pytest.mark.parametrize("expires_at", [NOW, NOW - YEAR, NOW + 3 * YEAR])
def test_an_expiry_in_the_past_or_too_far_off_approves_nothing(small_house, expires_at):
    kim, id = small_house.staff("keyring", "Kim", "custodian"), small_house.request()

    with pytest.raises(Invalid) as refusal:
        small_house.approve(id, kim, expires_at=expires_at)

    assert list(refusal.value.problems) == ["expires_on"]
    assert small_house.rows(GRANTS, "workbench") == []


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 501, "x" * 10_000, "\u202e\0"])
def test_a_refusal_without_a_reason_decides_nothing(small_house, reason):
    with pytest.raises(Invalid):
        refuse(uuid4(), reason=reason, revision=1, custodian=uuid4(), now=NOW)


def test_a_grant_stands_as_its_columns_say(small_house):
    kim = small_house.staff("keyring", "Kim", "custodian")
    small_house.approve(small_house.request(), kim)
    (row,) = small_house.rows(GRANTS, "workbench")

    assert standing_of(row, now=NOW) == "running"
    assert standing_of(row, now=NOW + YEAR) == "expired"
