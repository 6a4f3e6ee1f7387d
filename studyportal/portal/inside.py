"""Stand inside a room, or just among its databases, without serving anybody: for commands and the worker."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from studyportal.database import bind_config, db, install
from studyportal.portal.settings import read_settings
from studyportal.web.settings import RoomSettings


@contextmanager
def databases_of(urls: Mapping[str, str]) -> Iterator[None]:
    """A context in which these databases, and no others, can be read and written."""
    app = Flask("studyportal")
    app.config["SQLALCHEMY_BINDS"] = {bind: bind_config(url) for bind, url in urls.items()}
    install(app)
    with app.app_context():
        try:
            yield
        finally:
            for engine in db.engines.values():
                engine.dispose()


@contextmanager
def inside(room: str, instance: Path) -> Iterator[RoomSettings]:
    """The settings of a room, and a context with its databases. Raises `Unsafe` as the room itself would."""
    settings = read_settings(room, instance)
    with databases_of(settings.databases):
        yield settings
