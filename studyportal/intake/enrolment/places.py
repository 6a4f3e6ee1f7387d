"""Find a place in the study for somebody, by what they came with: a code of their own, or a link that is open to many.

A way in is a text: a code in its printed form, or "link", the secret of a link and a number of this one visit, so that
what one person answers on the way cannot be signed by another. It travels signed, in forms alone. Looking takes no
place; the signature does, at once and for good.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.errors import Conflict, Gone, Invalid, NotFound, Refusal
from studyportal.registry.campaigns import campaign_of_link, campaign_state, take_place
from studyportal.registry.codes import claim_code, issued_code
from studyportal.saying import said

CLAIMED = said("This code has been used. If it was not by you, ask the study team for a new one.")
_EXPIRED = said("This code has expired. Ask the study team for a new one.")
UNKNOWN = said("This code is not known. Look again at every letter; it has three groups of four.")
# How a link that lets nobody in stands -> what its bearer is told.
_SHUT: Mapping[str, tuple[type[Refusal], str]] = {
    "closed": (Gone, said("The study team has closed this link. Ask them whether there is another way to join.")),
    "ended": (Gone, said("This link has ended. Ask the study team whether there is another way to join.")),
    "full": (
        Conflict,
        said("All places of this link are taken. Ask the study team whether there is another way to join."),
    ),
}
_NO_LINK = said("This link is not known. Look whether all of it arrived, or ask the study team for a new one.")
_LINK = "link"


def way_by_link(token: str) -> str:
    """The way in of one visit by a link."""
    return f"{_LINK} {token} {secrets.token_urlsafe(9)}"


def link_of(way: str) -> str | None:
    """The secret of the link that this way in goes by; None for a code."""
    kind, _, rest = way.partition(" ")
    return rest.rpartition(" ")[0] if kind == _LINK else None


def site_of_way(connection: sa.Connection, way: str, *, now: datetime) -> str:
    """The site that a way in leads to now. Raises `Invalid`, `NotFound`, `Gone` or `Conflict` where it leads
    nowhere."""
    token = link_of(way)
    return _site_of_code(connection, way, now=now) if token is None else _site_of_link(connection, token, now=now)


def take_way(connection: sa.Connection, way: str, enrolment: UUID, *, now: datetime) -> None:
    """Take the place that a way in leads to. Raises what `site_of_way` raises, also when somebody was quicker."""
    token = link_of(way)
    taken = claim_code(connection, way, enrolment, now=now) if token is None else take_place(connection, token, now=now)
    if not taken:
        site_of_way(connection, way, now=now)
        raise Conflict(CLAIMED)


def _site_of_code(connection: sa.Connection, code: str, *, now: datetime) -> str:
    row = issued_code(connection, code)
    if row is None:
        raise Invalid(UNKNOWN, {"code": UNKNOWN})
    if row.claimed_at is not None:
        raise Conflict(CLAIMED)
    if row.expires_at <= now:
        raise Gone(_EXPIRED)
    return row.site


def _site_of_link(connection: sa.Connection, token: str, *, now: datetime) -> str:
    row = campaign_of_link(connection, token)
    if row is None:
        raise NotFound(_NO_LINK)
    state = campaign_state(row, now=now)
    if state in _SHUT:
        kind, sentence = _SHUT[state]
        raise kind(sentence)
    return row.site
