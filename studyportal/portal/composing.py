"""Load the parts of the building by name. Nowhere else is code loaded by name.

By name, because a room must start on a machine where the other rooms are not installed, and because the command line
must not load four rooms to print its help.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from flask import Flask

from studyportal.errors import Unsafe
from studyportal.portal.rooms import room_named
from studyportal.web.settings import RoomSettings


def load(where: str) -> Any:
    """What stands at "module:name". Raises `Unsafe` if that part of the building is not installed."""
    module, name = where.split(":")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as missing:
        # Only an absent part of our own; a broken import inside it is a fault and must look like one.
        if missing.name and (module == missing.name or module.startswith(f"{missing.name}.")):
            raise Unsafe(f"This part of the building is not installed here: {missing.name}.") from None
        raise


def settings_class(room: str) -> type[RoomSettings]:
    """The class that says what this room must be told."""
    name = room_named(room).name
    return load(f"studyportal.{name}.settings:{name.capitalize()}Settings")


def create_app(room: str, settings: RoomSettings) -> Flask:
    """The application of a room."""
    return load(f"studyportal.{room_named(room).name}.app:create_app")(settings)


def handlers(room: str) -> Mapping[str, Callable[..., Any]]:
    """What the worker of custody or of research does for each kind of work in its outbox."""
    return load(f"studyportal.{room_named(room).name}.worker:HANDLERS")
