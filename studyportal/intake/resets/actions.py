"""Take new words with a code from the clinic, or stop a reset that one did not want. Custody puts them into place.

A code is looked at only after the try was counted. An unknown participant, a wrong code and one that is too old get the
same sentence.
"""

import secrets
from datetime import datetime
from hmac import compare_digest
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal import outbox
from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import reading, writing
from studyportal.errors import Conflict, NotSignedIn
from studyportal.intake.enrolment.tries import count_try
from studyportal.registry.codes import read_enrolment_code, read_participant_code
from studyportal.registry.enrolments import enrolment_by_code
from studyportal.registry.reset_states import MEANWHILE, has_lapsed, reset_code_hash
from studyportal.registry.resets import change_reset, reset_with_code, running_reset
from studyportal.saying import said
from studyportal.sealing.passphrase import SALT_SIZE, derive

WRONG = said(
    "This participant code and this code from the clinic do not fit together, or the code is used up or too old. "
    "Look at every letter; if it stays so, ask your clinic for another."
)


def check_code(
    typed_code: str, typed_reset: str, *, address: str | None, secret: str, now: datetime
) -> tuple[str, str]:
    """Participant code and reset code as they are printed, if they fit now. Raises `TooMany` and `NotSignedIn`."""
    code, given = read_participant_code(typed_code) or "none", read_enrolment_code(typed_reset) or "none"
    count_try("reset", code, address=address, secret=secret, now=now)
    with reading("registry") as connection:
        found = enrolment_by_code(connection, code)
    enrolment = uuid4() if found is None else found.id
    with reading("registry", enrolment=enrolment) as connection:
        _fitting(connection, enrolment, given, now=now)
    return code, given


def take(participant_code: str, given: str, passphrase: str, *, now: datetime) -> None:
    """Hand over to custody what the new words yield; the code is used up. Raises `NotSignedIn` when it fits no more."""
    with reading("registry") as connection:
        found = enrolment_by_code(connection, participant_code)
    if found is None:
        raise NotSignedIn(WRONG)
    salt = secrets.token_bytes(SALT_SIZE)
    root = derive(passphrase, salt=salt)
    with writing("registry", enrolment=found.id) as connection:
        row = _fitting(connection, found.id, given, now=now)
        new = {
            "taken_at": now,
            "salt": salt,
            "verifier_hash": root.verifier_hash,
            "reading_public": root.reading_public.raw,
            "consent_public": root.consent_public,
            "code_given": given,
        }
        change_reset(connection, row, "take", new)
        outbox.put(connection, "registry", "reset", f"{row.id} taken", {"reset": str(row.id)}, now=now)
        record(connection, "registry", _event(found.id, "reset:take", row), now=now)


def _fitting(connection: sa.Connection, enrolment: UUID, given: str, *, now: datetime) -> sa.Row:
    """The reset for which this code was handed over. Raises `NotSignedIn`."""
    row = reset_with_code(connection, enrolment)
    known = row.code_hash if row is not None else bytes(32)
    if not compare_digest(reset_code_hash(given), known) or row is None or has_lapsed(row, now=now):
        raise NotSignedIn(WRONG)
    return row


def stop(enrolment: UUID, *, now: datetime) -> None:
    """Stop the reset that runs, as the participant. Raises `Conflict` when there is none, or its code was just used."""
    with writing("registry", enrolment=enrolment) as connection:
        row = running_reset(connection, enrolment)
        if row is None:
            raise Conflict(MEANWHILE["cancelled"])
        change_reset(connection, row, "cancel", {"ended_at": now, "ended_by": "participant"})
        record(connection, "registry", _event(enrolment, "reset:cancel", row), now=now)


def _event(enrolment: UUID, action: str, row: sa.Row) -> AuditEvent:
    return AuditEvent(Actor("intake", "participant", str(enrolment)), action, "reset", str(row.id))
