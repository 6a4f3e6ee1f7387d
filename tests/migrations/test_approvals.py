"""The step that widens approvals: up and down it keeps every request and grant; what was signed does not change."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.database import db, reading, writing
from studyportal.portal import migrating
from studyportal.workbench.applications import Wanted, add_application, find_application, wanted_of
from studyportal.workbench.tables import AGREEMENTS, APPLICATIONS, GRANT_EVENTS, GRANTS

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REFUSALS = sa.exc.DBAPIError
WANTED = Wanted(
    title="Sleep", purpose="Why?", plan="By week.", ethics_reference="EK 1", items=("evening.pain",), level="records",
    wanted_until=date(2027, 1, 1),
)  # fmt: skip


@pytest.fixture
def project(building):
    """A granted request, its grant, one event of it and a signed agreement."""
    account, application, grant = uuid4(), uuid4(), uuid4()
    with writing("workbench") as connection:
        add_application(connection, application, WANTED, account=account, now=NOW)
        grown = {"id": grant, "project": "P-1", "account": account, "application": application, "document": "{}"}
        connection.execute(GRANTS.insert(), grown | {"signature": bytes(64), "issued_at": NOW, "expires_at": NOW})
        happened = {"id": uuid4(), "project": "P-1", "at": NOW, "what": "end", "by": uuid4(), "by_name": "Kim"}
        connection.execute(GRANT_EVENTS.insert(), happened | {"reason": ""})
        signed = {"id": uuid4(), "project": "P-1", "account": account, "version": "1", "signed_name": "Rosa"}
        digests = {"text_sha256": bytes(32), "document_sha256": bytes(32)}
        connection.execute(AGREEMENTS.insert(), signed | digests | {"signed_at": NOW})
    return application


def test_the_step_goes_down_and_up_with_requests_and_grants_in_the_way(project, databases):
    db.engines["workbench"].dispose()

    migrating.downgrade("workbench", databases["workbench"], to="workbench_2")
    migrating.upgrade("workbench", databases["workbench"])

    with reading("workbench") as connection:
        kept = wanted_of(find_application(connection, project))
        assert (kept.title, kept.purpose, kept.wanted_until) == ("Sleep", "Why?", date(2027, 1, 1))
        # What is not known of a former request is not made up: it names no question.
        assert (kept.items, kept.level, kept.plan) == ((), "aggregates", "")
        assert len(connection.execute(sa.select(GRANTS)).all()) == 1


def test_a_decided_request_does_not_change(project):
    decided = {"decision": "refused", "decided_at": NOW, "decided_by": uuid4(), "decided_name": "Kim"}
    with writing("workbench") as connection:
        connection.execute(APPLICATIONS.update().values(decided))

    for change in ({"title": "Another"}, {"decision": "granted"}, {"withdrawn_at": NOW}):
        with writing("workbench") as connection, pytest.raises(REFUSALS):
            connection.execute(APPLICATIONS.update().values(change))


@pytest.mark.parametrize("table", [AGREEMENTS, GRANT_EVENTS], ids=lambda table: table.name)
def test_what_was_signed_and_what_was_done_stays(table, project):
    column = table.c["project"]

    for statement in (sa.update(table).values({column: column}), sa.delete(table)):
        with writing("workbench") as connection, pytest.raises(REFUSALS, match="append-only"):
            connection.execute(statement)
