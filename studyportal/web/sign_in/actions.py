"""What can happen to staff accounts: one transaction and one audit event each.

An account is made by an invitation, and nobody but the invited person ever knows its passphrase. It begins when that
person has set one and has a second factor; until then nothing signs it in.
"""

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import insert_once, writing
from studyportal.errors import Conflict, Invalid, NotFound
from studyportal.sealing.sessions import new_token, token_hash
from studyportal.web.sign_in import sessions
from studyportal.web.sign_in.accounts import account_named, normalised_name
from studyportal.web.sign_in.invitations import end_invitations
from studyportal.web.sign_in.passphrases import check_passphrase, hash_passphrase
from studyportal.web.sign_in.tables import SIGN_IN, STAFF_ROLES

INVITED_FOR = 7  # days
LONGEST_NAME = 80  # as the column says
UNFIT_NAME = "Use 2 to 80 characters, without signs that nobody can see."
TAKEN = "There is an account of this name already, or was: names are not given twice, so that the trail stays clear."


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
    """Make a staff account whose passphrase somebody else has chosen, for a demonstration; its id.

    It has no second factor yet. `own_words` are the study's words, which a passphrase may not lean on. Raises `Invalid`
    for an unfit name, role or passphrase, `Conflict` for a name that is taken.
    """
    form = check_passphrase(passphrase, own_words=[*own_words, name])
    return _make(connection, bind, name, role, site, hash_passphrase(form), actor, now)


def invite(
    connection: sa.Connection,
    bind: str,
    *,
    name: str,
    role: str,
    site: str | None,
    actor: Actor,
    now: datetime,
    days: int = INVITED_FOR,
    again: bool = False,
) -> str:
    """Make an account that waits for its person; the token of the invitation, which nothing here keeps.

    With `again`, invite somebody who has an account, because they lost what they sign in with: what they have goes on
    until the invitation is used, and is replaced then. An older invitation ends. Raises `Invalid`, `Conflict` for a
    name that is taken, `NotFound` if there is nobody to be invited again.
    """
    if again:
        found = account_named(connection, bind, name)
        if found is None or (found.role, found.site) != (role, site):
            raise NotFound(f"There is no {role} of this name there.")
        account = found.id
    else:
        account = _make(connection, bind, name, role, site, "", actor, now)
    table, token = SIGN_IN[bind].invitations, new_token()
    end_invitations(connection, bind, account, now=now)
    row = {
        "token_hash": token_hash(token),
        "account": account,
        "made_at": now,
        "expires_at": now + timedelta(days=days),
    }
    connection.execute(sa.insert(table), row)
    record(connection, bind, AuditEvent(actor, "account:invite", "account", str(account), {"role": role}), now=now)
    return token


def _make(
    connection: sa.Connection, bind: str, name: str, role: str, site: str | None, hash: str, actor: Actor, now: datetime
) -> UUID:
    # Composed, so that a letter with its accents is one sign in both columns.
    key, shown = normalised_name(name), unicodedata.normalize("NFC", " ".join(name.split()))
    if not (2 <= len(key) <= LONGEST_NAME and len(shown) <= LONGEST_NAME and (key + shown).isprintable()):
        raise Invalid("A name has 2 to 80 characters.", {"name": UNFIT_NAME})
    if not any(one.isalpha() for one in key):
        raise Invalid("A name has letters in it.", {"name": "Use letters: others must know who it is."})
    if role not in STAFF_ROLES:
        raise Invalid("There is no such role.", {"role": "Choose a role that exists."})
    row = {
        "id": uuid4(),
        "name": key,
        "shown_name": shown,
        "role": role,
        "site": site,
        "passphrase_hash": hash,
        "created_at": now,
    }
    if not insert_once(connection, SIGN_IN[bind].accounts, row, key=["name"]):
        raise Conflict(TAKEN)
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


def sign_out(bind: str, session: UUID, *, account: UUID, actor: Actor, now: datetime) -> None:
    """End one of the account's own sessions at once. Raises `NotFound` for any other."""
    with writing(bind) as connection:
        if not sessions.end_session(connection, bind, session, account=account, now=now):
            raise NotFound("There is no such session.")
        record(connection, bind, AuditEvent(actor, "session:end", "account", str(account)), now=now)


def sign_out_everywhere(bind: str, *, account: UUID, actor: Actor, now: datetime) -> int:
    """End every session of the account at once; how many there were."""
    with writing(bind) as connection:
        ended = sessions.end_all_sessions(connection, bind, account, now=now)
        event = AuditEvent(actor, "session:end", "account", str(account), {"sessions": ended})
        record(connection, bind, event, now=now)
    return ended
