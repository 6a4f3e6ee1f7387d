"""Send a participant's message, and write down what they have read. Also after a withdrawal: leaving is no silence."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import reading, writing
from studyportal.errors import Conflict, NotFound, TooMany
from studyportal.registry.enrolments import public_key
from studyportal.registry.message_seals import read_text, sealed_message
from studyportal.registry.messages import add_message, count_sent, mark_read, message_of

# Nobody writes so many by hand; a stuck phone does.
MOST, WITHIN = 20, timedelta(hours=1)


def send(id: UUID, enrolment: UUID, typed: str, *, study: str, now: datetime) -> bool:
    """Seal and keep a message to the clinic; False when this very message was kept before.

    Raises `Invalid` for a text that cannot be sent, `TooMany` after twenty in an hour, `Conflict` for an id that is
    taken.
    """
    text = read_text(typed)
    with reading("registry", enrolment=enrolment) as connection:
        key = public_key(connection, enrolment, "contact")
    if key is None:
        raise NotFound("There is nobody to write as.")
    row = sealed_message(id, enrolment, text, by="", account=None, to=key, study=study, now=now)
    with writing("registry", enrolment=enrolment) as connection:
        if message_of(connection, id, enrolment) is not None:
            return False
        if count_sent(connection, enrolment, "participant", since=now - WITHIN) >= MOST:
            raise TooMany("You have sent many messages in the last hour. Wait a little, then go on.", retry_after=600)
        if not add_message(connection, row):
            raise Conflict("This page was used before. Open Messages again and send it from there.")
        record(connection, "registry", AuditEvent(_actor(enrolment), "message:send", "message", str(id)), now=now)
    return True


def mark_seen(enrolment: UUID, messages: Sequence[UUID], *, now: datetime) -> None:
    """Write down that the participant has seen these messages of the clinic."""
    with writing("registry", enrolment=enrolment) as connection:
        seen = mark_read(connection, enrolment, messages, sender="staff", now=now)
        if seen:
            event = AuditEvent(_actor(enrolment), "message:read", "enrolment", str(enrolment), {"messages": seen})
            record(connection, "registry", event, now=now)


def _actor(enrolment: UUID) -> Actor:
    return Actor("intake", "participant", str(enrolment))
