"""The step that keeps what was answered and opened: up and down with rows in the way; what was opened does not
change."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.database import db, reading, writing
from studyportal.portal import migrating
from studyportal.workbench.answered import add_answers
from studyportal.workbench.applications import Wanted, add_application
from studyportal.workbench.ledger import LedgerBlock, add_blocks, blocks_of, blocks_of_others
from studyportal.workbench.tables import ANSWERED_SETS, GRANTS, LEDGER_BLOCKS

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WANTED = Wanted(
    title="Sleep", purpose="Why?", plan="By week.", ethics_reference="EK 1", items=("evening.pain",), level="records",
    wanted_until=date(2027, 1, 1),
)  # fmt: skip
BLOCK = LedgerBlock(1, '[["baseline.sex",["f"]]]', "course", "evening.pain")


@pytest.fixture
def opened(building):
    """A project that opened a block, and an answered set."""
    account, application = uuid4(), uuid4()
    with writing("workbench") as connection:
        add_application(connection, application, WANTED, account=account, now=NOW)
        grant = {"id": uuid4(), "project": "P-1", "account": account, "application": application, "document": "{}"}
        connection.execute(GRANTS.insert(), grant | {"signature": bytes(64), "issued_at": NOW, "expires_at": NOW})
        add_blocks(connection, [BLOCK, BLOCK], project="P-1", account=account, now=NOW)
        add_answers(connection, 1, b"sealed", revision=1)


def test_the_step_goes_down_and_up_with_rows_in_the_way(opened, databases):
    db.engines["workbench"].dispose()

    migrating.downgrade("workbench", databases["workbench"], to="workbench_4")
    migrating.upgrade("workbench", databases["workbench"])

    with reading("workbench") as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(ANSWERED_SETS)).scalar() == 0
        assert blocks_of(connection, "P-1") == []


def test_a_block_is_kept_once_for_a_project_and_seen_by_others_as_opened(opened):
    with reading("workbench") as connection:
        assert blocks_of(connection, "P-1") == [BLOCK]
        assert blocks_of_others(connection, "P-2", since=NOW) == [BLOCK]
        assert blocks_of_others(connection, "P-1", since=NOW) == []


def test_what_was_opened_stays_opened(opened):
    for statement in (sa.update(LEDGER_BLOCKS).values(kind="step"), sa.delete(LEDGER_BLOCKS)):
        with writing("workbench") as connection, pytest.raises(sa.exc.DBAPIError, match="append-only"):
            connection.execute(statement)
