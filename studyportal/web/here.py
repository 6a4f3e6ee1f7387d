"""Know in which room the code runs: its name, its settings, its study."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, Request, current_app

from studyportal.web.settings import RoomSettings

# The rooms and the words that pages show for them.
ROOMS = {"clinic": "Clinic", "custody": "Custody", "intake": "Diary", "research": "Research"}

EXTENSION = "studyportal"


@dataclass(frozen=True)
class Here:
    """One room as it runs. `nav` is endpoint and words; `sign_in`, `sign_out`, `sessions` are endpoints."""

    name: str
    settings: RoomSettings
    protocol: Any
    visitor_of: Callable[[Request], Any]
    nav: tuple[tuple[str, str], ...]
    sign_in: str | None
    sign_out: str | None
    sessions: str | None

    @property
    def title(self) -> str:
        return ROOMS[self.name]

    @property
    def cookie(self) -> str:
        """The name of the sign-in cookie. `__Host-`: Secure, this host only, path / (RFC 6265bis, 4.1.3.2)."""
        return f"__Host-{self.name}"


def here(app: Flask | None = None) -> Here:
    """The room of `app`, or of the request being answered."""
    return (app or current_app).extensions[EXTENSION]
