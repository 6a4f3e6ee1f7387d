"""What the pages of the sign-in have in common: the door of this request, the cookie, the way in and out."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from flask import Response, redirect, request, session, url_for

from studyportal.audit import Actor
from studyportal.web.access import Visitor
from studyportal.web.here import here
from studyportal.web.sign_in import factors, totp
from studyportal.web.sign_in.door import Door
from studyportal.web.sign_in.passkeys import Party

# What the browser drops at sign-out. Not "cookies": that would reach every room under the same domain
# (w3.org/TR/clear-site-data); ours is deleted by name.
CLEAR = '"cache", "storage"'


def door_of(bind: str) -> Door:
    """The door of the room that answers this request."""
    place = here()
    settings = place.settings
    party = Party(settings.host, settings.origin)
    return Door(bind, place.name, settings.secret_key, party, request.remote_addr)


def actor_of(caller: Visitor) -> Actor:
    """The caller as the audit trail names them."""
    return Actor(here().name, caller.role, str(caller.id))


def own_words() -> list[str]:
    """The study's words, which a passphrase may not lean on."""
    study = here().protocol.study
    return [study.code, *study.title.split()]


def led_to(endpoint: str) -> Response:
    """Go on at another page."""
    return redirect(url_for(endpoint), 303)


def enter(response: Response, token: str) -> Response:
    """Let the browser keep a new session, and nothing of before."""
    session.clear()
    set_cookie(response, token)
    return response


def leave() -> Response:
    """Sign-out: the browser drops what it has."""
    session.clear()
    response = led_to("sign_in.sign_in")
    response.headers["Clear-Site-Data"] = CLEAR
    set_cookie(response, "")
    return response


def set_cookie(response: Response, token: str) -> None:
    """The sign-in cookie; an empty token takes it away."""
    age = None if token else 0
    response.set_cookie(here().cookie, token, max_age=age, secure=True, httponly=True, samesite="Strict", path="/")


def demonstrated(connection: sa.Connection, bind: str, account: UUID, now: datetime) -> str | None:
    """The code that this account's app would show, in a synthetic study alone: nobody there holds a telephone."""
    settings = here().settings
    if not settings.synthetic:
        return None
    return factors.present_code(connection, bind, account, room_key=settings.secret_key, now=now)


def demonstrated_of(secret: str, now: datetime) -> str | None:
    """The same for an app that is only being set up."""
    return totp.code_of(secret, totp.step_at(now)) if here().settings.synthetic else None
