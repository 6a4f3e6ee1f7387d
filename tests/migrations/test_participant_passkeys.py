"""The step that brings participants' passkeys, down and up with rows in the way: it takes along what it brought, no
more."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.database import db, reading, writing
from studyportal.portal import migrating
from studyportal.registry.passkey_tables import PARTICIPANT_CHALLENGES, PARTICIPANT_PASSKEYS
from studyportal.registry.passkeys import add_challenge, add_passkey
from studyportal.registry.sessions import add_session
from studyportal.registry.tables import ENROLMENTS, PARTICIPANT_SESSIONS
from tests.migrations.test_append_only import REFUSALS, enrolment  # noqa: F401

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEPT = {"credential": b"credential", "public_key": b"key", "uses": 0}


def rows(table):
    with reading("registry") as connection:
        return connection.execute(sa.select(table).order_by(*table.primary_key)).all()


@pytest.fixture
def passkey(enrolment, building):  # noqa: F811
    """A passkey, one that is being made, a session that it began, and one that words began."""
    until = NOW + timedelta(days=1)
    with writing("registry") as connection:
        add_passkey(connection, uuid4(), enrolment, device="phone", **KEPT, now=NOW)
        add_challenge(connection, b"1" * 32, now=NOW)
        add_challenge(connection, b"2" * 32, enrolment=enrolment, passkey=uuid4(), device="key", now=NOW)
        for name, kind, key in ((b"3", "passkey", None), (b"4", "session", b"sealed"), (b"5", "submit", None)):
            session = {"kind": kind, "sealed_reading_key": key, "expires_at": until, "now": NOW}
            session["passkey"] = uuid4() if kind == "passkey" else None
            add_session(connection, name * 32, enrolment, **session)


def test_the_step_goes_down_and_up_and_ends_only_what_a_passkey_began(passkey, databases):
    enrolments, sessions = rows(ENROLMENTS), rows(PARTICIPANT_SESSIONS)
    db.engines["registry"].dispose()

    migrating.downgrade("registry", databases["registry"], to="registry_14")
    migrating.upgrade("registry", databases["registry"])

    assert rows(ENROLMENTS) == enrolments
    assert rows(PARTICIPANT_SESSIONS) == [one for one in sessions if one.kind != "passkey"]
    assert rows(PARTICIPANT_PASSKEYS) == rows(PARTICIPANT_CHALLENGES) == []


@pytest.mark.parametrize(
    ("device", "named"), [("fridge", "device_is_known"), ("phone", "uq_participant_passkeys_credential|UNIQUE")]
)
def test_one_passkey_is_one_row_on_a_device_that_is_known(passkey, enrolment, device, named):  # noqa: F811
    with writing("registry") as connection, pytest.raises(REFUSALS, match=named):
        add_passkey(connection, uuid4(), enrolment, device=device, **KEPT, now=NOW)
