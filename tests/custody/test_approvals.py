from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.custody.approvals.actions import approve, end, refuse
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen, Conflict, Gone, Invalid, NotAllowed, NotFound
from studyportal.snapshots.shelf import codes_file
from studyportal.workbench.applications import add_application, application
from studyportal.workbench.grants import checked, grants_of
from studyportal.workbench.tables import GRANTS
from tests.custody.cast import CUSTODIAN, NOW

YEAR = timedelta(days=365)


@pytest.fixture
def asked(house):
    """A researcher's account and their application."""
    account, id = uuid4(), uuid4()
    with writing("workbench") as connection:
        add_application(
            connection,
            id,
            account=account,
            title="Sleep and pain",
            purpose="Does sleep foretell pain?",
            ethics_reference="EK 12/2026",
            wanted_until=date(2027, 1, 1),
            now=NOW,
        )
    return account, id


def yes(house, id, *, expires_at=NOW + YEAR):
    return approve(
        id,
        expires_at=expires_at,
        keys=house.keys,
        protocol=house.protocol,
        shelf=house.shelf,
        rng=house.rng,
        actor=CUSTODIAN,
        now=NOW,
    )


def grant(house, account):
    with reading("workbench") as connection:
        return grants_of(connection, account)[0]


def read(house, row, account, *, now=NOW, **other):
    wanted = {"study": house.study, "account": account, "custody_public": house.keys.public, "now": now} | other
    return checked(row, **wanted)


def test_an_approval_is_a_signed_document_until_its_last_moment(house, asked):
    account, id = asked

    done = yes(house, id)

    row = grant(house, account)
    document = read(house, row, account, now=NOW + YEAR - timedelta(microseconds=1))
    assert (document.project, document.purpose, document.application) == (done.project, "Does sleep foretell pain?", id)
    assert codes_file(house.shelf, done.project).exists()
    with pytest.raises(Gone):
        read(house, row, account, now=NOW + YEAR)


def test_an_altered_or_foreign_approval_is_refused(house, asked):
    account, id = asked
    yes(house, id)
    row = grant(house, account)
    with writing("workbench") as connection:
        longer = row.document.replace("2027-03-02", "2029-03-02")
        connection.execute(sa.update(GRANTS).values(document=longer))

    with pytest.raises(CannotOpen):
        read(house, grant(house, account), account)
    with pytest.raises(NotAllowed):
        read(house, row, uuid4())
    with pytest.raises(NotAllowed):
        read(house, row, account, study="OTHER")
    with pytest.raises(CannotOpen):
        read(house, row, account, custody_public=bytes(range(32)))


def test_an_ended_approval_is_over_at_once_and_ends_once(house, asked):
    account, id = asked
    done = yes(house, id)

    project = end(done.grant, actor=CUSTODIAN, now=NOW)

    assert project == done.project
    with pytest.raises(Gone):
        read(house, grant(house, account), account)
    with pytest.raises(NotFound):
        end(done.grant, actor=CUSTODIAN, now=NOW)


def test_an_application_is_decided_once(house, asked):
    _, id = asked
    yes(house, id)

    with pytest.raises(Conflict):
        yes(house, id)
    with pytest.raises(Conflict):
        refuse(id, reason="No.", actor=CUSTODIAN, now=NOW)

    assert len(house.rows(GRANTS, "workbench")) == 1


def test_a_refusal_gives_its_reason_to_the_researcher(house, asked):
    _, id = asked

    refuse(id, reason="  The ethics vote\nis missing. ", actor=CUSTODIAN, now=NOW)

    with reading("workbench") as connection:
        row = application(connection, id)
    assert (row["decision"], row["reason"]) == ("refused", "The ethics vote is missing.")


@pytest.mark.parametrize("expires_at", [NOW, NOW - YEAR, NOW + 3 * YEAR])
def test_an_expiry_in_the_past_or_too_far_off_approves_nothing(small_house, expires_at):
    with pytest.raises(Invalid) as refusal:
        yes(small_house, uuid4(), expires_at=expires_at)

    assert list(refusal.value.problems) == ["expires_on"]
    assert small_house.rows(GRANTS, "workbench") == []


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 501])
def test_a_refusal_without_a_reason_decides_nothing(small_house, reason):
    with pytest.raises(Invalid):
        refuse(uuid4(), reason=reason, actor=CUSTODIAN, now=NOW)
