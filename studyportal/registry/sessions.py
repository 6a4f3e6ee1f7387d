"""Keep participants' sessions and their devices' submit-only tokens, found by a hash of the token.

Only the hash is here, and the reading key is sealed under the token itself: a copy of this table signs nobody in
and reads nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from studyportal.registry.tables import ENROLMENT_KEYS, ENROLMENTS, PARTICIPANT_SESSIONS, WITHDRAWALS

_SESSIONS = PARTICIPANT_SESSIONS.c


# Built once: this is asked with every entry that arrives.
@cache
def _caller(required_scopes: tuple[str, ...]) -> sa.Select[Any]:
    ended = (
        sa.select(sa.literal(True))
        .where(
            WITHDRAWALS.c.enrolment == ENROLMENTS.c.id,
            sa.or_(*(WITHDRAWALS.c.scope == scope for scope in required_scopes)),
        )
        .exists()
    )
    return (
        sa.select(
            _SESSIONS.kind,
            _SESSIONS.sealed_reading_key,
            _SESSIONS.last_seen_at,
            _SESSIONS.expires_at,
            _SESSIONS.ended_at,
            _SESSIONS.passkey,
            ENROLMENTS.c.id.label("enrolment"),
            ENROLMENTS.c.participant_code,
            ENROLMENTS.c.site,
            ENROLMENTS.c.zone,
            ENROLMENTS.c.started_on,
            ENROLMENT_KEYS.c.public_key,
            ended.label("has_stopped"),
        )
        .select_from(PARTICIPANT_SESSIONS)
        .join(ENROLMENTS, ENROLMENTS.c.id == _SESSIONS.enrolment)
        .join(
            ENROLMENT_KEYS, sa.and_(ENROLMENT_KEYS.c.enrolment == ENROLMENTS.c.id, ENROLMENT_KEYS.c.domain == "diary")
        )
        .where(_SESSIONS.token_hash == sa.bindparam("token_hash"))
    )


def caller(connection: sa.Connection, token_hash: bytes, *, required_scopes: tuple[str, ...]) -> sa.Row | None:
    """Everything a request needs to know of the bearer of a token, in one query; None for an unknown token.

    `required_scopes` are those (one at least) without which nothing is collected; `has_stopped` tells whether one of
    them was withdrawn.
    """
    return connection.execute(_caller(required_scopes), {"token_hash": token_hash}).first()


def add_session(
    connection: sa.Connection,
    token_hash: bytes,
    enrolment: UUID,
    *,
    kind: str,
    sealed_reading_key: bytes | None,
    passkey: UUID | None = None,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Insert a "session" (with its sealed reading key), or without one a session that a "passkey" began or a device's
    "submit" token. `passkey` is the one that it, or what it goes on from, began with."""
    connection.execute(
        sa.insert(PARTICIPANT_SESSIONS),
        {
            "token_hash": token_hash,
            "enrolment": enrolment,
            "kind": kind,
            "sealed_reading_key": sealed_reading_key,
            "passkey": passkey,
            "created_at": now,
            "last_seen_at": now,
            "expires_at": expires_at,
        },
    )


def touch_session(connection: sa.Connection, token_hash: bytes, *, now: datetime) -> None:
    """Remember that the session was in use."""
    connection.execute(
        sa.update(PARTICIPANT_SESSIONS).where(_SESSIONS.token_hash == token_hash).values(last_seen_at=now)
    )


def open_sessions(connection: sa.Connection, enrolment: UUID, *, now: datetime) -> Sequence[sa.Row]:
    """The sessions and devices of one enrolment that have not ended, the newest first."""
    return connection.execute(
        sa.select(PARTICIPANT_SESSIONS)
        .where(_SESSIONS.enrolment == enrolment, _SESSIONS.ended_at.is_(None), _SESSIONS.expires_at > now)
        .order_by(_SESSIONS.created_at.desc())
    ).all()


def end_session(connection: sa.Connection, enrolment: UUID, token_hash: bytes, *, now: datetime) -> bool:
    """End one session of this enrolment; False when there is no such open one."""
    ended = connection.execute(
        sa.update(PARTICIPANT_SESSIONS)
        .where(_SESSIONS.token_hash == token_hash, _SESSIONS.enrolment == enrolment, _SESSIONS.ended_at.is_(None))
        .values(ended_at=now)
    )
    return ended.rowcount == 1


def end_all_sessions(connection: sa.Connection, enrolment: UUID, *, now: datetime, but: bytes | None = None) -> int:
    """End every session and device of an enrolment, except the one whose token hash is `but`; how many ended."""
    statement = (
        sa.update(PARTICIPANT_SESSIONS)
        .where(_SESSIONS.enrolment == enrolment, _SESSIONS.ended_at.is_(None))
        .values(ended_at=now)
    )
    if but is not None:
        statement = statement.where(_SESSIONS.token_hash != but)
    return connection.execute(statement).rowcount


def end_sessions_of_passkey(
    connection: sa.Connection, enrolment: UUID, passkey: UUID, *, now: datetime
) -> frozenset[bytes]:
    """End the sessions and devices of an enrolment that began with a passkey; their token hashes.

    After the passkey is removed, and under the enrolment's lock: what goes on from one of them in this moment waits.
    """
    ended = (
        sa.update(PARTICIPANT_SESSIONS)
        .where(_SESSIONS.enrolment == enrolment, _SESSIONS.passkey == passkey, _SESSIONS.ended_at.is_(None))
        .values(ended_at=now)
        .returning(_SESSIONS.token_hash)
    )
    return frozenset(bytes(one) for one in connection.scalars(ended))
