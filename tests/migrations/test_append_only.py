"""What may not change does not change: through a room's own connection, and through one without our authorizer."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import BINDS, bind_config, writing
from studyportal.registry.tables import BLOCKS, CONSENT_RECORDS, ENROLMENTS, SEALED_ENTRIES, SITES

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REFUSALS = sa.exc.DBAPIError


@pytest.fixture
def bare(databases: Mapping[str, str]) -> Iterator[sa.Engine]:
    """The registry as somebody with a database client sees it: triggers, but no pragmas and no authorizer."""
    options = bind_config(databases["registry"])
    engine = sa.create_engine(options.pop("url"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool, **options)
    yield engine
    engine.dispose()


def event(site: str) -> AuditEvent:
    return AuditEvent(Actor("custody", "command", "test"), "site:create", "site", site)


@pytest.fixture
def enrolment(building) -> UUID:
    """A participant of the site "north" with a consent record, an entry and an audit event."""
    person = uuid4()
    with writing("registry") as connection:
        connection.execute(SITES.insert(), {"id": "north", "name": "North", "created_at": NOW})
        row = {"id": person, "participant_code": "NS-0001", "site": "north", "zone": "Europe/Berlin"}
        connection.execute(ENROLMENTS.insert(), row | {"source": "imported", "claimed_at": NOW})
        consent = {"id": uuid4(), "enrolment": person, "form_version": "1", "text_sha256": bytes(32), "scopes": "[]"}
        connection.execute(CONSENT_RECORDS.insert(), consent | {"agreed_at": NOW, "zone": "UTC", "source": "imported"})
        entry = {"id": uuid4(), "enrolment": person, "schedule": "evening", "occasion": 1, "received_at": NOW}
        sealed = {"commitment": bytes(32), "receipt": bytes(64), "sealed": b"sealed"}
        connection.execute(SEALED_ENTRIES.insert(), entry | sealed)
        record(connection, "registry", event("north"), now=NOW)
    return person


# Whatever the way in: a change, a removal, a swap by key and a swap by rowid.
SWAPS = [
    "INSERT OR REPLACE INTO {t} SELECT * FROM {t}",
    "INSERT OR REPLACE INTO {t} (rowid, {c}) SELECT rowid, {o} FROM {t}",
]


@pytest.mark.parametrize("table", ["audit_events", "consent_records"])
@pytest.mark.parametrize("statement", ["UPDATE {t} SET {k} = {k}", "DELETE FROM {t}"])
def test_append_only_tables_refuse_change_and_removal(table, statement, enrolment, bare):
    key = {"audit_events": "room", "consent_records": "zone"}[table]

    with bare.connect() as connection, pytest.raises(REFUSALS, match="append-only"):
        connection.exec_driver_sql(statement.format(t=table, k=key))

    with bare.connect() as connection:
        assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 1


@pytest.mark.parametrize("table", ["audit_events", "consent_records"])
def test_append_only_tables_refuse_truncation(table, postgresql_databases, request):
    server = request.getfixturevalue("postgresql")
    database = sa.make_url(postgresql_databases["registry"]).database

    with pytest.raises(Exception, match="append-only"):
        server.run(f"TRUNCATE {table} CASCADE", database=database)


def test_append_only_tables_refuse_even_a_session_that_says_it_is_a_replica(postgresql_databases, request):
    server = request.getfixturevalue("postgresql")
    database = sa.make_url(postgresql_databases["registry"]).database

    with pytest.raises(Exception, match="append-only"):
        server.run("SET session_replication_role = replica; TRUNCATE audit_events", database=database)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.parametrize("table", ["audit_events", "consent_records"])
@pytest.mark.parametrize("swap", SWAPS, ids=["by key", "by rowid"])
def test_append_only_tables_refuse_to_be_replaced(table, swap, enrolment, bare):
    columns = [column["name"] for column in sa.inspect(bare).get_columns(table)]
    # By rowid, under another key: a new sequence, a new id.
    others = [{"sequence": "sequence + 1", "id": "randomblob(16)"}.get(name, name) for name in columns]
    with bare.connect() as connection:
        before = connection.exec_driver_sql(f"SELECT * FROM {table}").all()

        with pytest.raises(REFUSALS, match="append-only"):
            connection.exec_driver_sql(swap.format(t=table, c=", ".join(columns), o=", ".join(others)))

        assert connection.exec_driver_sql(f"SELECT * FROM {table}").all() == before


@pytest.mark.parametrize("bind", BINDS)
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_room_cannot_drop_what_guards_the_trail(bind, building):
    statements = ["DROP TRIGGER audit_events_no_update", "DROP TABLE audit_events", "DELETE FROM audit_events"]

    for statement in statements:
        with writing(bind) as connection, pytest.raises(REFUSALS, match="not authorized|prohibited"):
            connection.exec_driver_sql(statement)


def test_an_entry_can_be_folded_once(enrolment, building):
    block = {"enrolment": enrolment, "number": 1, "revision": 1, "folded_at": NOW, "sealed": b"block"}
    with writing("registry") as connection:
        connection.execute(BLOCKS.insert(), block)

        connection.execute(SEALED_ENTRIES.update().values(sealed=None, block=1))

    with writing("registry") as connection, pytest.raises(REFUSALS, match="can only be folded"):
        connection.execute(SEALED_ENTRIES.update().values(block=2))


@pytest.mark.parametrize(
    "change",
    [
        {"sealed": b"another"},
        {"commitment": bytes([1]) * 32},
        {"receipt": bytes([1]) * 64, "sealed": None, "block": 1},
        {"occasion": 2, "sealed": None, "block": 1},
        {"id": UUID(int=1), "sealed": None, "block": 1},
    ],
    ids=lambda change: "+".join(change),
)
def test_nothing_else_of_an_entry_changes(change, enrolment, building):
    with writing("registry") as connection, pytest.raises(REFUSALS, match="can only be folded"):
        connection.execute(SEALED_ENTRIES.update().values(**change))


def test_an_entry_can_be_removed(enrolment, building):
    with writing("registry") as connection:
        removed = connection.execute(SEALED_ENTRIES.delete()).rowcount

    assert removed == 1
