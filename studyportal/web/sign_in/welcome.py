"""Follow an invitation: one's own passphrase, then one's own second factor; only both together begin an account."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import reading, writing
from studyportal.errors import Gone, Invalid
from studyportal.sealing.sessions import token_bytes
from studyportal.web.sign_in import challenges, factors, passkeys, recovery, sessions, totp, tries
from studyportal.web.sign_in.accounts import live_account
from studyportal.web.sign_in.door import Door
from studyportal.web.sign_in.invitations import open_invitation, use_invitation
from studyportal.web.sign_in.passphrases import check_passphrase, hash_passphrase
from studyportal.web.sign_in.tables import SIGN_IN

NO_INVITATION = "This invitation does not hold: it was used or replaced, or is too old. Ask for a new one."
TOO_SLOW = "That took too long, or was done already. Open your invitation again, or sign in."


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who is between the two pages of an invitation. `secret` is for an authenticator app, if they choose one."""

    account: UUID
    name: str
    role: str
    secret: str = field(repr=False)
    invitation: bytes = field(repr=False)
    passphrase_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """An account that has begun: its first session, and its recovery codes, shown this once."""

    token: str = field(repr=False)
    codes: tuple[str, ...] = field(repr=False)


def choose_passphrase(door: Door, token: str, passphrase: str, *, own_words: list[str], now: datetime) -> str:
    """The first page; the token of the second. Raises `TooMany`, or `Invalid` for the invitation or the passphrase."""
    tries.count(door, tries.of_network(door), now=now)
    with reading(door.bind) as connection:
        found = open_invitation(connection, door.bind, token.strip(), now=now)
    if found is None:
        raise Invalid(NO_INVITATION, {"invitation": NO_INVITATION})
    try:
        form = check_passphrase(passphrase, own_words=[*own_words, found.shown_name])
    except Invalid as unfit:
        raise Invalid(unfit.sentence, {"passphrase": unfit.sentence}) from None
    carried = {
        "invitation": found.token_hash.hex(),
        "passphrase_hash": hash_passphrase(form),
        "secret": totp.new_secret(),
    }
    with writing(door.bind) as connection:
        return challenges.begin(
            connection, door.bind, "welcome", account=found.account, carried=carried, room_key=door.room_key, now=now
        )


def newcomer(door: Door, step: str | None, *, now: datetime) -> Newcomer:
    """Who is at the second page. Raises `Gone` if nobody is, or no longer."""
    with reading(door.bind) as connection:
        return _newcomer(connection, door, step, now)


def _newcomer(connection: sa.Connection, door: Door, step: str | None, now: datetime) -> Newcomer:
    found = challenges.find(connection, door.bind, "welcome", step, room_key=door.room_key, now=now)
    account = live_account(connection, door.bind, found.account) if found and found.account else None
    if found is None or account is None:
        raise Gone(TOO_SLOW)
    carried = found.carried
    return Newcomer(
        account.id,
        account.shown_name,
        account.role,
        carried["secret"],
        bytes.fromhex(carried["invitation"]),
        carried["passphrase_hash"],
    )


def begin_with_app(door: Door, step: str | None, code: str, *, now: datetime) -> Begun:
    """Begin an account with an authenticator app that shows this code. Raises `Gone`, or `Invalid` for the code."""
    with writing(door.bind) as connection:
        person = _newcomer(connection, door, step, now)
        digits = totp.read_digits(code)
        used = totp.step_of(person.secret, digits, now=now) if digits else None
        if used is None:
            raise Invalid(
                "The app does not show this code now.", {"code": "Type the six digits that the app shows now."}
            )
        _clear(connection, door, step or "", person, now)
        factors.add_app(
            connection, door.bind, person.account, secret=person.secret, used_step=used, room_key=door.room_key, now=now
        )
        return _begin(connection, door, person, "totp", None, now)


def begin_with_passkey(door: Door, step: str | None, challenge: str | None, answer: str, *, now: datetime) -> Begun:
    """Begin an account with a passkey that this browser made. Raises `Gone`, or `Invalid` for the passkey."""
    with writing(door.bind) as connection:
        person = _newcomer(connection, door, step, now)
        passkey = made_passkey(connection, door, challenge, answer, account=person.account, now=now)
        _clear(connection, door, step or "", person, now)
        id = factors.add_passkey(connection, door.bind, person.account, passkey=passkey, now=now)
        return _begin(connection, door, person, "passkey", id, now)


def made_passkey(
    connection: sa.Connection, door: Door, challenge: str | None, answer: str, *, account: UUID, now: datetime
) -> passkeys.NewPasskey:
    """The passkey that answers a challenge made for this account, which is used up. Raises `Invalid`."""
    unfit = Invalid("The passkey was not made, or its answer came too late. Try it again.")
    bind = door.bind
    found = challenges.find(connection, bind, "new_passkey", challenge, room_key=door.room_key, now=now)
    if not challenge or found is None or found.account != account:
        raise unfit
    passkey = passkeys.made(answer, challenge=token_bytes(challenge), party=door.party)
    if passkey is None or factors.is_known(connection, bind, passkey.credential):
        raise unfit
    if not challenges.take(connection, bind, "new_passkey", challenge, now=now):
        raise unfit
    return passkey


def _clear(connection: sa.Connection, door: Door, step: str, person: Newcomer, now: datetime) -> None:
    """Use both steps up, keep the passphrase, drop whatever the account had before."""
    bind, account = door.bind, person.account
    if not challenges.take(connection, bind, "welcome", step, now=now):
        raise Gone(TOO_SLOW)
    if not use_invitation(connection, bind, person.invitation, now=now):
        raise Gone(NO_INVITATION)
    accounts = SIGN_IN[bind].accounts
    mine = sa.update(accounts).where(accounts.c.id == account)
    connection.execute(mine.values(passphrase_hash=person.passphrase_hash))
    factors.remove_all(connection, bind, account)
    sessions.end_all_sessions(connection, bind, account, now=now)


def _begin(
    connection: sa.Connection, door: Door, person: Newcomer, how: str, passkey: UUID | None, now: datetime
) -> Begun:
    """Start the first session of an account, by the factor that it has now, and make its recovery codes."""
    bind, account, codes = door.bind, person.account, recovery.new_codes()
    recovery.replace_codes(connection, bind, account, codes, room_key=door.room_key, now=now)
    token = sessions.start_session(connection, bind, account, how=how, passkey=passkey, now=now)
    actor = Actor(door.room, person.role, str(account))
    record(connection, bind, AuditEvent(actor, "account:begin", "account", str(account), {"how": how}), now=now)
    return Begun(token, codes)
