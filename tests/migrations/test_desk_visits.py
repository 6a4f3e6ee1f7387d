"""The step that brings the reading desk's tables: down it takes them along and nothing else, and a visit stays as
said."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.database import db, reading, writing
from studyportal.portal import migrating
from studyportal.registry.desk import begin_visit, note_opening, purpose_of_visit
from studyportal.registry.desk_tables import DESK_OPENINGS, DESK_VISITS
from studyportal.registry.tables import ENROLMENTS, SEALED_ENTRIES
from studyportal.web.sign_in.tables import SIGN_IN
from tests.migrations.test_append_only import REFUSALS, enrolment  # noqa: F401

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def visit(enrolment, building):  # noqa: F811
    """A clinician's visit to this participant, whose entries were opened."""
    session, account = uuid4(), uuid4()
    with writing("registry") as connection:
        row = {"id": account, "name": "abe", "shown_name": "Abe", "role": "clinician", "site": "NS"}
        connection.execute(SIGN_IN["registry"].accounts.insert(), row | {"passphrase_hash": "", "created_at": NOW})
        begin_visit(
            connection, uuid4(), session=session, account=account, enrolment=enrolment, purpose="review", now=NOW
        )
        note_opening(connection, account=account, enrolment=enrolment, now=NOW)
    return session


def test_the_step_goes_down_and_up_with_a_visit_and_keeps_everybody(visit, databases):
    with reading("registry") as connection:
        kept = [connection.execute(sa.select(table)).all() for table in (ENROLMENTS, SEALED_ENTRIES)]
    db.engines["registry"].dispose()

    migrating.downgrade("registry", databases["registry"], to="registry_5")
    migrating.upgrade("registry", databases["registry"])

    with reading("registry") as connection:
        assert [connection.execute(sa.select(table)).all() for table in (ENROLMENTS, SEALED_ENTRIES)] == kept
        assert connection.execute(sa.select(DESK_VISITS)).all() == []
        assert connection.execute(sa.select(DESK_OPENINGS)).all() == []


def test_what_somebody_said_they_came_for_cannot_be_changed(visit, enrolment):  # noqa: F811
    with writing("registry") as connection, pytest.raises(REFUSALS):
        connection.execute(DESK_VISITS.update().values(purpose="alert"))

    with reading("registry") as connection:
        said = purpose_of_visit(connection, session=visit, enrolment=enrolment, since=NOW.replace(hour=11))
    assert said == "review"
