"""Tell who sends a request: a participant by cookie, a device by bearer token, or nobody.

One query answers who it is and everything that taking an entry needs to know of them.
"""

from collections.abc import Callable, Sequence

from flask import Request, g

from studyportal import clock
from studyportal.database import reading, writing
from studyportal.errors import NotSignedIn
from studyportal.intake.enrolment.sessions import SEEN_EVERY, Caller, caller_of
from studyportal.registry import sessions
from studyportal.sealing.sessions import token_hash
from studyportal.web.access import Visitor, visitor
from studyportal.web.here import here

_ROLES = {"session": "participant", "passkey": "participant", "submit": "device"}
_LONGEST_TOKEN = 64


def intake_visitor(required_scopes: Sequence[str]) -> Callable[[Request], Visitor | None]:
    """A `visitor_of` for `make_room`. `required_scopes` are those without which nothing is collected."""
    required = tuple(sorted(required_scopes))

    def visitor_of(request: Request) -> Visitor | None:
        bearer = request.headers.get("Authorization", "")
        role, token = (
            ("device", bearer[7:]) if bearer.startswith("Bearer ") else ("participant", session_token(request))
        )
        if not token or len(token) > _LONGEST_TOKEN:
            return None
        now, name = clock.now(), token_hash(token)
        with reading("registry") as connection:
            row = sessions.caller(connection, name, required_scopes=required)
        found = caller_of(row, name, now=now)
        # A device's token is no cookie and a cookie is no bearer token: neither can stand in for the other.
        if found is None or _ROLES[found.kind] != role:
            return None
        if role == "participant" and now - found.last_seen_at > SEEN_EVERY:
            with writing("registry", enrolment=found.enrolment) as connection:
                sessions.touch_session(connection, name, now=now)
        g.intake_caller = found
        return Visitor(role, found.enrolment, found.participant_code, found.site, name)

    return visitor_of


def caller() -> Caller:
    """Who is calling, with what an entry needs; raises `NotSignedIn` for nobody."""
    if visitor() is None:
        raise NotSignedIn("Sign in first.")
    return g.intake_caller


def session_token(request: Request) -> str:
    """The token of the sign-in cookie, or ""."""
    return request.cookies.get(here().cookie, "")
