"""Begin a pause and end it. Each is one event, and the clinic sees both."""

from datetime import datetime
from uuid import UUID, uuid4

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.errors import Conflict
from studyportal.registry.enrolments import lock_enrolment
from studyportal.registry.pauses import begin_pause, end_pause
from studyportal.registry.reminders import remind_again
from studyportal.saying import said

ALREADY = said("Your diary is paused already.")
GOING_ON = said("Your diary is not paused. It goes on.")


def pause(enrolment: UUID, *, until: datetime | None, now: datetime) -> None:
    """Pause until a moment, or until they go on. Raises `Conflict` for somebody who has paused already."""
    id = uuid4()
    with writing("registry", enrolment=enrolment) as connection:
        lock_enrolment(connection, enrolment)
        if not begin_pause(connection, id, enrolment, until=until, now=now):
            raise Conflict(ALREADY)
        kind = {"until": "they go on" if until is None else "a day"}
        record(connection, "registry", _event(enrolment, "pause:begin", id, kind), now=now)


def go_on(enrolment: UUID, *, now: datetime) -> None:
    """End the pause. Raises `Conflict` if there is none."""
    with writing("registry", enrolment=enrolment) as connection:
        lock_enrolment(connection, enrolment)
        id = end_pause(connection, enrolment, now=now)
        if id is None:
            raise Conflict(GOING_ON)
        remind_again(connection, enrolment, now=now)
        record(connection, "registry", _event(enrolment, "pause:end", id, {}), now=now)


def _event(enrolment: UUID, action: str, id: UUID, detail: dict[str, str]) -> AuditEvent:
    return AuditEvent(Actor("intake", "participant", str(enrolment)), action, "pause", str(id), detail)
