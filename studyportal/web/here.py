"""Know in which room the code runs: its name, its settings, its study."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, Request, current_app, has_request_context, request

from studyportal.web.settings import RoomSettings

# The rooms and the words that pages show for them.
ROOMS = {"clinic": "Clinic", "custody": "Custody", "intake": "Diary", "research": "Research"}

EXTENSION = "studyportal"


@dataclass(frozen=True)
class Here:
    """One room as it runs. `nav` is endpoint and words; `sign_in`, `sign_out`, `sessions`, `step_up` are endpoints.

    `spoken` is the study in each of its languages, the fallback first.
    """

    name: str
    settings: RoomSettings
    spoken: tuple[Any, ...]
    visitor_of: Callable[[Request], Any]
    nav: tuple[tuple[str, str], ...]
    sign_in: str | None
    sign_out: str | None
    sessions: str | None
    step_up: str | None = None

    @property
    def protocol(self) -> Any:
        """The study, in the language that the browser of this request asks for, or else in its own first one."""
        if len(self.spoken) == 1 or not has_request_context():
            return self.spoken[0]
        languages = {one.language: one for one in self.spoken}
        return languages.get(request.accept_languages.best_match(languages), self.spoken[0])

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
