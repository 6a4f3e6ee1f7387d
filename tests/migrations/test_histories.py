"""The three histories: they end where the tables are, and lead up, down and up again with rows in the way."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import BINDS, bind_config, metadata, writing
from studyportal.errors import Unsafe
from studyportal.portal import migrating

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def plain_engine(url: str) -> sa.Engine:
    options = bind_config(url)
    return sa.create_engine(options.pop("url"), poolclass=sa.NullPool, **options)


def promises(engine: sa.Engine) -> dict[str, dict[str | None, str]]:
    """Table -> name of each CHECK constraint -> its SQL, which Alembic's comparison does not look at."""
    inspector = sa.inspect(engine)
    return {
        table: {check["name"]: check["sqltext"] for check in inspector.get_check_constraints(table)}
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


@pytest.mark.parametrize("bind", BINDS)
def test_a_history_ends_where_the_tables_are(bind, databases):
    engine = plain_engine(databases[bind])

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata(bind))

    assert differences == []
    assert migrating.current(bind, databases[bind]) == migrating.head(bind)


@pytest.mark.parametrize("bind", BINDS)
def test_migrated_tables_keep_the_promises_of_declared_tables(bind, databases, request, tmp_path):
    migrated = plain_engine(databases[bind])
    server = request.getfixturevalue("postgresql") if migrated.dialect.name == "postgresql" else None
    fresh = server.url(server.database()) if server else f"sqlite:///{tmp_path}/declared.sqlite"
    declared = plain_engine(fresh)

    with declared.begin() as connection:
        metadata(bind).create_all(connection)

    assert promises(migrated) == promises(declared)
    assert all(name for checks in promises(migrated).values() for name in checks)


@pytest.mark.parametrize("bind", BINDS)
def test_a_history_leads_up_and_down_and_up_with_rows_in_it(bind, building, databases):
    event = AuditEvent(Actor("custody", "command", "test"), "site:create", "site", "north")
    with writing(bind) as connection:
        record(connection, bind, event, now=NOW)

    lowest = migrating.downgrade(bind, databases[bind], to="base")
    left = sa.inspect(plain_engine(databases[bind])).get_table_names()
    highest = migrating.upgrade(bind, databases[bind])

    assert lowest is None
    assert left == ["alembic_version"]
    assert highest == migrating.head(bind)


def test_a_database_with_another_history_is_refused(databases):
    with pytest.raises(Unsafe, match="not that of the keyring"):
        migrating.upgrade("keyring", databases["registry"])


def test_every_table_begins_in_a_migration(sqlite_databases):
    migrated = {bind: set(sa.inspect(plain_engine(url)).get_table_names()) for bind, url in sqlite_databases.items()}

    declared = {bind: set(metadata(bind).tables) | {"alembic_version"} for bind in BINDS}

    assert migrated == declared
