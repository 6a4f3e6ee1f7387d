"""Find invitations: by the hash of their token, while they are open. End them."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.sealing.sessions import token_hash
from studyportal.web.sign_in.tables import SIGN_IN


def open_invitation(connection: sa.Connection, bind: str, token: str, *, now: datetime) -> sa.Row | None:
    """The invitation of a token with its account (id, shown name, role), unless either has ended or it is too old."""
    tables = SIGN_IN[bind]
    invitations, accounts = tables.invitations, tables.accounts
    statement = (
        sa.select(invitations.c.token_hash, accounts.c.id.label("account"), accounts.c.shown_name, accounts.c.role)
        .join(accounts, accounts.c.id == invitations.c.account)
        .where(
            invitations.c.token_hash == token_hash(token), accounts.c.ended_at.is_(None), *_is_open(invitations, now)
        )
    )
    return connection.execute(statement).first()


def waiting_invitations(connection: sa.Connection, bind: str, *, now: datetime) -> list[sa.Row]:
    """Every open invitation: account, made_at, expires_at; the oldest first."""
    table = SIGN_IN[bind].invitations
    statement = sa.select(table.c.account, table.c.made_at, table.c.expires_at).where(*_is_open(table, now))
    return list(connection.execute(statement.order_by(table.c.made_at)))


def use_invitation(connection: sa.Connection, bind: str, hash: bytes, *, now: datetime) -> bool:
    """Use an invitation up; True once."""
    table = SIGN_IN[bind].invitations
    statement = sa.update(table).where(table.c.token_hash == hash, *_is_open(table, now)).values(ended_at=now)
    return connection.execute(statement).rowcount == 1


def end_invitations(connection: sa.Connection, bind: str, account: UUID, *, now: datetime) -> int:
    """End whatever invitation of an account is open; how many there were."""
    table = SIGN_IN[bind].invitations
    open_ = sa.update(table).where(table.c.account == account, *_is_open(table, now))
    return connection.execute(open_.values(ended_at=now)).rowcount


def _is_open(table: sa.Table, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.ended_at.is_(None), table.c.expires_at > now
