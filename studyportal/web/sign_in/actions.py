"""What can happen to staff accounts and sessions: one transaction and one audit event each.

A wrong passphrase, an unknown name and an ended account are refused in the same words and the same time.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import insert_once, reading, writing
from studyportal.errors import Conflict, Invalid, NotFound, NotSignedIn
from studyportal.web.sign_in import limiter, sessions
from studyportal.web.sign_in.accounts import account_named, normalised_name
from studyportal.web.sign_in.passphrases import check_passphrase, hash_passphrase, is_passphrase
from studyportal.web.sign_in.tables import SIGN_IN, STAFF_ROLES

WRONG = "This name and passphrase do not fit together."


def add_account(
    connection: sa.Connection,
    bind: str,
    *,
    name: str,
    role: str,
    site: str | None,
    passphrase: str,
    own_words: Iterable[str],
    actor: Actor,
    now: datetime,
) -> UUID:
    """Make a staff account; its id. `own_words` are the study's words, which a passphrase may not lean on.

    Raises `Invalid` for an unfit name, role or passphrase, `Conflict` for a name that is taken.
    """
    key = normalised_name(name)
    if not 2 <= len(key) <= 80 or not key.isprintable():
        raise Invalid("A name has 2 to 80 characters.", {"name": "Use 2 to 80 characters."})
    if role not in STAFF_ROLES:
        raise Invalid("There is no such role.", {"role": "Choose a role that exists."})
    form = check_passphrase(passphrase, own_words=[*own_words, name])
    row = {
        "id": uuid4(),
        "name": key,
        "shown_name": " ".join(name.split()),
        "role": role,
        "site": site,
        "passphrase_hash": hash_passphrase(form),
        "created_at": now,
    }
    if not insert_once(connection, SIGN_IN[bind].accounts, row, key=["name"]):
        raise Conflict("There is an account of this name already.")
    record(connection, bind, AuditEvent(actor, "account:create", "account", str(row["id"]), {"role": role}), now=now)
    return row["id"]


def end_account(connection: sa.Connection, bind: str, account: UUID, *, actor: Actor, now: datetime) -> None:
    """End an account and every session of it. Raises `NotFound` if there is no such live account."""
    accounts = SIGN_IN[bind].accounts
    live = (accounts.c.id == account) & accounts.c.ended_at.is_(None)
    if connection.execute(sa.update(accounts).where(live).values(ended_at=now)).rowcount != 1:
        raise NotFound("There is no such account.")
    sessions.end_all_sessions(connection, bind, account, now=now)
    record(connection, bind, AuditEvent(actor, "account:end", "account", str(account)), now=now)


def sign_in(
    bind: str,
    *,
    room: str,
    name: str,
    passphrase: str,
    address: str | None,
    old_token: str | None,
    secret: str,
    now: datetime,
) -> str:
    """Sign in; the new session's token. `address` is the caller's network address, `secret` keys the count of tries.

    Three transactions, because the try must be counted before the slow hash and no lock may be held during it.
    Raises `TooMany` or `NotSignedIn`.
    """
    buckets = {
        "account": limiter.bucket("account", normalised_name(name), secret=secret),
        "network": limiter.bucket("network", limiter.network_of(address), secret=secret),
    }
    with writing(bind) as connection:
        over = limiter.count_try(connection, bind, buckets, now=now)
    if over:
        raise limiter.too_many(now=now)
    with reading(bind) as connection:
        found = account_named(connection, bind, name)
    right = is_passphrase(passphrase, found.passphrase_hash if found else None)
    with writing(bind) as connection:
        # Looked at again: the account may have ended while the passphrase was checked.
        token = _admit(connection, bind, room, name, old_token, buckets["account"], now) if right else None
        if token is None:
            nobody = Actor(room, "nobody", buckets["account"].hex()[:16])
            record(
                connection,
                bind,
                AuditEvent(nobody, "session:refuse", "account", buckets["account"].hex()[:16]),
                now=now,
            )
    if token is None:
        raise NotSignedIn(WRONG)
    return token


def _admit(
    connection: sa.Connection, bind: str, room: str, name: str, old_token: str | None, tries: bytes, now: datetime
) -> str | None:
    found = account_named(connection, bind, name)
    if found is None:
        return None
    if old_token and (old := sessions.live_session(connection, bind, old_token, now=now)):
        sessions.end_session(connection, bind, old.id, account=old.account, now=now)
    limiter.forgive(connection, bind, tries)
    token = sessions.start_session(connection, bind, found.id, now=now)
    actor = Actor(room, found.role, str(found.id))
    record(connection, bind, AuditEvent(actor, "session:start", "account", str(found.id)), now=now)
    return token


def sign_out(bind: str, session: UUID, *, account: UUID, actor: Actor, now: datetime) -> None:
    """End one of the account's own sessions at once. Raises `NotFound` for any other."""
    with writing(bind) as connection:
        if not sessions.end_session(connection, bind, session, account=account, now=now):
            raise NotFound("There is no such session.")
        record(connection, bind, AuditEvent(actor, "session:end", "account", str(account)), now=now)
