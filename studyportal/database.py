"""Open the databases that a room has, one transaction at a time.

One `db` for the whole building, a bind key per database. A room is configured with its own binds only, so reaching
across a wall raises `WallCrossed`. Refuses SQLite versions with the WAL-reset corruption bug and never shows a
bound value in an error.
"""

import fcntl
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from pysqlite3 import dbapi2 as pysqlite3
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite

from studyportal.errors import Unavailable, Unsafe, WallCrossed

BINDS = ("registry", "keyring", "workbench")

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

db = SQLAlchemy(metadata=sa.MetaData(naming_convention=NAMING))

# Connections of one database may not change or drop what is append-only, whatever the SQL says.
APPEND_ONLY = frozenset({"audit_events"})


class UtcMicroseconds(sa.types.TypeDecorator[datetime]):
    """An aware UTC datetime, kept as whole microseconds since 1970.

    SQLite's own date-times drop the zone; a number means the same in both databases.
    """

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be kept")
        delta = value - _EPOCH
        return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        return (
            None
            if value is None
            else datetime.fromtimestamp(value // 1_000_000, UTC).replace(microsecond=value % 1_000_000)
        )


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def table(bind: str, name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    """Declare a table of one database."""
    return db.Table(name, *columns, bind_key=bind)


def metadata(bind: str) -> sa.MetaData:
    """All tables declared so far for one database."""
    return db.metadatas[bind]


def safe_sqlite(version: tuple[int, ...]) -> bool:
    """Whether this SQLite has the WAL-reset fix (3.51.3, 3.50.7, 3.44.6; sqlite.org/wal.html)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def bind_config(url: str) -> dict[str, Any]:
    """The engine options for one database address, for `SQLALCHEMY_BINDS`.

    Raises `Unsafe` for other databases than SQLite files and PostgreSQL, and for an affected SQLite.
    """
    address = sa.make_url(url)
    if address.get_backend_name() == "postgresql":
        return {"url": address.set(drivername="postgresql+psycopg"), "hide_parameters": True, "pool_pre_ping": True}
    if address.get_backend_name() != "sqlite" or not address.database or address.database == ":memory:":
        raise Unsafe("A database address must be a SQLite file or PostgreSQL.")
    if not safe_sqlite(pysqlite3.sqlite_version_info):
        raise Unsafe(f"SQLite {pysqlite3.sqlite_version} can corrupt a database; install pysqlite3 0.6.1 or newer.")
    return {
        "url": address,
        "module": pysqlite3,
        "hide_parameters": True,
        # SQLAlchemy must not begin transactions by itself: `reading` and `writing` say which kind.
        "connect_args": {"isolation_level": None, "timeout": 15, "cached_statements": 256},
    }


def install(app: Flask) -> None:
    """Give a room its databases (those named in `SQLALCHEMY_BINDS`, no others)."""
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            prepare(engine)


def prepare(engine: sa.Engine) -> sa.Engine:
    """Set pragmas, the authorizer and the kind of transaction on an engine; PostgreSQL needs none of it."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=15000",
        "trusted_schema=OFF",
        "secure_delete=ON",
        "recursive_triggers=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.set_authorizer(_authorize)


# What is meant by each action: sqlite.org/c3ref/c_alter_table.html. Migrations run without the authorizer.
_CHANGES = {pysqlite3.SQLITE_UPDATE, pysqlite3.SQLITE_DELETE}
_DROPS_TRIGGER = {pysqlite3.SQLITE_DROP_TRIGGER, pysqlite3.SQLITE_DROP_TEMP_TRIGGER}


def _authorize(action: int, first: str | None, second: str | None, database: str | None, source: str | None) -> int:
    if action in _CHANGES and first in APPEND_ONLY:
        return pysqlite3.SQLITE_DENY
    if action in _DROPS_TRIGGER or (action == pysqlite3.SQLITE_DROP_TABLE and first in APPEND_ONLY):
        return pysqlite3.SQLITE_DENY
    if action in (pysqlite3.SQLITE_ATTACH, pysqlite3.SQLITE_DETACH):
        return pysqlite3.SQLITE_DENY
    return pysqlite3.SQLITE_OK


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _engine(bind: str) -> sa.Engine:
    try:
        return db.engines[bind]
    except KeyError:
        raise WallCrossed(f"This room has no {bind} database.") from None


# PostgreSQL's own default shows each statement what others have committed meanwhile, and lets a reader write.
_ONE_VIEW: Mapping[str, Mapping[str, Any]] = {
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
    "sqlite": {},
}


@contextmanager
def reading(bind: str, *, enrolment: UUID | None = None, site: str | None = None) -> Iterator[sa.Connection]:
    """One consistent view of one database, for reading alone; `enrolment` or `site` narrow what PostgreSQL shows."""
    engine = _engine(bind)
    with engine.connect().execution_options(**_ONE_VIEW[engine.dialect.name]) as connection, connection.begin():
        _narrow(connection, enrolment, site)
        yield connection


@contextmanager
def writing(bind: str, *, enrolment: UUID | None = None, site: str | None = None) -> Iterator[sa.Connection]:
    """One transaction that changes one database, all of it or nothing.

    SQLite takes the write lock at once (BEGIN IMMEDIATE), so two writers wait for each other instead of failing.
    """
    engine = _engine(bind)
    with (
        _in_line(engine),
        engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection,
        connection.begin(),
    ):
        _narrow(connection, enrolment, site)
        yield connection


def forget(bind: str) -> None:
    """Leave nothing that was deleted in SQLite's write-ahead log, which keeps old pages until they are written over.

    Call it outside of a transaction. Raises `Unavailable` while somebody goes on reading; PostgreSQL needs VACUUM by
    the owner instead (autovacuum does it).
    """
    engine = _engine(bind)
    if engine.dialect.name != "sqlite":
        return
    with _in_line(engine), closing(engine.raw_connection()) as connection:
        busy, *_ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise Unavailable("Somebody is reading the database just now; what was deleted is still in its log.")


@contextmanager
def _in_line(engine: sa.Engine) -> Iterator[None]:
    """Let the writers of a SQLite file wait in line, over all processes.

    SQLite's own waiting is sleeping and asking again, up to a tenth of a second at a time; measured, it costs most
    of the rate at eight writers. The lock is on a file beside the database and ends with the process that holds it.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    if engine.url.database in _here.lines:
        raise RuntimeError("a writing transaction inside another on the same database would wait for itself")
    line = os.open(f"{engine.url.database}-line", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(line, fcntl.LOCK_EX)
        _here.lines |= {engine.url.database}
        yield
    finally:
        _here.lines -= {engine.url.database}
        os.close(line)


class _Here(threading.local):
    """The SQLite files that this thread is writing."""

    def __init__(self) -> None:
        self.lines: frozenset[str | None] = frozenset()


_here = _Here()


def _narrow(connection: sa.Connection, enrolment: UUID | None, site: str | None) -> None:
    if connection.dialect.name == "postgresql" and (enrolment or site):
        connection.execute(
            sa.text("SELECT set_config('studyportal.enrolment', :e, true), set_config('studyportal.site', :s, true)"),
            {"e": str(enrolment or ""), "s": site or ""},
        )


DIALECTS = ("sqlite", "postgresql")
_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_once(connection: sa.Connection, into: sa.Table, values: Mapping[str, Any], *, key: Sequence[str]) -> bool:
    """Insert a row unless one with this key is there; True if it was inserted."""
    statement = _INSERTS[connection.dialect.name](into).on_conflict_do_nothing(index_elements=list(key))
    # Where SQLAlchemy adds a RETURNING of its own, it forgets the number of rows unless told to keep it.
    return connection.execute(statement, dict(values), execution_options={"preserve_rowcount": True}).rowcount == 1


def insert_each_once(
    connection: sa.Connection,
    into: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    told: sa.Column[Any],
) -> Sequence[Any]:
    """Insert those of many rows whose key is not there; the column `told` of each that was inserted."""
    if not rows:
        return []
    statement = _INSERTS[connection.dialect.name](into).on_conflict_do_nothing(index_elements=list(key)).returning(told)
    return connection.scalars(statement, [dict(row) for row in rows]).all()


class Prepared:
    """A statement whose text is made once for each kind of database.

    For what happens with every entry that arrives: finding the text anew, even in a cache, costs more than the
    database does. Rows come back as the driver gives them, so ask for plain columns only.
    """

    def __init__(self, statements: Mapping[str, Any], *, columns: Sequence[str] | None = None) -> None:
        """`statements` by kind of database; `columns` are those that an insert fills."""
        self._statements = statements
        self._columns = columns
        self._made: dict[str, tuple[str, tuple[str, ...] | None, tuple[tuple[str, Any, Any], ...]]] = {}

    def execute(self, connection: sa.Connection, values: Mapping[str, Any]) -> sa.CursorResult[Any]:
        """Execute it with a value for each of its parameters."""
        text, order, parameters = self._made.get(connection.dialect.name) or self._make(connection.dialect)
        ready = {name: make(values[name]) if make else values.get(name, known) for name, known, make in parameters}
        return connection.exec_driver_sql(text, ready if order is None else tuple([ready[name] for name in order]))

    def _make(self, dialect: sa.Dialect) -> tuple[str, tuple[str, ...] | None, tuple[tuple[str, Any, Any], ...]]:
        compiled = self._statements[dialect.name].compile(dialect=dialect, column_keys=self._columns)
        parameters = tuple(
            (name, bind.value, bind.type.dialect_impl(dialect).bind_processor(dialect))
            for name, bind in compiled.binds.items()
        )
        order = tuple(compiled.positiontup) if compiled.positional else None
        self._made[dialect.name] = compiled.string, order, parameters
        return self._made[dialect.name]
