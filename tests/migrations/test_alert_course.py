"""The steps that bring the course of alerts and the mail of sites, down and up with rows in the way."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from studyportal.database import db, reading, writing
from studyportal.portal import migrating
from studyportal.registry.alert_tables import ALERT_EVENTS, ALERT_MAILS, ERASED_ALERTS, SAFETY_ALERTS
from studyportal.registry.tables import SEALED_ENTRIES, SITES
from tests.migrations.test_append_only import REFUSALS, bare, enrolment  # noqa: F401

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADA = UUID(int=7)


def rows(table):
    with reading("registry") as connection:
        return connection.execute(sa.select(table)).all()


@pytest.fixture
def alert(enrolment, building):  # noqa: F811
    """An alert that Ada has taken on, with one more that only former entries raised, and what was done about them."""
    id = uuid4()
    taken = {"acknowledged_at": NOW, "acknowledged_by": ADA, "holder": ADA}
    with writing("registry") as connection:
        entry = connection.execute(sa.select(SEALED_ENTRIES.c.id)).scalar_one()
        row = {"id": id, "enrolment": enrolment, "entry": entry, "level": "high", "raised_at": NOW, "sealed": b"sealed"}
        connection.execute(SAFETY_ALERTS.insert(), row | {"source": "entry"} | taken)
        connection.execute(SAFETY_ALERTS.insert(), row | {"id": uuid4(), "source": "history"})
        event = {"id": uuid4(), "alert": id, "number": 1, "at": NOW, "account": ADA, "what": "acknowledged"}
        connection.execute(ALERT_EVENTS.insert(), event)
        connection.execute(ALERT_MAILS.insert(), {"alert": id, "step": 1, "wanted_at": NOW})
        connection.execute(ERASED_ALERTS.insert(), {"id": uuid4(), "enrolment": enrolment, "erased_at": NOW})
        connection.execute(SITES.update().values(alert_address="care@north.example", escalate_after_minutes=30))
    return id


def test_what_was_taken_on_before_is_in_the_same_hands_after(alert, databases):
    entries, names = rows(SEALED_ENTRIES), [(row.id, row.name) for row in rows(SITES)]
    db.engines["registry"].dispose()

    migrating.downgrade("registry", databases["registry"], to="registry_3")
    migrating.upgrade("registry", databases["registry"])

    (kept,) = rows(SAFETY_ALERTS)
    assert (kept.id, kept.source, kept.holder, kept.acknowledged_by, kept.closed_at) == (alert, "entry", ADA, ADA, None)
    (event,) = rows(ALERT_EVENTS)
    assert (event.alert, event.number, event.account, event.what) == (alert, 1, ADA, "acknowledged")
    assert rows(SEALED_ENTRIES) == entries and [(row.id, row.name) for row in rows(SITES)] == names
    assert [(row.alert_address, row.has_mail) for row in rows(SITES)] == [(None, False)]


@pytest.mark.parametrize("statement", ["UPDATE alert_events SET number = 2", "DELETE FROM alert_events"])
def test_what_was_done_about_an_alert_stays_as_it_was_written(statement, alert, bare):  # noqa: F811
    with bare.connect() as connection, pytest.raises(REFUSALS, match="append-only"):
        connection.exec_driver_sql(statement)

    assert len(rows(ALERT_EVENTS)) == 1


def test_it_goes_with_its_alert(alert):
    with writing("registry") as connection:
        connection.execute(SAFETY_ALERTS.delete())

    assert rows(ALERT_EVENTS) == rows(ALERT_MAILS) == []


@pytest.mark.parametrize("change", [{"holder": uuid4()}, {"closed_at": NOW.replace(year=2027)}])
def test_a_closed_alert_changes_no_more(change, alert):
    with writing("registry") as connection:
        connection.execute(SAFETY_ALERTS.update().where(SAFETY_ALERTS.c.id == alert).values(closed_at=NOW))

    with writing("registry") as connection, pytest.raises(REFUSALS, match="only be taken on, handed over and closed"):
        connection.execute(SAFETY_ALERTS.update().where(SAFETY_ALERTS.c.id == alert).values(**change))


@pytest.mark.parametrize("mail", [{"alert_address": "a@b.example"}, {"escalate_after_minutes": 30}])
def test_a_site_has_an_address_and_a_time_or_neither(mail, enrolment):  # noqa: F811
    with writing("registry") as connection, pytest.raises(REFUSALS, match="mail_is_paired"):
        connection.execute(SITES.update().values(**mail))
