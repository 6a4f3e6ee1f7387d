"""Send a message of the site, and write down what was read. Sealed to a public key: nothing here can open it again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import reading, writing
from studyportal.errors import Conflict
from studyportal.registry.enrolments import public_key
from studyportal.registry.message_seals import read_text, sealed_message
from studyportal.registry.messages import add_message, mark_read, message_of
from studyportal.registry.reached import check_reach, reached_by_site


def send(
    id: UUID,
    enrolment: UUID,
    typed: str,
    *,
    site: str,
    account: UUID,
    name: str,
    study: str,
    actor: Actor,
    now: datetime,
) -> bool:
    """Seal and keep a message to a participant of this site; False when this very message was kept before.

    Raises `Invalid` for a text that cannot be sent, `NotFound` for another site's participant, `NotAllowed` and `Gone`
    for somebody who could not read it, `Conflict` for an id that is taken.
    """
    text = read_text(typed)
    with reading("registry", site=site) as connection:
        whose, key = reached_by_site(connection, site, enrolment), public_key(connection, enrolment, "contact")
    check_reach(whose)
    assert key is not None
    row = sealed_message(id, enrolment, text, by=name, account=account, to=key, study=study, now=now)
    with writing("registry", site=site) as connection:
        if message_of(connection, id, enrolment) is not None:
            return False
        if not add_message(connection, row):
            raise Conflict("This page was used before. Open the conversation again and send it from there.")
        record(connection, "registry", AuditEvent(actor, "message:send", "message", str(id)), now=now)
    return True


def mark_seen(enrolment: UUID, messages: Sequence[UUID], *, site: str, actor: Actor, now: datetime) -> None:
    """Write down that the site has seen these messages of a participant."""
    with writing("registry", site=site) as connection:
        seen = mark_read(connection, enrolment, messages, sender="participant", now=now)
        if seen:
            event = AuditEvent(actor, "message:read", "enrolment", str(enrolment), {"messages": seen})
            record(connection, "registry", event, now=now)
