"""The step that brings second factors: sessions of a passphrase alone end with it, accounts stay as they are."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.database import BINDS, db, reading, writing
from studyportal.portal import migrating
from studyportal.web.sign_in.tables import SIGN_IN

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FORMER = {"registry": "registry_2", "keyring": "keyring_1", "workbench": "workbench_1"}


def table(bind: str, connection: sa.Connection, name: str) -> sa.Table:
    """A table as it is just now."""
    return sa.Table(name, sa.MetaData(), autoload_with=connection)


@pytest.mark.parametrize("bind", BINDS)
def test_the_step_ends_sessions_and_keeps_accounts_down_and_up(bind, building, databases):
    tables, account = SIGN_IN[bind], uuid4()
    with writing(bind) as connection:
        row = {"id": account, "name": "ada", "shown_name": "Ada", "role": "auditor", "passphrase_hash": "hash"}
        connection.execute(tables.accounts.insert(), row | {"created_at": NOW})
        session = {"token_hash": b"s" * 32, "id": uuid4(), "account": account, "created_at": NOW, "fresh_at": NOW}
        session |= {"how": "passkey", "passkey": uuid4(), "last_seen_at": NOW, "expires_at": NOW}
        connection.execute(tables.sessions.insert(), session)
        factor = {"id": uuid4(), "account": account, "kind": "passkey", "name": "Key", "added_at": NOW}
        connection.execute(tables.factors.insert(), factor | {"credential": b"c", "public_key": b"p", "uses": 0})
        code = {"code_hash": b"h" * 32, "account": account, "made_at": NOW}
        connection.execute(tables.recovery_codes.insert(), code)
        invitation = {"token_hash": b"i" * 32, "account": account, "made_at": NOW, "expires_at": NOW}
        connection.execute(tables.invitations.insert(), invitation)
        challenge = {"token_hash": b"t" * 32, "purpose": "second", "account": account, "expires_at": NOW}
        connection.execute(tables.challenges.insert(), challenge)
    db.engines[bind].dispose()

    migrating.downgrade(bind, databases[bind], to=FORMER[bind])
    with writing(bind) as connection:
        former = table(bind, connection, "staff_sessions")
        names = sa.inspect(connection).get_table_names()
        old = {"token_hash": b"o" * 32, "id": uuid4().hex, "account": account.hex, "created_at": 1, "last_seen_at": 1}
        connection.execute(former.insert(), old | {"expires_at": 1})
    db.engines[bind].dispose()
    migrating.upgrade(bind, databases[bind])

    with reading(bind) as connection:
        (kept,) = connection.execute(tables.accounts.select()).all()
        left = [connection.execute(one.select()).all() for one in (tables.sessions, tables.factors)]
    assert "how" not in former.c and "staff_factors" not in names
    assert (kept.id, kept.passphrase_hash) == (account, "hash")
    assert left == [[], []]
