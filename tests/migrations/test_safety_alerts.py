"""The step that brings safety alerts: down it takes them along and nothing else, and up again it finds every entry."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.database import db, reading, writing
from studyportal.portal import migrating
from studyportal.registry.alert_tables import SAFETY_ALERTS
from studyportal.registry.tables import SEALED_ENTRIES
from tests.migrations.test_append_only import REFUSALS, enrolment  # noqa: F401

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def alert(enrolment, building):  # noqa: F811
    """A waiting alert about this participant's entry."""
    id = uuid4()
    with writing("registry") as connection:
        entry = connection.execute(sa.select(SEALED_ENTRIES.c.id)).scalar_one()
        row = {"id": id, "enrolment": enrolment, "entry": entry, "level": "high", "raised_at": NOW, "sealed": b"sealed"}
        connection.execute(SAFETY_ALERTS.insert(), row)
    return id


def test_the_step_goes_down_and_up_with_an_alert_and_keeps_every_entry(alert, databases):
    with reading("registry") as connection:
        entries = connection.execute(sa.select(SEALED_ENTRIES)).all()
    db.engines["registry"].dispose()

    migrating.downgrade("registry", databases["registry"], to="registry_1")
    migrating.upgrade("registry", databases["registry"])

    with reading("registry") as connection:
        assert connection.execute(sa.select(SEALED_ENTRIES)).all() == entries
        assert connection.execute(sa.select(SAFETY_ALERTS)).all() == []


@pytest.mark.parametrize("change", [{"level": "low"}, {"sealed": b"another"}, {"raised_at": NOW.replace(year=2025)}])
def test_nothing_of_an_alert_changes_but_that_somebody_takes_it_on(change, alert):
    with writing("registry") as connection, pytest.raises(REFUSALS, match="can only be taken on"):
        connection.execute(SAFETY_ALERTS.update().values(**change))


def test_an_alert_is_taken_on_once(alert):
    ada = uuid4()
    taken = {"acknowledged_at": NOW, "acknowledged_by": ada, "holder": ada}
    with writing("registry") as connection:
        connection.execute(SAFETY_ALERTS.update().values(**taken))

    with writing("registry") as connection, pytest.raises(REFUSALS, match="can only be taken on"):
        connection.execute(SAFETY_ALERTS.update().values(acknowledged_by=uuid4()))
