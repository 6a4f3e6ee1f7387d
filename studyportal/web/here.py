"""Know in which room the code runs: its name, its settings, its study."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, Request, current_app, has_request_context, request

from studyportal.saying import said
from studyportal.web.languages import ENGLISH, choose
from studyportal.web.settings import RoomSettings

# The rooms and the words that pages show for them.
ROOMS = {"clinic": said("Clinic"), "custody": said("Custody"), "intake": said("Diary"), "research": said("Research")}

EXTENSION = "studyportal"


@dataclass(frozen=True)
class Here:
    """One room as it runs. `nav` is endpoint and words; `sign_in`, `sign_out`, `sessions`, `step_up` are endpoints.

    `spoken` is the study in each of its languages, the fallback first; `speaks` are the languages of the room's own
    words.
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
    speaks: tuple[str, ...] = (ENGLISH,)

    @property
    def protocol(self) -> Any:
        """The study, in the language of this request, or else in its own first one."""
        if len(self.spoken) == 1 or not has_request_context():
            return self.spoken[0]
        return {one.language: one for one in self.spoken}[self.language()]

    def language(self) -> str:
        """The language of this request, one of the study's: chosen by the visitor, or asked for by their browser."""
        return choose(
            request.accept_languages,
            chosen=request.cookies.get(self.language_cookie),
            study=self.languages,
            words=self.speaks,
        )

    @property
    def languages(self) -> list[str]:
        """The languages of the study."""
        return [one.language for one in self.spoken]

    @property
    def words(self) -> str:
        """The language of the pages' own words: that of the study's, if the room speaks it, or else English."""
        if len(self.speaks) == 1:
            return self.speaks[0]
        found: str = self.protocol.language
        return found if found in self.speaks else ENGLISH

    @property
    def title(self) -> str:
        return ROOMS[self.name]

    @property
    def cookie(self) -> str:
        """The name of the sign-in cookie. `__Host-`: Secure, this host only, path / (RFC 6265bis, 4.1.3.2)."""
        return f"__Host-{self.name}"

    @property
    def language_cookie(self) -> str:
        """The name of the cookie that says which language was chosen."""
        return f"{self.cookie}-language"


def here(app: Flask | None = None) -> Here:
    """The room of `app`, or of the request being answered."""
    return (app or current_app).extensions[EXTENSION]


def words_now() -> str:
    """The language of the pages' own words; English where no room answers a request."""
    place = current_app.extensions.get(EXTENSION) if has_request_context() else None
    return place.words if place else ENGLISH
