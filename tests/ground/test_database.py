"""The ground refuses to cross walls, to lose a zone, to run on a SQLite that can lose data, and to show a value."""

from datetime import UTC, datetime, timedelta, timezone

import flask
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from studyportal import audit, database  # noqa: F401  the audit table must exist
from studyportal.errors import Unsafe, WallCrossed
from studyportal.registry.tables import SITES


@pytest.fixture
def registry_only(tmp_path):
    """An app with the registry alone, as the clinic has it."""
    app = flask.Flask("clinic")
    app.config["SQLALCHEMY_BINDS"] = {"registry": database.bind_config(f"sqlite:///{tmp_path}/registry.db")}
    database.install(app)
    with app.app_context():
        with database.writing("registry") as connection:
            database.metadata("registry").create_all(connection)
        yield app


def test_a_room_cannot_reach_a_database_it_does_not_have(registry_only):
    with pytest.raises(WallCrossed), database.reading("keyring"):
        pass


def test_a_query_for_a_table_of_another_database_finds_no_such_table(registry_only):
    from studyportal.keyring.tables import WRAPPED_SEEDS

    with database.reading("registry") as connection, pytest.raises(sa.exc.DatabaseError):
        connection.execute(sa.select(WRAPPED_SEEDS))


def test_a_reader_sees_one_moment_whatever_others_write_meanwhile(building):
    count = sa.select(sa.func.count()).select_from(SITES)

    with database.reading("registry") as reader:
        before = reader.scalar(count)
        with database.writing("registry") as writer:
            writer.execute(sa.insert(SITES), {"id": "NS", "name": "Northside", "created_at": datetime.now(UTC)})
        after = reader.scalar(count)

    assert before == after == 0
    with database.reading("registry") as reader:
        assert reader.scalar(count) == 1


def test_an_error_of_the_database_does_not_show_the_value(registry_only):
    row = {"id": "NS", "name": "MARKED-NAME", "created_at": datetime.now(UTC)}

    with pytest.raises(sa.exc.IntegrityError) as refused, database.writing("registry") as connection:
        connection.execute(sa.insert(SITES), row)
        connection.execute(sa.insert(SITES), row)

    assert "MARKED-NAME" not in str(refused.value)


def test_a_failed_action_leaves_nothing_behind(registry_only):
    with pytest.raises(RuntimeError), database.writing("registry") as connection:
        connection.execute(sa.insert(SITES), {"id": "NS", "name": "Northside", "created_at": datetime.now(UTC)})
        raise RuntimeError

    with database.reading("registry") as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(SITES)) == 0


def test_what_is_acknowledged_is_on_the_disk(registry_only):
    with database.reading("registry") as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in _PRAGMAS}

    assert pragmas == _PRAGMAS


_PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0, "secure_delete": 1}


@pytest.mark.parametrize(
    "sql", ["UPDATE audit_events SET room = 'x'", "DELETE FROM audit_events", "DROP TABLE audit_events"]
)
def test_the_connections_of_a_room_may_not_touch_the_trail(registry_only, sql):
    with pytest.raises(sa.exc.DatabaseError, match="not authorized"), database.writing("registry") as connection:
        connection.execute(sa.text(sql))


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
    ],
)
def test_a_sqlite_with_the_wal_bug_is_refused(version, safe):
    assert database.safe_sqlite(version) is safe


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused(url):
    with pytest.raises(Unsafe):
        database.bind_config(url)


@given(
    st.datetimes(
        min_value=datetime(1950, 1, 1),
        max_value=datetime(2150, 1, 1),
        timezones=st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours))),
    )
)
def test_a_time_comes_back_to_the_microsecond_in_utc(moment):
    kept = database.UtcMicroseconds().process_bind_param(moment, sqlite.dialect())

    back = database.UtcMicroseconds().process_result_value(kept, sqlite.dialect())

    assert back == moment
    assert back.tzinfo is UTC


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        database.UtcMicroseconds().process_bind_param(datetime(2026, 3, 1), sqlite.dialect())


def test_a_writer_inside_a_writer_is_told_at_once_instead_of_waiting_for_itself(registry_only):
    with (
        database.writing("registry"),
        pytest.raises(RuntimeError, match="inside another"),
        database.writing("registry"),
    ):
        pass


def test_a_writer_that_failed_leaves_the_line(registry_only):
    with pytest.raises(KeyError), database.writing("registry"):
        raise KeyError

    with database.writing("registry") as connection:
        assert connection.scalar(sa.select(1)) == 1
