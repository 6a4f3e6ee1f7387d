"""Make the safety alert of an entry: its level in clear, the names of what raised it under the seal.

Imported and synthetic entries raise none: somebody has to be there who can be called.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from studyportal.audit import Actor, AuditEvent
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.protocol import DiaryEntry, Protocol
from studyportal.protocol.alerts import raised, write_raised
from studyportal.registry.contexts import alert_context
from studyportal.sealing import PublicKey, seal
from studyportal.sealing.padding import pad


@dataclass(frozen=True, slots=True)
class Alarm:
    """A row of the registry's safety alerts, not yet written."""

    row: dict[str, Any]

    def event(self, actor: Actor) -> AuditEvent:
        """The line of the trail: that there is an alert and its level, never what raised it."""
        return AuditEvent(actor, "alert:raise", "alert", str(self.row["id"]), {"level": self.row["level"]})


def alarm_of(
    entry: DiaryEntry, written_under: Protocol, entry_id: UUID, enrolled: Enrolled, *, now: datetime
) -> Alarm | None:
    """The alert that a participant's entry raises, at the level of the most pressing; None if it raises none."""
    if entry.source != "participant":
        return None
    found = raised(written_under, entry.instrument, entry.answers)
    if not found:
        return None
    alert_id = uuid4()
    sealed = seal(
        write_raised(written_under, [alert.name for alert in found]),
        to=PublicKey(enrolled.public_key),
        about=alert_context(written_under.study.code, enrolled.enrolment, alert_id),
        # Room for every alert of the study at once, so that the size tells of none.
        size=len(pad(write_raised(written_under, list(written_under.alerts)), size=None)),
    )
    row = {"id": alert_id, "enrolment": enrolled.enrolment, "entry": entry_id, "source": "entry"}
    return Alarm(row | {"level": found[0].level, "raised_at": now, "sealed": sealed})
