"""Keep the sessions of staff: found by the hash of a token, ended by the server, short by default."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.sealing.sessions import new_token, token_hash
from studyportal.web.sign_in.tables import SIGN_IN

# ASVS 5.0, 7.3.1 and 7.3.2; the figures are those of NIST SP 800-63B-4 for its highest level.
IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=8)
# A page view writes at most this often that its session is in use.
SEEN_EVERY = timedelta(minutes=1)


def start_session(
    connection: sa.Connection, bind: str, account: UUID, *, how: str, passkey: UUID | None = None, now: datetime
) -> str:
    """Begin a session; the token for the cookie, which nothing here keeps.

    `how` (of HOW) somebody showed who they are; if by a "passkey", the factor that it is.
    """
    token = new_token()
    row = {
        "token_hash": token_hash(token),
        "id": uuid4(),
        "account": account,
        "created_at": now,
        "fresh_at": now,
        "how": how,
        "passkey": passkey,
        "last_seen_at": now,
        "expires_at": now + ABSOLUTE,
    }
    connection.execute(sa.insert(SIGN_IN[bind].sessions), row)
    return token


def freshen(connection: sa.Connection, bind: str, token: str, *, account: UUID, now: datetime) -> str | None:
    """Let a live session of this account go on under a new token, as fresh as a new one; None if there is none.

    The former token is dead: whoever copied it before the step-up has nothing.
    """
    sessions, new = SIGN_IN[bind].sessions, new_token()
    mine = (sessions.c.token_hash == token_hash(token)) & (sessions.c.account == account)
    statement = sa.update(sessions).where(mine, *is_live(sessions, now))
    statement = statement.values(token_hash=token_hash(new), fresh_at=now, last_seen_at=now)
    return new if connection.execute(statement).rowcount == 1 else None


def live_session(connection: sa.Connection, bind: str, token: str, *, now: datetime) -> sa.Row | None:
    """The session of a token with its account's name, role and site, unless either has ended or it is too old."""
    tables = SIGN_IN[bind]
    sessions, accounts = tables.sessions, tables.accounts
    statement = (
        sa.select(sessions, accounts.c.shown_name, accounts.c.role, accounts.c.site)
        .join(accounts, accounts.c.id == sessions.c.account)
        .where(sessions.c.token_hash == token_hash(token), accounts.c.ended_at.is_(None), *is_live(sessions, now))
    )
    return connection.execute(statement).first()


def sessions_of(connection: sa.Connection, bind: str, account: UUID, *, now: datetime) -> list[sa.Row]:
    """The live sessions of an account, the newest first."""
    sessions = SIGN_IN[bind].sessions
    statement = sa.select(sessions).where(sessions.c.account == account, *is_live(sessions, now))
    return list(connection.execute(statement.order_by(sessions.c.created_at.desc())))


def mark_seen(connection: sa.Connection, bind: str, session: UUID, *, now: datetime) -> None:
    """Note that a session is in use."""
    sessions = SIGN_IN[bind].sessions
    live = (sessions.c.id == session) & sessions.c.ended_at.is_(None)
    connection.execute(sa.update(sessions).where(live).values(last_seen_at=now))


def end_session(connection: sa.Connection, bind: str, session: UUID, *, account: UUID, now: datetime) -> bool:
    """End one session of this account; False if it has no such live session."""
    sessions = SIGN_IN[bind].sessions
    mine = (sessions.c.id == session) & (sessions.c.account == account) & sessions.c.ended_at.is_(None)
    return connection.execute(sa.update(sessions).where(mine).values(ended_at=now)).rowcount == 1


def end_all_sessions(
    connection: sa.Connection, bind: str, account: UUID, *, but: UUID | None = None, now: datetime
) -> int:
    """End every session of an account but, if given, one; how many there were."""
    sessions = SIGN_IN[bind].sessions
    live = (sessions.c.account == account) & sessions.c.ended_at.is_(None)
    kept = [sessions.c.id != but] if but else []
    return connection.execute(sa.update(sessions).where(live, *kept).values(ended_at=now)).rowcount


def end_sessions_of_passkey(
    connection: sa.Connection, bind: str, passkey: UUID, *, account: UUID, now: datetime
) -> frozenset[UUID]:
    """End the sessions of this account that began with a passkey; which these were.

    After the passkey is removed: a sign-in of this moment has changed its row, and is waited for or refused there.
    """
    sessions = SIGN_IN[bind].sessions
    begun = (sessions.c.passkey == passkey) & (sessions.c.account == account) & sessions.c.ended_at.is_(None)
    ended = sa.update(sessions).where(begun).values(ended_at=now).returning(sessions.c.id)
    return frozenset(connection.scalars(ended))


def is_live(sessions: sa.Table, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """What is true of a session that still holds."""
    return sessions.c.ended_at.is_(None), sessions.c.expires_at > now, sessions.c.last_seen_at > now - IDLE
