"""Keep participants' passkeys and the challenges that they sign.

A challenge and a count of uses are each good once, also when two of the same come at the same time: only an update
that finds them unused counts.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from studyportal.registry.passkey_tables import PARTICIPANT_CHALLENGES, PARTICIPANT_PASSKEYS

# Long enough to find out what one's telephone wants.
VALID = timedelta(minutes=10)

_PASSKEYS, _CHALLENGES = PARTICIPANT_PASSKEYS.c, PARTICIPANT_CHALLENGES.c


def add_challenge(
    connection: sa.Connection,
    token_hash: bytes,
    *,
    enrolment: UUID | None = None,
    passkey: UUID | None = None,
    device: str | None = None,
    now: datetime,
) -> None:
    """Insert a challenge: for whoever signs in, or for a passkey that this enrolment makes."""
    connection.execute(sa.delete(PARTICIPANT_CHALLENGES).where(_CHALLENGES.expires_at < now))
    row = {"token_hash": token_hash, "enrolment": enrolment, "passkey": passkey, "device": device}
    connection.execute(sa.insert(PARTICIPANT_CHALLENGES), row | {"expires_at": now + VALID})


def open_challenge(
    connection: sa.Connection, token_hash: bytes, *, enrolment: UUID | None, now: datetime
) -> sa.Row | None:
    """The challenge of this token, if it is for this enrolment (None: for signing in), neither used nor too old."""
    return connection.execute(sa.select(PARTICIPANT_CHALLENGES).where(*_is_open(token_hash, enrolment, now))).first()


def take_challenge(connection: sa.Connection, token_hash: bytes, *, enrolment: UUID | None, now: datetime) -> bool:
    """Use an open challenge up; True once. Whoever then refuses undoes the transaction."""
    taken = sa.update(PARTICIPANT_CHALLENGES).where(*_is_open(token_hash, enrolment, now)).values(used_at=now)
    return connection.execute(taken).rowcount == 1


def _is_open(token_hash: bytes, enrolment: UUID | None, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        _CHALLENGES.token_hash == token_hash,
        _CHALLENGES.enrolment == enrolment,
        _CHALLENGES.used_at.is_(None),
        _CHALLENGES.expires_at > now,
    )


def add_passkey(
    connection: sa.Connection,
    id: UUID,
    enrolment: UUID,
    *,
    device: str,
    credential: bytes,
    public_key: bytes,
    uses: int,
    now: datetime,
) -> None:
    """Insert a passkey (`device` of DEVICES)."""
    row = {"id": id, "enrolment": enrolment, "device": device, "credential": credential, "public_key": public_key}
    connection.execute(sa.insert(PARTICIPANT_PASSKEYS), row | {"uses": uses, "added_at": now})


def passkey_with(connection: sa.Connection, credential: bytes) -> sa.Row | None:
    """The passkey with this id of its own, whoever's; None if there is none."""
    return connection.execute(sa.select(PARTICIPANT_PASSKEYS).where(_PASSKEYS.credential == credential)).first()


def passkeys_of(connection: sa.Connection, enrolment: UUID) -> Sequence[sa.Row]:
    """The passkeys of one enrolment, the oldest first."""
    mine = sa.select(PARTICIPANT_PASSKEYS).where(_PASSKEYS.enrolment == enrolment)
    return connection.execute(mine.order_by(_PASSKEYS.added_at, _PASSKEYS.id)).all()


def count_use(connection: sa.Connection, id: UUID, *, before: int, after: int, now: datetime) -> bool:
    """Write down a use; False when the passkey is gone or was used meanwhile."""
    unchanged = (_PASSKEYS.id == id, _PASSKEYS.uses == before)
    used = sa.update(PARTICIPANT_PASSKEYS).where(*unchanged).values(uses=after, used_at=now)
    return connection.execute(used).rowcount == 1


def remove_passkey(connection: sa.Connection, id: UUID, enrolment: UUID) -> bool:
    """Take away a passkey of this enrolment; False when it has no such one."""
    mine = (_PASSKEYS.id == id, _PASSKEYS.enrolment == enrolment)
    return connection.execute(sa.delete(PARTICIPANT_PASSKEYS).where(*mine)).rowcount == 1


def remove_passkeys(connection: sa.Connection, enrolment: UUID) -> int:
    """Take all of them away, and before sessions are ended: a sign-in of this moment waits for it, or is ended then."""
    return connection.execute(sa.delete(PARTICIPANT_PASSKEYS).where(_PASSKEYS.enrolment == enrolment)).rowcount
