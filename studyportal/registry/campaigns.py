"""Keep open campaign links: a secret under its hash, how many places, how many taken, until when.

A place is taken by one conditional update, at the signature: of two who sign for the last one at once, one gets it.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from studyportal.registry.enrolment_tables import CAMPAIGNS

_CAMPAIGNS = CAMPAIGNS.c
# Everything but the hash.
_SHOWN = (
    _CAMPAIGNS.id, _CAMPAIGNS.site, _CAMPAIGNS.name, _CAMPAIGNS.cap, _CAMPAIGNS.used, _CAMPAIGNS.opened_at,
    _CAMPAIGNS.ends_at, _CAMPAIGNS.closed_at,
)  # fmt: skip


def link_hash(token: str) -> bytes:
    """What the registry keeps of the secret in a link: 32 bytes of SHA-256 over its 128 random bits."""
    return hashlib.sha256(b"studyportal campaign link 1:" + token.encode("utf-8", "surrogatepass")).digest()


def add_campaign(
    connection: sa.Connection,
    id: UUID,
    token: str,
    *,
    site: str,
    name: str,
    cap: int,
    ends_at: datetime,
    opened_by: str,
    now: datetime,
) -> None:
    """Keep a link that lets `cap` people in until it ends."""
    row = {"id": id, "token_hash": link_hash(token), "site": site, "name": name, "cap": cap, "used": 0}
    row |= {"opened_at": now, "opened_by": opened_by, "ends_at": ends_at}
    connection.execute(sa.insert(CAMPAIGNS), row)


def campaigns_of(connection: sa.Connection, site: str) -> Sequence[sa.Row]:
    """The links of a site, the latest first: id, site, name, cap, used, opened_at, ends_at, closed_at."""
    query = sa.select(*_SHOWN).where(_CAMPAIGNS.site == site)
    return connection.execute(query.order_by(_CAMPAIGNS.opened_at.desc(), _CAMPAIGNS.id)).all()


def campaign_of_link(connection: sa.Connection, token: str) -> sa.Row | None:
    """The same row for the link with this secret, or None."""
    return connection.execute(sa.select(*_SHOWN).where(_CAMPAIGNS.token_hash == link_hash(token))).first()


def campaign_state(row: Any, *, now: datetime) -> str:
    """How a link stands: "closed", "ended", "full" or "open"."""
    if row.closed_at is not None:
        return "closed"
    if row.ends_at <= now:
        return "ended"
    return "full" if row.used >= row.cap else "open"


def take_place(connection: sa.Connection, token: str, *, now: datetime) -> bool:
    """Take one place of a link; False when there is none, or it has ended, is closed or unknown."""
    taken = connection.execute(
        sa.update(CAMPAIGNS)
        .where(
            _CAMPAIGNS.token_hash == link_hash(token),
            _CAMPAIGNS.used < _CAMPAIGNS.cap,
            _CAMPAIGNS.ends_at > now,
            _CAMPAIGNS.closed_at.is_(None),
        )
        .values(used=_CAMPAIGNS.used + 1)
    )
    return taken.rowcount == 1


def close_campaign(connection: sa.Connection, site: str, id: UUID, *, by: str, now: datetime) -> bool:
    """Close a link of this site; False if there is none of this id, or it is closed."""
    mine = (_CAMPAIGNS.id == id, _CAMPAIGNS.site == site, _CAMPAIGNS.closed_at.is_(None))
    return connection.execute(sa.update(CAMPAIGNS).where(*mine).values(closed_at=now, closed_by=by)).rowcount == 1
