"""Sign a participant in with code and passphrase, give a device a token, end sessions.

Tries are counted before anything is hashed. An unknown code costs the same slow hash and gets the same answer as a
wrong passphrase.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import reading, writing
from studyportal.errors import Conflict, NotFound, NotSignedIn
from studyportal.intake.enrolment import tries
from studyportal.intake.enrolment.sessions import DEVICE, MOST_DEVICES, Caller, session_context
from studyportal.registry.codes import read_participant_code
from studyportal.registry.enrolments import enrolment_by_code, is_still_theirs, lock_enrolment
from studyportal.registry.sessions import add_session, open_sessions
from studyportal.registry.sessions import end_session as end_kept_session
from studyportal.saying import said
from studyportal.sealing.passphrase import SALT_SIZE, Root, derive
from studyportal.sealing.sessions import new_token, seal_under_token, token_hash

OTHER_WORDS = said("These are not your six words. Look at your sheet, and type them again.")
WRONG = said("This participant code and these six words do not fit together.")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: its token goes to the browser or the device and is kept nowhere."""

    token: str = field(repr=False)
    enrolment: UUID
    expires_at: datetime


def recognise(
    typed_code: str, passphrase: str, *, address: str | None, secret: str, now: datetime
) -> tuple[UUID, Root]:
    """The enrolment that this code and passphrase belong to, and what the passphrase yields.

    `secret` keys the count of tries and the stand-in salt of unknown codes. Raises `TooMany` and `NotSignedIn`.
    """
    code = read_participant_code(typed_code) or "none"
    tries.count_try("participant", code, address=address, secret=secret, now=now)
    with reading("registry") as connection:
        row = enrolment_by_code(connection, code)
    stand_in = hmac.digest(secret.encode(), b"stand-in salt " + code.encode(), hashlib.sha256)
    known = row is not None and row.salt is not None
    root = derive(passphrase, salt=row.salt if known else stand_in[:SALT_SIZE])
    if not hmac.compare_digest(root.verifier_hash, row.verifier_hash if known else stand_in) or not known:
        record_refusal(row.id if row else None, now=now)
        raise NotSignedIn(WRONG)
    tries.forgive("participant", code, address=address, secret=secret, now=now)
    return row.id, root


def recognise_again(caller: Caller, passphrase: str, *, address: str | None, secret: str, now: datetime) -> Root:
    """What the passphrase of somebody who is signed in yields. Raises `TooMany`, and `NotSignedIn` for other words."""
    try:
        return recognise(caller.participant_code, passphrase, address=address, secret=secret, now=now)[1]
    except NotSignedIn:
        raise NotSignedIn(OTHER_WORDS) from None


def record_refusal(enrolment: UUID | None, *, now: datetime) -> None:
    """Write down that somebody was refused, in a transaction of its own."""
    with writing("registry") as connection:
        actor = Actor("intake", "public", "nobody")
        event = AuditEvent(actor, "session:refuse", "enrolment", str(enrolment or "unknown"))
        record(connection, "registry", event, now=now)


def start_session(enrolment: UUID, root: Root, *, study: str, lasting: timedelta, now: datetime) -> SignedIn:
    """Begin a session of somebody who has shown their passphrase: the reading key is sealed under its token."""
    token = new_token()
    name, expires_at = token_hash(token), now + lasting
    sealed = seal_under_token(root.reading_key, token, session_context(study, enrolment, name))
    with writing("registry", enrolment=enrolment) as connection:
        _check_still_theirs(connection, enrolment, root)
        add_session(
            connection, name, enrolment, kind="session", sealed_reading_key=sealed, expires_at=expires_at, now=now
        )
        event = AuditEvent(actor_of(enrolment), "session:start", "enrolment", str(enrolment))
        record(connection, "registry", event, now=now)
    return SignedIn(token, enrolment, expires_at)


def open_session(caller: Caller, root: Root, *, study: str, now: datetime) -> SignedIn:
    """Go on with a session that a passkey began, now with the reading key, under another token and until the same time.

    Raises `NotSignedIn` if it has just ended.
    """
    token, enrolment = new_token(), caller.enrolment
    name = token_hash(token)
    sealed = seal_under_token(root.reading_key, token, session_context(study, enrolment, name))
    with writing("registry", enrolment=enrolment) as connection:
        _check_still_theirs(connection, enrolment, root)
        if not end_kept_session(connection, enrolment, caller.token_hash, now=now):
            raise NotSignedIn("You are not signed in any more. Sign in, then do it again.")
        add_session(
            connection,
            name,
            enrolment,
            kind="session",
            sealed_reading_key=sealed,
            passkey=caller.passkey,
            expires_at=caller.expires_at,
            now=now,
        )
        record(
            connection,
            "registry",
            AuditEvent(actor_of(enrolment), "session:open", "enrolment", str(enrolment)),
            now=now,
        )
    return SignedIn(token, enrolment, caller.expires_at)


def _check_still_theirs(connection: sa.Connection, enrolment: UUID, root: Root) -> None:
    # New words end every session, and removing a passkey ends those of it: one that begins in the same moment must not
    # outlive them, so this waits for both, and both wait for it.
    if not is_still_theirs(connection, enrolment, root.verifier_hash):
        raise NotSignedIn(WRONG)


def add_device(enrolment: UUID, root: Root, *, now: datetime) -> SignedIn:
    """A token with which an app can send entries for a year and read nothing."""
    token, expires_at = new_token(), now + DEVICE
    with writing("registry", enrolment=enrolment) as connection:
        _check_still_theirs(connection, enrolment, root)
        add_session(
            connection,
            token_hash(token),
            enrolment,
            kind="submit",
            sealed_reading_key=None,
            expires_at=expires_at,
            now=now,
        )
        event = AuditEvent(actor_of(enrolment), "device:add", "enrolment", str(enrolment))
        record(connection, "registry", event, now=now)
    return SignedIn(token, enrolment, expires_at)


def add_own_device(caller: Caller, *, now: datetime) -> SignedIn:
    """The same for the browser of somebody who is signed in there. Raises `NotSignedIn` if that has just ended, and
    `Conflict` where there are too many."""
    token, expires_at, enrolment = new_token(), now + DEVICE, caller.enrolment
    with writing("registry", enrolment=enrolment) as connection:
        lock_enrolment(connection, enrolment)
        opened = open_sessions(connection, enrolment, now=now)
        # New words end every session: what begins in the same moment must not outlive them.
        if all(one.token_hash != caller.token_hash for one in opened):
            raise NotSignedIn("You are not signed in any more. Sign in, then do it again.")
        if sum(one.kind == "submit" for one in opened) >= MOST_DEVICES:
            raise Conflict("Many devices keep your diary already. End those that you do not use, under your own code.")
        add_session(
            connection,
            token_hash(token),
            enrolment,
            kind="submit",
            sealed_reading_key=None,
            passkey=caller.passkey,
            expires_at=expires_at,
            now=now,
        )
        record(
            connection, "registry", AuditEvent(actor_of(enrolment), "device:add", "enrolment", str(enrolment)), now=now
        )
    return SignedIn(token, enrolment, expires_at)


def end_own_device(enrolment: UUID, name: bytes, *, now: datetime) -> None:
    """End the token of the device on which somebody signs out, if it is theirs and has not ended."""
    with writing("registry", enrolment=enrolment) as connection:
        if end_kept_session(connection, enrolment, name, now=now):
            event = AuditEvent(actor_of(enrolment), "session:end", "enrolment", str(enrolment))
            record(connection, "registry", event, now=now)


def end_session(enrolment: UUID, name: bytes, *, now: datetime) -> None:
    """End one session or device of this person, by its token's hash. Raises `NotFound` for anybody else's."""
    with writing("registry", enrolment=enrolment) as connection:
        if not end_kept_session(connection, enrolment, name, now=now):
            raise NotFound("There is no such session.")
        event = AuditEvent(actor_of(enrolment), "session:end", "enrolment", str(enrolment))
        record(connection, "registry", event, now=now)


def actor_of(enrolment: UUID) -> Actor:
    """A participant as the audit trail names them."""
    return Actor("intake", "participant", str(enrolment))
