"""The step that brings reminders: down it takes them along, with the work that they want, and nothing else."""

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa

from studyportal import outbox
from studyportal.database import db, reading, writing
from studyportal.portal import migrating
from studyportal.registry.reminder_tables import (
    CALENDAR_FEEDS,
    REMINDER_CONTACTS,
    REMINDER_WAYS,
    REMINDER_WISHES,
    REMINDERS,
)
from studyportal.registry.reminders import put_contact, replace_feed, set_wishes
from studyportal.registry.reminding import claim_reminders, tell_ways
from studyportal.registry.tables import ENROLMENTS, SEALED_ENTRIES
from studyportal.web.answering.reminding import Wishes
from tests.migrations.test_append_only import enrolment  # noqa: F401

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TABLES = (CALENDAR_FEEDS, REMINDER_CONTACTS, REMINDER_WAYS, REMINDER_WISHES, REMINDERS)


def rows(*tables):
    with reading("registry") as connection:
        return [connection.execute(sa.select(table)).all() for table in tables]


def test_the_step_goes_down_and_up_with_reminders_and_keeps_everybody(enrolment, building, databases):  # noqa: F811
    place = {"enrolment": enrolment, "way": "mail", "mark": b""}
    with writing("registry") as connection:
        tell_ways(connection, {"mail": {}, "push": {"public_key": "B" * 87, "services": "push.example"}}, now=NOW)
        set_wishes(connection, enrolment, Wishes(), now=NOW)
        put_contact(connection, {"id": uuid4(), **place, "made_at": NOW, "sealed": b"sealed"})
        told = {"schedule": "evening", "occasion": 1, "message": uuid4(), "wanted_at": NOW, "until": NOW}
        claim_reminders(connection, [place | told])
        replace_feed(connection, enrolment, bytes(32), now=NOW)
        for kind in ("reminder", "rewrap"):
            outbox.put(connection, "registry", kind, "one", {}, now=NOW)
    kept, before = rows(ENROLMENTS, SEALED_ENTRIES), rows(*TABLES)
    db.engines["registry"].dispose()

    migrating.downgrade("registry", databases["registry"], to="registry_10")
    migrating.upgrade("registry", databases["registry"])

    assert all(before) and rows(*TABLES) == [[]] * len(TABLES)
    assert rows(ENROLMENTS, SEALED_ENTRIES) == kept
    with reading("registry") as connection:
        assert outbox.waiting(connection, "registry") == {"rewrap": 1}
