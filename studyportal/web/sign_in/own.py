"""What somebody can change about their own sign-in: one transaction and one audit event each.

The last factor is never taken away. Whoever changes the passphrase ends every other session; whoever removes a passkey
ends those that began with it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.errors import Conflict, Gone, Invalid, NotFound
from studyportal.web.sign_in import challenges, factors, recovery, sessions, totp
from studyportal.web.sign_in.door import Door
from studyportal.web.sign_in.passphrases import check_passphrase, hash_passphrase
from studyportal.web.sign_in.tables import SIGN_IN
from studyportal.web.sign_in.welcome import made_passkey

MOST = 10  # factors: nobody carries more


@dataclass(frozen=True, slots=True)
class NewApp:
    """An authenticator app that is being added: the step's token, and the secret to be scanned."""

    step: str = field(repr=False)
    secret: str = field(repr=False)


def offer_app(door: Door, *, account: UUID, step: str | None, now: datetime) -> NewApp:
    """The secret for a new authenticator app: that of `step` while it is open, so that a reload changes nothing."""
    with writing(door.bind) as connection:
        found = challenges.find(connection, door.bind, "new_totp", step, room_key=door.room_key, now=now)
        if step and found and found.account == account:
            return NewApp(step, found.carried["secret"])
        carried = {"secret": totp.new_secret()}
        made = challenges.begin(
            connection, door.bind, "new_totp", account=account, carried=carried, room_key=door.room_key, now=now
        )
    return NewApp(made, carried["secret"])


def add_app(door: Door, step: str | None, code: str, *, name: str, account: UUID, actor: Actor, now: datetime) -> None:
    """Add an authenticator app that shows this code. Raises `Gone`, or `Invalid` for the code."""
    with writing(door.bind) as connection:
        found = challenges.find(connection, door.bind, "new_totp", step, room_key=door.room_key, now=now)
        if not step or found is None or found.account != account:
            raise Gone("That took too long. Begin again with a new picture.")
        digits = totp.read_digits(code)
        used = totp.step_of(found.carried["secret"], digits, now=now) if digits else None
        if used is None:
            raise Invalid(
                "The app does not show this code now.", {"code": "Type the six digits that the app shows now."}
            )
        if not challenges.take(connection, door.bind, "new_totp", step, now=now):
            raise Gone("That was done already.")
        _check_room(connection, door.bind, account)
        factors.add_app(
            connection,
            door.bind,
            account,
            secret=found.carried["secret"],
            name=name,
            used_step=used,
            room_key=door.room_key,
            now=now,
        )
        record(connection, door.bind, _event(actor, "factor:add", account, kind="totp"), now=now)


def add_passkey(
    door: Door, challenge: str | None, answer: str, *, name: str, account: UUID, actor: Actor, now: datetime
) -> None:
    """Add a passkey that this browser made. Raises `Invalid`."""
    with writing(door.bind) as connection:
        passkey = made_passkey(connection, door, challenge, answer, account=account, now=now)
        _check_room(connection, door.bind, account)
        factors.add_passkey(connection, door.bind, account, passkey=passkey, name=name, now=now)
        record(connection, door.bind, _event(actor, "factor:add", account, kind="passkey"), now=now)


def rename_factor(bind: str, factor: UUID, name: str, *, account: UUID, actor: Actor, now: datetime) -> None:
    """Call a factor something else. Raises `NotFound` for somebody else's."""
    with writing(bind) as connection:
        if not factors.rename(connection, bind, factor, name, account=account):
            raise NotFound("There is no such factor.")
        record(connection, bind, _event(actor, "factor:rename", account), now=now)


def remove_factor(bind: str, factor: UUID, *, account: UUID, actor: Actor, now: datetime) -> frozenset[UUID]:
    """Take a factor away, and if it is a passkey the sessions that began with it; which sessions have ended.

    Raises `NotFound` for somebody else's, `Conflict` for the last.
    """
    with writing(bind) as connection:
        mine = {row.id: row.kind for row in _locked(connection, bind, account)}
        if factor not in mine:
            raise NotFound("There is no such factor.")
        if len(mine) == 1:
            raise Conflict("This is your last factor. Add another one first, then remove this.")
        factors.remove(connection, bind, factor, account=account)
        ended = sessions.end_sessions_of_passkey(connection, bind, factor, account=account, now=now)
        detail = {"kind": mine[factor]} | ({"sessions": len(ended)} if ended else {})
        record(connection, bind, _event(actor, "factor:remove", account, **detail), now=now)
    return ended


def renew_codes(door: Door, *, account: UUID, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Replace the recovery codes; the new ones, shown this once."""
    codes = recovery.new_codes()
    with writing(door.bind) as connection:
        recovery.replace_codes(connection, door.bind, account, codes, room_key=door.room_key, now=now)
        record(connection, door.bind, _event(actor, "recovery:renew", account), now=now)
    return codes


def change_passphrase(
    bind: str, passphrase: str, *, own_words: list[str], session: UUID, account: UUID, actor: Actor, now: datetime
) -> int:
    """Change the passphrase and end every session but this one; how many ended. Raises `Invalid`."""
    hash = hash_passphrase(check_passphrase(passphrase, own_words=own_words))
    accounts = SIGN_IN[bind].accounts
    with writing(bind) as connection:
        connection.execute(sa.update(accounts).where(accounts.c.id == account).values(passphrase_hash=hash))
        ended = sessions.end_all_sessions(connection, bind, account, but=session, now=now)
        record(connection, bind, _event(actor, "passphrase:change", account), now=now)
    return ended


def _check_room(connection: sa.Connection, bind: str, account: UUID) -> None:
    if len(_locked(connection, bind, account)) >= MOST:
        raise Conflict(f"You have {MOST} factors. Remove one that you do not use, then add this.")


def _locked(connection: sa.Connection, bind: str, account: UUID) -> list[sa.Row]:
    """The factors of an account, of which nobody else removes any until this transaction ends.

    A sign-in of this moment holds its passkey's row and its session still has to name the account, which a stricter
    lock would refuse it: each would wait for the other.
    """
    accounts = SIGN_IN[bind].accounts
    connection.execute(sa.select(accounts.c.id).where(accounts.c.id == account).with_for_update(key_share=True))
    return factors.factors_of(connection, bind, account)


def _event(actor: Actor, action: str, account: UUID, **detail: str | int) -> AuditEvent:
    return AuditEvent(actor, action, "account", str(account), detail)
