"""The four rooms as they are put up: their ports and the databases behind their walls."""

from collections.abc import Mapping
from dataclasses import dataclass

from studyportal.database import BINDS
from studyportal.errors import NotFound


@dataclass(frozen=True, slots=True)
class Room:
    """One room: its port on this machine and the binds it is given, no others."""

    name: str
    port: int
    binds: tuple[str, ...]

    @property
    def origin(self) -> str:
        # localhost, not 127.0.0.1: browsers give passkeys and __Host- cookies to the name only.
        return f"http://localhost:{self.port}"


ROOMS: Mapping[str, Room] = {
    room.name: room
    for room in (
        Room("intake", 8000, ("registry", "keyring")),
        Room("clinic", 8001, ("registry",)),
        Room("custody", 8002, BINDS),
        Room("research", 8003, ("workbench",)),
    )
}


def room_named(name: str) -> Room:
    """The room of this name; raises `NotFound` and says which there are."""
    if name not in ROOMS:
        raise NotFound(f"There is no room {name}. There are {', '.join(ROOMS)}.")
    return ROOMS[name]
