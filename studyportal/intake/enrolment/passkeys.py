"""Let a participant sign in by passkey: make one, sign in with it, take it away.

A passkey reads nothing. What it signs in has no reading key until the six words are typed; making and removing one
asks for them too. What the device keeps of it is a random number and the word "Diary": it names nobody.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.audit import AuditEvent, record
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Gone, Invalid, NotFound, NotSignedIn
from studyportal.intake.enrolment.sessions import Caller
from studyportal.intake.enrolment.sign_in import SignedIn, actor_of, record_refusal
from studyportal.intake.enrolment.tries import count_challenge, count_network
from studyportal.registry import passkeys as kept
from studyportal.registry.enrolments import lock_enrolment
from studyportal.registry.sessions import add_session, end_sessions_of_passkey, open_sessions
from studyportal.saying import said
from studyportal.sealing.sessions import new_token, token_bytes, token_hash
from studyportal.web.sign_in import passkeys
from studyportal.web.sign_in.passkeys import Answer, Party

MOST = 10
PLACE = "Diary"
WRONG = said("This passkey is not known here, or its answer came too late. Try it again, or use your six words.")
NOT_MADE = said("No passkey was made. Try it again.")
TOO_SLOW = said("That took too long, or was done already. Begin again.")

# What a person may say a passkey is kept on -> what its name on the device says besides "Diary".
DEVICES: Mapping[str, str] = MappingProxyType(
    {
        "phone": said("My phone"),
        "tablet": said("My tablet"),
        "computer": said("My computer"),
        "key": said("A security key"),
        "unsaid": "",
    }
)


def ask(*, address: str | None, secret: str, now: datetime) -> str:
    """The token of a challenge for whatever passkey this browser has. Raises `TooMany`."""
    count_challenge(address=address, secret=secret, now=now)
    token = new_token()
    with writing("registry") as connection:
        kept.add_challenge(connection, token_hash(token), now=now)
    return token


def sign_in(
    token: str | None,
    answer: str,
    *,
    party: Party,
    lasting: timedelta,
    address: str | None,
    secret: str,
    now: datetime,
) -> SignedIn:
    """Begin a session that reads nothing, for whoever's passkey signed this challenge. Raises `TooMany` and
    `NotSignedIn`."""
    count_network(address=address, secret=secret, now=now)
    given = passkeys.read_answer(answer)
    with reading("registry") as connection:
        row = kept.passkey_with(connection, given.credential) if given else None
    if not token or given is None or row is None or given.handle != row.id:
        record_refusal(None, now=now)
        raise NotSignedIn(WRONG)
    new, expires_at = new_token(), now + lasting
    try:
        with writing("registry", enrolment=row.enrolment) as connection:
            _use(connection, row, given, token, party, now)
            add_session(
                connection,
                token_hash(new),
                row.enrolment,
                kind="passkey",
                sealed_reading_key=None,
                passkey=row.id,
                expires_at=expires_at,
                now=now,
            )
            record(connection, "registry", _event("session:start", row.enrolment, how="passkey"), now=now)
    except NotSignedIn:
        record_refusal(row.enrolment, now=now)
        raise
    return SignedIn(new, row.enrolment, expires_at)


def _use(connection: sa.Connection, row: sa.Row, given: Answer, token: str, party: Party, now: datetime) -> None:
    """Use challenge and signature up. Raises `NotSignedIn` unless both hold, and no copy of the passkey was quicker."""
    if not kept.take_challenge(connection, token_hash(token), enrolment=None, now=now):
        raise NotSignedIn(WRONG)
    after = passkeys.uses_after(
        given, challenge=token_bytes(token), party=party, public_key=row.public_key, uses=row.uses
    )
    if after is None or not kept.count_use(connection, row.id, before=row.uses, after=after, now=now):
        raise NotSignedIn(WRONG)


def begin(caller: Caller, device: str, *, now: datetime) -> str:
    """The token with which somebody who has just typed their words makes a passkey. Raises `Conflict` for one too
    many."""
    token = new_token()
    with writing("registry", enrolment=caller.enrolment) as connection:
        _check_room(connection, caller.enrolment)
        kept.add_challenge(
            connection, token_hash(token), enrolment=caller.enrolment, passkey=uuid4(), device=device, now=now
        )
    return token


def device_of(caller: Caller, token: str | None, *, now: datetime) -> str:
    """What the passkey that is being made is kept on. Raises `Gone` if none is, or no longer."""
    return str(_making(caller, token, now).device)


def request_for(caller: Caller, token: str | None, *, party: Party, now: datetime) -> str:
    """What the browser is asked in order to make it, as JSON. Raises `Gone`."""
    row = _making(caller, token, now)
    with reading("registry", enrolment=caller.enrolment) as connection:
        known = [one.credential for one in kept.passkeys_of(connection, caller.enrolment)]
    name = ", ".join(part for part in (PLACE, DEVICES[row.device].lower()) if part)
    return passkeys.request_for_new(
        token_bytes(token or ""), party, handle=row.passkey, name=name, place=PLACE, known=known
    )


def add(caller: Caller, token: str | None, answer: str, *, party: Party, now: datetime) -> None:
    """Keep the passkey that a browser made. Raises `Gone`, `Invalid`, and `NotSignedIn` if the session has just
    ended."""
    enrolment = caller.enrolment
    row = _making(caller, token, now)
    made = passkeys.made(answer, challenge=token_bytes(token or ""), party=party)
    with writing("registry", enrolment=enrolment) as connection:
        lock_enrolment(connection, enrolment)
        # New words take every passkey away and end every session: what is made in the same moment must not outlive
        # them.
        if all(one.token_hash != caller.token_hash for one in open_sessions(connection, enrolment, now=now)):
            raise NotSignedIn("You are not signed in any more. Sign in, then do it again.")
        if not kept.take_challenge(connection, row.token_hash, enrolment=enrolment, now=now):
            raise Gone(TOO_SLOW)
        _check_room(connection, enrolment)
        # Somebody else's is refused in the same words: nobody learns here what is known.
        if made is None or kept.passkey_with(connection, made.credential) is not None:
            raise Invalid(NOT_MADE)
        kept.add_passkey(
            connection,
            row.passkey,
            enrolment,
            device=row.device,
            credential=made.credential,
            public_key=made.public_key,
            uses=made.uses,
            now=now,
        )
        record(connection, "registry", _event("factor:add", enrolment, kind="passkey"), now=now)


def remove(caller: Caller, id: UUID, *, now: datetime) -> bool:
    """Take a passkey away, for somebody who has just typed their words, and end every session that began with it.

    Whether the caller's own was one of these. Raises `NotFound` for anybody else's.
    """
    with writing("registry", enrolment=caller.enrolment) as connection:
        lock_enrolment(connection, caller.enrolment)
        if not kept.remove_passkey(connection, id, caller.enrolment):
            raise NotFound("There is no such passkey.")
        ended = end_sessions_of_passkey(connection, caller.enrolment, id, now=now)
        detail = {"kind": "passkey"} | ({"sessions": len(ended)} if ended else {})
        record(connection, "registry", _event("factor:remove", caller.enrolment, **detail), now=now)
    return caller.token_hash in ended


def _making(caller: Caller, token: str | None, now: datetime) -> sa.Row:
    with reading("registry", enrolment=caller.enrolment) as connection:
        row = kept.open_challenge(connection, token_hash(token or ""), enrolment=caller.enrolment, now=now)
    if row is None:
        raise Gone(TOO_SLOW)
    return row


def _check_room(connection: sa.Connection, enrolment: UUID) -> None:
    if len(kept.passkeys_of(connection, enrolment)) >= MOST:
        raise Conflict(said("You have %(most)d passkeys. Remove one that you do not use, then add this.", most=MOST))


def _event(action: str, enrolment: UUID, **detail: str | int) -> AuditEvent:
    return AuditEvent(actor_of(enrolment), action, "enrolment", str(enrolment), detail)
