"""Read a room's settings from its file, and refuse to start on what is weak, missing, unknown or readable by others.

Everything that is wrong is said at once, by name, never with its value. Paths and SQLite files in a settings file are
relative to the folder it is in, so that an instance can be moved.
"""

import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from studyportal.errors import Unsafe
from studyportal.portal.composing import settings_class
from studyportal.portal.rooms import Room, room_named
from studyportal.web.settings import RoomSettings

# Environment in which Flask or Python shows values or keeps them longer than needed.
UNSAFE_ENVIRONMENT = ("FLASK_DEBUG", "PYTHONDEVMODE", "WERKZEUG_RUN_MAIN")

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def settings_file(room: str, instance: Path) -> Path:
    """Where a room's settings are."""
    return instance / f"{room_named(room).name}.toml"


def read_settings(room: str, instance: Path, *, environment: Mapping[str, str] = os.environ) -> RoomSettings:
    """The settings of a room. Raises `Unsafe` that names every problem."""
    file, kind = settings_file(room, instance), settings_class(room)
    raw = _parsed(file)
    problems = [
        f"{name} is set in the environment" for name in UNSAFE_ENVIRONMENT if environment.get(name, "") not in ("", "0")
    ]
    problems += _loose(file)
    placed = _placed(raw, kind, instance.absolute())
    if "key_file" in kind.model_fields and isinstance(placed.get("key_file"), str):
        problems += _unfit_key_file(Path(placed["key_file"]))
    settings = None
    try:
        settings = kind.read(placed)
    except Unsafe as unfit:
        problems.append(unfit.sentence.removeprefix("These settings keep the room from starting. ").rstrip("."))
    if settings is not None:
        problems += _unfit(settings, room_named(room))
    if problems or settings is None:
        raise Unsafe(f"{file.name} keeps the {room} room from starting: {'; '.join(problems)}.")
    return settings


def _parsed(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Unsafe(f"There is no {file.name} in {file.parent}. Make an instance with `studyportal init`.") from None
    except OSError:
        raise Unsafe(f"{file.name} cannot be read by this user.") from None
    except ValueError:
        raise Unsafe(f"{file.name} is not a TOML file.") from None


def _placed(raw: dict[str, Any], kind: type[RoomSettings], folder: Path) -> dict[str, Any]:
    placed = dict(raw)
    for name, field in kind.model_fields.items():
        if field.annotation is Path and isinstance(placed.get(name), str):
            placed[name] = str(folder / placed[name])
    if isinstance(placed.get("log"), str) and placed["log"] not in ("", "-"):
        placed["log"] = str(folder / placed["log"])
    if isinstance(placed.get("databases"), dict):
        placed["databases"] = {bind: placed_url(url, folder) for bind, url in placed["databases"].items()}
    return placed


def placed_url(url: Any, folder: Path) -> Any:
    """A database address whose SQLite file, if relative, is in `folder`."""
    try:
        address = sa.make_url(url)
    except (sa.exc.ArgumentError, TypeError):
        return url
    if address.get_backend_name() != "sqlite" or not address.database:
        return url
    return address.set(database=str(folder / address.database)).render_as_string(hide_password=False)


def _loose(path: Path) -> Iterator[str]:
    """Whether others than the owner can read or change what should be private."""
    found = path.stat()
    if stat.S_IMODE(found.st_mode) & 0o077:
        yield f"{path.name} can be read by others (chmod 600)"
    if found.st_uid not in (os.geteuid(), 0):
        yield f"{path.name} belongs to another user"


def _unfit_key_file(path: Path) -> Iterator[str]:
    if path.is_file():
        yield from _loose(path)
    else:
        yield f"key_file {path.name} is not there"


def _unfit(settings: RoomSettings, room: Room) -> Iterator[str]:
    """What is wrong although each setting by itself looks right."""
    if set(settings.databases) != set(room.binds):
        yield f"databases must be exactly {', '.join(room.binds)}"
    for bind, url in sorted(settings.databases.items()):
        yield from _unfit_database(bind, url)
    if urlsplit(settings.origin).scheme == "http" and urlsplit(settings.origin).port != settings.port:
        yield "origin and port do not name the same port"
    if settings.synthetic and (settings.host not in LOOPBACK or settings.proxies):
        yield "synthetic data are shown on this machine only: origin must be localhost, and proxies 0"
    if not settings.protocol.is_file():
        yield "protocol is not a file"


def _unfit_database(bind: str, url: str) -> Iterator[str]:
    try:
        address = sa.make_url(url)
    except sa.exc.ArgumentError:
        yield f"databases.{bind} is not a database address"
        return
    if address.get_backend_name() == "sqlite":
        if not address.database or not Path(address.database).is_file():
            yield f"databases.{bind} is not there (studyportal database upgrade)"
    elif address.get_backend_name() != "postgresql":
        yield f"databases.{bind} must be a SQLite file or PostgreSQL"
    elif not _is_near(address) and address.query.get("sslmode") not in ("verify-full", "verify-ca"):
        yield f"databases.{bind} must be reached with sslmode=verify-full outside this machine"


def _is_near(address: sa.URL) -> bool:
    host = address.host or str(address.query.get("host", "/"))
    return host.startswith("/") or host in ("localhost", "127.0.0.1", "::1")
