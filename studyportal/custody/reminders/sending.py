"""Send one reminder. That it is tried is written before it is sent, so that whatever happens it does not come twice.

Tried again is only what certainly did not go out, and only while it is in time. A worker killed in between leaves a
message of which nobody knows: it is told so, to the participant and, in numbers, to the custodian.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.delivery.mailer import NotTaken, send
from studyportal.custody.delivery.settings import MailSettings
from studyportal.custody.opening.key_file import Keys
from studyportal.custody.opening.transport import opened_seed
from studyportal.custody.reminders.pushing import Pusher
from studyportal.custody.reminders.words import WORDS, letter
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen, Gone, Refusal, Unavailable
from studyportal.keyring.wrapping import custody_seeds
from studyportal.protocol import Protocol
from studyportal.registry.contexts import reminder_context
from studyportal.registry.pauses import is_paused
from studyportal.registry.reminder_seals import Whereto, read_whereto
from studyportal.registry.reminders import wishes_in
from studyportal.registry.reminding import (
    begin_try,
    contact_for,
    end_message,
    end_place,
    give_up_tries,
    last_given,
    let_go,
    whose_message,
)
from studyportal.sealing.opening import Opener


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What sending needs. `diary` is the participants' address; without `mail` or `pusher` that way fails."""

    keys: Keys
    protocol: Protocol
    mail: MailSettings | None
    pusher: Pusher | None
    diary: str
    actor: Actor

    @property
    def study(self) -> str:
        return self.protocol.study.code


def send_reminder(message: UUID, means: Means, *, now: datetime) -> None:
    """Send one message, at most once. Raises `NotTaken` for one that is to be tried again."""
    with writing("registry") as connection:
        rows = begin_try(connection, message, now=now)
        if not rows:
            if give_up_tries(connection, message, now=now):
                _tell(connection, message, "unknown", means, now)
            return
        contact = _still_wanted(connection, rows, means, now)
        if contact is None:
            # Something else than a try ends it: too late after tries that failed is a failure all the same.
            _end(connection, message, "failed" if rows[0].failures else "dropped", means, now)
            return
    until = max(row.until for row in rows)
    try:
        WAYS[contact.way](_opened(contact, means), str(message), until, means, now)
    except NotTaken:
        with writing("registry") as connection:
            let_go(connection, message)
        raise
    except Gone:
        with writing("registry") as connection:
            end_place(connection, contact.enrolment, contact.way, contact.mark)
            _end(connection, message, "gone", means, now)
    except (Refusal, ValueError):
        with writing("registry") as connection:
            _end(connection, message, "failed", means, now)
    else:
        with writing("registry") as connection:
            _end(connection, message, "sent", means, now)


def _still_wanted(connection: sa.Connection, rows: Sequence[sa.Row], means: Means, now: datetime) -> sa.Row | None:
    """Where a message goes; None if it has become pointless, late or unwelcome since it was wanted."""
    first = rows[0]
    wishes = whose_message(connection, first.enrolment, required_scopes=means.protocol.consent.required)
    if is_paused(connection, first.enrolment, now):
        return None
    if wishes is None or wishes_in(wishes).quiet.covers(now, wishes.zone):
        return None
    given = last_given(connection, [first.enrolment]).get(first.enrolment, {})
    if not any(now < row.until and row.occasion > given.get(row.schedule, 0) for row in rows):
        return None
    return contact_for(connection, first.enrolment, first.way, first.mark)


def _opened(contact: sa.Row, means: Means) -> Whereto:
    with reading("keyring") as connection:
        seeds = custody_seeds(connection, domain="contact", enrolments=[contact.enrolment])
    if not seeds:
        raise Gone("The keys of this person are destroyed.")
    about = reminder_context(means.study, contact.enrolment, contact.id, contact.way)
    try:
        opener = Opener(opened_seed(seeds[0], means.keys, study=means.study))
        return read_whereto(opener.unseal(contact.sealed, about=about))
    except CannotOpen:
        raise NotTaken("The address of a reminder does not open.") from None


def _mail(whereto: Whereto, id: str, until: datetime, means: Means, now: datetime) -> None:
    if means.mail is None:
        raise Unavailable("There is no mail server in custody's settings.")
    written = letter(to=whereto.address, sender=means.mail.sender, diary=means.diary, id=id, now=now)
    send(written, means.mail)


def _push(whereto: Whereto, id: str, until: datetime, means: Means, now: datetime) -> None:
    if means.pusher is None:
        raise Unavailable("There is no key for web push in custody's settings.")
    means.pusher.push(WORDS, whereto, until=until, now=now)


# How each way of the registry's reminders goes out.
WAYS = {"mail": _mail, "push": _push}


def _end(connection: sa.Connection, message: UUID, outcome: str, means: Means, now: datetime) -> None:
    if end_message(connection, message, outcome, now=now):
        _tell(connection, message, outcome, means, now)


def _tell(connection: sa.Connection, message: UUID, outcome: str, means: Means, now: datetime) -> None:
    event = AuditEvent(means.actor, "reminder:end", "reminder", str(message), {"outcome": outcome})
    record(connection, "registry", event, now=now)
