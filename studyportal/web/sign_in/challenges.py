"""Keep what one step of a sign-in hands to the next: found by the hash of a token, good once, for some minutes.

What it carries is sealed under the room's own key and bound to its token, so neither the browser nor a copy of the
table reads or swaps it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import sqlalchemy as sa

from studyportal.sealing import Context
from studyportal.sealing.room_secrets import open_for_room, seal_for_room
from studyportal.sealing.sessions import new_token, token_hash
from studyportal.web.sign_in.tables import SIGN_IN

# Long enough to fetch a telephone from the next room.
VALID = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Challenge:
    """A step that somebody is at; `carried` is what the former step handed on."""

    account: UUID | None
    carried: Mapping[str, str] = field(repr=False)


def begin(
    connection: sa.Connection,
    bind: str,
    purpose: str,
    *,
    account: UUID | None,
    carried: Mapping[str, str] | None = None,
    room_key: str,
    now: datetime,
) -> str:
    """Begin a step; the token that only this browser is given."""
    table, token = SIGN_IN[bind].challenges, new_token()
    connection.execute(sa.delete(table).where(table.c.expires_at < now))
    sealed = None
    if carried is not None:
        sealed = seal_for_room(msgspec.json.encode(carried), room_key=room_key, about=_about(bind, purpose, token))
    row = {
        "token_hash": token_hash(token),
        "purpose": purpose,
        "account": account,
        "sealed": sealed,
        "expires_at": now + VALID,
    }
    connection.execute(sa.insert(table), row)
    return token


def find(
    connection: sa.Connection, bind: str, purpose: str, token: str | None, *, room_key: str, now: datetime
) -> Challenge | None:
    """The step of this token, if it is for this purpose, neither used nor too old."""
    if not token:
        return None
    table = SIGN_IN[bind].challenges
    found = connection.execute(sa.select(table).where(*_is_open(table, purpose, token, now))).first()
    if found is None:
        return None
    if found.sealed is None:
        return Challenge(found.account, {})
    opened = open_for_room(found.sealed, room_key=room_key, about=_about(bind, purpose, token))
    return Challenge(found.account, msgspec.json.decode(opened, type=dict[str, str]))


def take(connection: sa.Connection, bind: str, purpose: str, token: str, *, now: datetime) -> bool:
    """Use a step up; True once. Whoever then refuses must undo the transaction."""
    table = SIGN_IN[bind].challenges
    statement = sa.update(table).where(*_is_open(table, purpose, token, now)).values(used_at=now)
    return connection.execute(statement).rowcount == 1


def _is_open(table: sa.Table, purpose: str, token: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        table.c.token_hash == token_hash(token),
        table.c.purpose == purpose,
        table.c.used_at.is_(None),
        table.c.expires_at > now,
    )


def _about(bind: str, purpose: str, token: str) -> Context:
    return Context(bind, "staff", f"challenge:{purpose}", token_hash(token).hex())
