"""Bring a database to a revision, each step whole or not at all.

Works through connections of its own, without the rooms' authorizer (taking a table down drops its triggers), so no
room can do what is done here. Refuses a history that is not the bind's own and rows left pointing at nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.pool import NullPool

from studyportal.audit import tables as _audit
from studyportal.database import bind_config, metadata
from studyportal.errors import Unsafe
from studyportal.keyring import tables as _keyring
from studyportal.outbox import tables as _outbox
from studyportal.registry import alert_tables as _alerts
from studyportal.registry import desk_tables as _desk
from studyportal.registry import enrolment_tables as _enrolment
from studyportal.registry import form_tables as _forms
from studyportal.registry import message_tables as _messages
from studyportal.registry import passkey_tables as _passkeys
from studyportal.registry import pause_tables as _pauses
from studyportal.registry import reminder_tables as _reminders
from studyportal.registry import reset_tables as _resets
from studyportal.registry import tables as _registry
from studyportal.web.sign_in import tables as _sign_in
from studyportal.workbench import tables as _workbench

ROOT = Path(__file__).resolve().parents[2]

# Importing these declares every table; the histories are compared with them.
DECLARING = (
    _audit,
    _outbox,
    _sign_in,
    _registry,
    _desk,
    _enrolment,
    _alerts,
    _messages,
    _forms,
    _passkeys,
    _pauses,
    _resets,
    _reminders,
    _keyring,
    _workbench,
)

# Any number will do, as long as it is always this one: two upgrades of one PostgreSQL wait for each other.
_UPGRADE_LOCK = 7_313_004_001


def head(bind: str) -> str:
    """The newest revision of a database's history."""
    newest = ScriptDirectory.from_config(_config(bind)).get_current_head()
    assert newest is not None
    return newest


def current(bind: str, url: str) -> str | None:
    """The revision a database is at, or None before the first."""
    with _changing(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(bind: str, url: str, *, to: str = "head") -> str | None:
    """Bring the database at `url` up to a revision and answer which it now has."""
    return _run(bind, url, command.upgrade, to)


def downgrade(bind: str, url: str, *, to: str) -> str | None:
    """Take the database at `url` back to a revision; "base" leaves no table of ours."""
    return _run(bind, url, command.downgrade, to)


def _run(bind: str, url: str, step: Callable[[Config, str], None], to: str) -> str | None:
    config = _config(bind)
    with _changing(url) as connection:
        config.attributes.update(connection=connection, metadata=metadata(bind))
        found = MigrationContext.configure(connection).get_current_revision()
        if found is not None and not found.startswith(f"{bind}_"):
            raise Unsafe(f"This database has the history {found}, not that of the {bind}.")
        step(config, to)
        _check_references(connection)
        return MigrationContext.configure(connection).get_current_revision()


def _config(bind: str) -> Config:
    histories = ROOT / "migrations"
    if not (histories / bind).is_dir():
        raise Unsafe(f"There is no migration history for a database {bind} beside the package.")
    config = Config()
    # Alembic reads these through configparser, where a percent sign must be doubled.
    for name, value in {
        "script_location": histories,
        "version_locations": histories / bind,
        "prepend_sys_path": ROOT,
        "path_separator": "newline",
    }.items():
        config.set_main_option(name, str(value).replace("%", "%%"))
    return config


@contextmanager
def _changing(url: str) -> Iterator[sa.Connection]:
    options = bind_config(url)
    engine = sa.create_engine(options.pop("url"), poolclass=NullPool, **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
        yield connection


def _check_references(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise Unsafe("A migration left rows that point at nothing; nothing was changed.")
