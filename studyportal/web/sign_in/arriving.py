"""Sign in: name and passphrase, then a second factor; or a passkey, which is both. Later, show a factor again.

A wrong passphrase, an unknown name, an ended account and one that has not begun are refused in the same words after
the same work. Every try is counted and committed before anything is hashed or compared. What fits is used up in the
transaction that lets somebody in, so of two who bring the same, one comes in.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import reading, writing
from studyportal.errors import Gone, NotSignedIn
from studyportal.sealing.sessions import token_bytes
from studyportal.web.sign_in import challenges, factors, limiter, recovery, sessions, totp, tries
from studyportal.web.sign_in.accounts import account_named, live_account
from studyportal.web.sign_in.door import Door
from studyportal.web.sign_in.passkeys import read_answer
from studyportal.web.sign_in.passphrases import is_passphrase

WRONG = "This name and passphrase do not fit together."
WRONG_CODE = "This code does not fit, or was used before. Wait for the next one, or use a recovery code."
WRONG_PASSKEY = "This passkey does not belong to an account of this room, or its answer came too late. Try it again."
TOO_SLOW = "That took too long, or was done already. Begin again."


@dataclass(frozen=True, slots=True)
class Typed:
    """Somebody typed a code: of their authenticator app or for recovery."""

    code: str


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody's passkey answered a challenge; `challenge` is what this browser was given, if anything."""

    challenge: str | None
    answer: str


@dataclass(frozen=True, slots=True)
class _Shown:
    """How somebody showed who they are (a key of HOW), and by which factor if it was a passkey."""

    how: str
    passkey: UUID | None = None


def show_passphrase(door: Door, *, name: str, passphrase: str, now: datetime) -> str:
    """The first step: name and passphrase fit; the token of the second. Raises `TooMany` or `NotSignedIn`.

    Three transactions, because no lock may be held during the slow hash.
    """
    tried = tries.of_name(door, name)
    tries.count(door, {**tried, **tries.of_network(door)}, now=now)
    with reading(door.bind) as connection:
        found = account_named(connection, door.bind, name)
    right = is_passphrase(passphrase, found.passphrase_hash if found else None)
    with writing(door.bind) as connection:
        # Looked at again: the account may have ended while the passphrase was checked.
        found = account_named(connection, door.bind, name) if right else None
        if found is not None:
            return challenges.begin(connection, door.bind, "second", account=found.id, room_key=door.room_key, now=now)
        id = tries.name_of(tried["account"])
        event = AuditEvent(Actor(door.room, "nobody", id), "session:refuse", "account", id, {"step": "passphrase"})
        record(connection, door.bind, event, now=now)
    raise NotSignedIn(WRONG)


def ask_for_passkey(door: Door, *, now: datetime) -> str:
    """The token of a challenge for whatever passkey this browser has. Raises `TooMany`."""
    tries.count(door, tries.of_network(door, "challenge"), now=now)
    with writing(door.bind) as connection:
        return challenges.begin(connection, door.bind, "passkey", account=None, room_key=door.room_key, now=now)


def waiting_account(door: Door, step: str | None, *, now: datetime) -> UUID:
    """Who is at the second step. Raises `Gone` if nobody is, or no longer."""
    with reading(door.bind) as connection:
        found = challenges.find(connection, door.bind, "second", step, room_key=door.room_key, now=now)
    if found is None or found.account is None:
        raise Gone(TOO_SLOW)
    return found.account


def show_factor(door: Door, step: str | None, proof: Typed | Signed, *, old_token: str | None, now: datetime) -> str:
    """The second step; the new session's token. Raises `TooMany`, `Gone` or `NotSignedIn`."""
    account = waiting_account(door, step, now=now)
    tries.count(door, {**tries.of_account(door, account), **tries.of_network(door)}, now=now)
    try:
        with writing(door.bind) as connection:
            if not challenges.take(connection, door.bind, "second", step or "", now=now):
                raise Gone(TOO_SLOW)
            shown = _prove(connection, door, proof, account, now)
            return _admit(connection, door, account, shown, old_token, now)
    except NotSignedIn:
        _refuse(door, account, "second", now)
        raise


def show_passkey(door: Door, proof: Signed, *, old_token: str | None, now: datetime) -> str:
    """Sign in by a passkey alone; the new session's token. Raises `TooMany` or `NotSignedIn`."""
    tries.count(door, tries.of_network(door), now=now)
    try:
        with writing(door.bind) as connection:
            signer = _signer(connection, door, proof, now)
            if signer is None:
                raise NotSignedIn(WRONG_PASSKEY)
            shown = _Shown("passkey", signer.passkey)
            return _admit(connection, door, signer.account, shown, old_token, now)
    except NotSignedIn:
        _refuse(door, None, "passkey", now)
        raise


def show_again(door: Door, token: str, proof: Typed | Signed, *, account: UUID, actor: Actor, now: datetime) -> str:
    """Somebody who is signed in shows a factor again; the session goes on under the new token that is answered.

    Raises `TooMany` or `NotSignedIn`.
    """
    tries.count(door, {**tries.of_account(door, account), **tries.of_network(door)}, now=now)
    try:
        with writing(door.bind) as connection:
            shown = _prove(connection, door, proof, account, now)
            new = sessions.freshen(connection, door.bind, token, account=account, now=now)
            if new is None:
                raise NotSignedIn("You are not signed in any more. Sign in again.")
            limiter.forgive(connection, door.bind, *tries.of_account(door, account).values())
            event = AuditEvent(actor, "session:fresh", "account", str(account), {"how": shown.how})
            record(connection, door.bind, event, now=now)
            return new
    except NotSignedIn:
        _refuse(door, account, "again", now)
        raise


def _prove(connection: sa.Connection, door: Door, proof: Typed | Signed, account: UUID, now: datetime) -> _Shown:
    """Use the proof up; how it was shown. Raises `NotSignedIn` unless it is this account's."""
    if isinstance(proof, Signed):
        signer = _signer(connection, door, proof, now)
        if signer is None or signer.account != account:
            raise NotSignedIn(WRONG_PASSKEY)
        return _Shown("passkey", signer.passkey)
    kept = {"room_key": door.room_key, "now": now}
    if digits := totp.read_digits(proof.code):
        if factors.take_digits(connection, door.bind, account, digits, **kept):
            return _Shown("totp")
    elif (code := recovery.read_code(proof.code)) and recovery.take_code(connection, door.bind, account, code, **kept):
        return _Shown("recovery")
    raise NotSignedIn(WRONG_CODE)


def _signer(connection: sa.Connection, door: Door, proof: Signed, now: datetime) -> factors.Signer | None:
    """Whose passkey answered a challenge that was open until now, or None."""
    answer = read_answer(proof.answer)
    if not proof.challenge or answer is None:
        return None
    if not challenges.take(connection, door.bind, "passkey", proof.challenge, now=now):
        return None
    challenge = token_bytes(proof.challenge)
    return factors.take_signature(connection, door.bind, answer, challenge=challenge, party=door.party, now=now)


def _admit(
    connection: sa.Connection, door: Door, account: UUID, shown: _Shown, old_token: str | None, now: datetime
) -> str:
    """Begin a session of a live account, and end the one that this browser had."""
    found = live_account(connection, door.bind, account)
    if found is None:
        raise NotSignedIn(WRONG)
    if old_token and (old := sessions.live_session(connection, door.bind, old_token, now=now)):
        sessions.end_session(connection, door.bind, old.id, account=old.account, now=now)
    tried = {**tries.of_name(door, found.name), **tries.of_account(door, account)}
    limiter.forgive(connection, door.bind, *tried.values())
    began = {"how": shown.how, "passkey": shown.passkey}
    token = sessions.start_session(connection, door.bind, account, **began, now=now)
    event = AuditEvent(
        Actor(door.room, found.role, str(account)), "session:start", "account", str(account), {"how": shown.how}
    )
    record(connection, door.bind, event, now=now)
    return token


def _refuse(door: Door, account: UUID | None, step: str, now: datetime) -> None:
    """Write down that somebody was refused: in a transaction of its own, because the other was undone."""
    id = str(account) if account else tries.name_of(tries.of_network(door)["network"])
    event = AuditEvent(Actor(door.room, "nobody", id), "session:refuse", "account", id, {"step": step})
    with writing(door.bind) as connection:
        record(connection, door.bind, event, now=now)
