"""A house for every test: on SQLite and on PostgreSQL, or on SQLite alone where the database does not matter."""

from collections.abc import Iterator

import pytest
from flask import Flask

from studyportal.database import bind_config, db, install
from studyportal.protocol import SHIPPED, Protocol, load_protocol
from tests.custody.cast import House


@pytest.fixture(scope="session")
def protocol() -> Protocol:
    return load_protocol(SHIPPED)


@pytest.fixture
def house(building, protocol, tmp_path) -> House:
    """An open study, on each kind of database."""
    return House(protocol, tmp_path).open()


@pytest.fixture
def small_house(sqlite_databases, protocol, tmp_path) -> Iterator[House]:
    """An open study on SQLite."""
    app = Flask("building")
    app.config["SQLALCHEMY_BINDS"] = {bind: bind_config(url) for bind, url in sqlite_databases.items()}
    install(app)
    with app.app_context():
        yield House(protocol, tmp_path).open()
        for engine in db.engines.values():
            engine.dispose()
