"""Countersign a consent: the statement that the participant signed, by its hash. Once, by one clinician, as one
event."""

from datetime import datetime
from uuid import UUID

from studyportal import outbox
from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.errors import Conflict
from studyportal.registry import countersignatures as registry

NOTHING_WAITS = "Nothing of theirs waits for a countersignature any more. Nothing was changed."


def countersign(
    enrolment: UUID, statement_sha256: bytes, *, site: str, account: UUID, name: str, actor: Actor, now: datetime
) -> None:
    """Countersign the consent of a participant of this site that waits; custody then makes the signed copy.

    `statement_sha256` is what stood on the page. Raises `Conflict` when nothing waits, a colleague was quicker, or the
    participant has signed anew meanwhile.
    """
    with writing("registry", site=site) as connection:
        waiting = registry.waiting_of(connection, site, enrolment)
        if waiting is None or not registry.countersign(
            connection, waiting.consent, statement_sha256=statement_sha256, account=account, name=name, now=now
        ):
            raise Conflict(NOTHING_WAITS)
        id = str(waiting.consent)
        outbox.put(connection, "registry", "consent_copy", id, {"consent": id}, now=now)
        event = AuditEvent(actor, "consent:countersign", "consent", id, {"form": waiting.form_version})
        record(connection, "registry", event, now=now)
