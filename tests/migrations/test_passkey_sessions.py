"""The step by which a session says which passkey it began with: those of a passkey end with it, the others go on."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.database import BINDS, db, reading, writing
from studyportal.portal import migrating
from studyportal.registry.sessions import add_session
from studyportal.registry.tables import PARTICIPANT_SESSIONS
from studyportal.web.sign_in.tables import SIGN_IN
from tests.migrations.test_append_only import REFUSALS, enrolment  # noqa: F401 - a fixture

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(days=1)
FORMER = {"registry": "registry_15", "keyring": "keyring_2", "workbench": "workbench_7"}


def down_and_up(bind, databases) -> None:
    """Through the step before, where each session is one that never said which passkey began it."""
    db.engines[bind].dispose()
    migrating.downgrade(bind, databases[bind], to=FORMER[bind])
    migrating.upgrade(bind, databases[bind])


@pytest.mark.parametrize("bind", BINDS)
def test_staff_sessions_of_a_passkey_end_and_the_others_go_on(bind, building, databases):
    tables, account, found = SIGN_IN[bind], uuid4(), []
    row = {"id": account, "name": "ada", "shown_name": "Ada", "role": "auditor", "passphrase_hash": "hash"}
    session = {"account": account, "created_at": NOW, "fresh_at": NOW, "last_seen_at": NOW, "expires_at": UNTIL}
    with writing(bind) as connection:
        connection.execute(tables.accounts.insert(), row | {"created_at": NOW})
        for letter, how in ((b"p", "passkey"), (b"t", "totp"), (b"r", "recovery")):
            passkey = uuid4() if how == "passkey" else None
            begun = {"token_hash": letter * 32, "id": uuid4(), "how": how, "passkey": passkey}
            connection.execute(tables.sessions.insert(), session | begun)
        found = connection.execute(sa.select(tables.sessions).where(tables.sessions.c.how != "passkey")).all()

    down_and_up(bind, databases)

    with reading(bind) as connection:
        assert connection.execute(sa.select(tables.sessions)).all() == found
    with writing(bind) as connection, pytest.raises(REFUSALS, match="passkey_is_named"):
        nameless = {"token_hash": b"n" * 32, "id": uuid4(), "how": "passkey"}
        connection.execute(tables.sessions.insert(), session | nameless)


def test_participants_sessions_of_a_passkey_end_and_devices_go_on(enrolment, building, databases):  # noqa: F811
    with writing("registry") as connection:
        for letter, kind, key, passkey in (
            (b"3", "passkey", None, uuid4()),
            (b"4", "session", b"sealed", None),
            (b"5", "submit", None, None),
        ):
            kept = {"kind": kind, "sealed_reading_key": key, "passkey": passkey, "expires_at": UNTIL, "now": NOW}
            add_session(connection, letter * 32, enrolment, **kept)
        mine = sa.select(PARTICIPANT_SESSIONS).order_by(PARTICIPANT_SESSIONS.c.token_hash)
        found = connection.execute(mine).all()

    down_and_up("registry", databases)

    with reading("registry") as connection:
        assert connection.execute(mine).all() == found[1:]
    with writing("registry") as connection, pytest.raises(REFUSALS, match="passkey_is_named"):
        add_session(
            connection, b"6" * 32, enrolment, kind="passkey", sealed_reading_key=None, expires_at=UNTIL, now=NOW
        )
