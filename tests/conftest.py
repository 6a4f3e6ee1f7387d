"""Databases for every test: fresh, migrated, on SQLite files and on a real PostgreSQL.

`databases` runs a test twice, once per kind, and gives the address of each bind's database. `building` is an app
context that has all three. A test that needs one kind only asks for `sqlite_databases` or `postgresql_databases`.
"""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from flask import Flask

from studyportal.database import BINDS, bind_config, db, install
from studyportal.portal.migrating import upgrade
from tests.compiled import COMPILED
from tests.postgresql import Server

# Every application of a run has the same templates; the first that needs one compiles it for all.
Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": COMPILED}


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server for the whole run."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _postgresql_templates(postgresql: Server) -> Mapping[str, str]:
    names = {bind: postgresql.database() for bind in BINDS}
    for bind, name in names.items():
        upgrade(bind, postgresql.url(name))
    return names


@pytest.fixture(scope="session")
def _sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("templates")
    files = {bind: folder / f"{bind}.sqlite" for bind in BINDS}
    for bind, file in files.items():
        upgrade(bind, f"sqlite:///{file}")
    return files


@pytest.fixture
def postgresql_databases(postgresql: Server, _postgresql_templates: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """Bind -> address of a fresh migrated database in PostgreSQL."""
    names = {bind: postgresql.database(template=template) for bind, template in _postgresql_templates.items()}
    yield {bind: postgresql.url(name) for bind, name in names.items()}
    for name in names.values():
        postgresql.drop(name)


@pytest.fixture
def sqlite_databases(tmp_path: Path, _sqlite_templates: Mapping[str, Path]) -> Mapping[str, str]:
    """Bind -> address of a fresh migrated SQLite file."""
    return {bind: f"sqlite:///{shutil.copy(file, tmp_path)}" for bind, file in _sqlite_templates.items()}


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """Bind -> address; the test runs once on SQLite and once on PostgreSQL."""
    return request.getfixturevalue(f"{request.param}_databases")


@pytest.fixture
def building(databases: Mapping[str, str]) -> Iterator[Flask]:
    """An app context with all three databases, as no room has it: for tests of the stores and of actions."""
    app = Flask("building")
    app.config["SQLALCHEMY_BINDS"] = {bind: bind_config(url) for bind, url in databases.items()}
    install(app)
    with app.app_context():
        yield app
        for engine in db.engines.values():
            engine.dispose()
