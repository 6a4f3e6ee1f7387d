"""The step that keeps reviews of the ledger: up and down with rows; what was asked, decided and used stays."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.database import db, reading, writing
from studyportal.portal import migrating
from studyportal.workbench.applications import Wanted, add_application
from studyportal.workbench.ledger import LedgerBlock, add_blocks, blocks_of
from studyportal.workbench.reviews import Asking, add_review, reviews_of, withdraw_review
from studyportal.workbench.tables import GRANTS, LEDGER_REVIEWS

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WANTED = Wanted(
    title="Sleep", purpose="Why?", plan="By week.", ethics_reference="EK 1", items=("evening.pain",), level="records",
    wanted_until=date(2027, 1, 1),
)  # fmt: skip
BLOCK = LedgerBlock(1, '[["baseline.sex",["f"]]]', "course", "evening.pain")
ALLOWED = {
    "decision": "allowed", "decided_at": NOW, "decided_by": uuid4(), "decided_name": "Kim", "answer": "Yes.",
    "document": "{}", "signature": bytes(64), "expires_at": NOW,
}  # fmt: skip
USED = {"used_at": NOW, "used_by": uuid4()}


def ask():
    asking = Asking(
        project="P-1", account=uuid4(), blocks=(BLOCK,), told=(), opened=(), address="{}", units=8, used_before=50,
        reach=58, reach_of_all=58, reason="Why.",
    )  # fmt: skip
    review = uuid4()
    with writing("workbench") as connection:
        add_review(connection, review, asking, now=NOW)
    return review


def change(**values):
    with writing("workbench") as connection:
        connection.execute(sa.update(LEDGER_REVIEWS).values(values))


@pytest.fixture
def review(building):
    """A review that waits, of a project that opened a block."""
    account, application = uuid4(), uuid4()
    with writing("workbench") as connection:
        add_application(connection, application, WANTED, account=account, now=NOW)
        grant = {"id": uuid4(), "project": "P-1", "account": account, "application": application, "document": "{}"}
        connection.execute(GRANTS.insert(), grant | {"signature": bytes(64), "issued_at": NOW, "expires_at": NOW})
        add_blocks(connection, [BLOCK], project="P-1", account=account, now=NOW)
    return ask()


def test_the_step_goes_down_and_up_with_rows_in_the_way(review, databases):
    change(**ALLOWED)
    db.engines["workbench"].dispose()

    migrating.downgrade("workbench", databases["workbench"], to="workbench_6")
    migrating.upgrade("workbench", databases["workbench"])

    with reading("workbench") as connection:
        assert reviews_of(connection, "P-1") == []
        assert blocks_of(connection, "P-1") == [BLOCK]


def test_what_was_asked_decided_and_used_is_written_once(review):
    refused = sa.exc.DBAPIError
    with pytest.raises(refused, match="append-only"):
        change(blocks="[]")
    change(**ALLOWED)
    for values in (ALLOWED, {"withdrawn_at": NOW}, {"signature": bytes(range(64))}, {"expires_at": NOW}):
        with pytest.raises(refused, match="append-only"):
            change(**values)
    change(**USED)
    for values in (USED, {"used_at": None, "used_by": None}):
        with pytest.raises(refused, match="append-only"):
            change(**values)
    with writing("workbench") as connection, pytest.raises(refused, match="append-only"):
        connection.execute(sa.delete(LEDGER_REVIEWS))


@pytest.mark.parametrize(
    "values", [USED, {"decision": "allowed"}, ALLOWED | {"signature": None}, ALLOWED | {"decision": "refused"}]
)
def test_the_database_keeps_what_belongs_together(review, values):
    with pytest.raises(sa.exc.IntegrityError):
        change(**values)


def test_one_review_of_a_question_waits(review):
    with pytest.raises(sa.exc.IntegrityError):
        ask()
    with writing("workbench") as connection:
        withdraw_review(connection, review, project="P-1", now=NOW)
    ask()

    with reading("workbench") as connection:
        assert len(reviews_of(connection, "P-1")) == 2
