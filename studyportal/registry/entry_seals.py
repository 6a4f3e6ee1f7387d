"""Make an entry and the alert that it raises into sealed rows, and write both with the trail. Nothing here opens.

For intake, which gives a receipt, and for the clinic, which names the account that wrote instead. The plaintext ends
here: what is kept can be opened by the participant and by custody only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal import outbox
from studyportal.audit import Actor, AuditEvent, record
from studyportal.protocol import DiaryEntry, Instrument, Protocol, encode
from studyportal.protocol.alerts import raised, write_raised
from studyportal.protocol.document import Alert
from studyportal.protocol.entry import OWN_WORDS
from studyportal.registry.alerts import raise_alert
from studyportal.registry.contexts import alert_context, entry_context
from studyportal.registry.entries import ON_DEMAND, keep_entry
from studyportal.sealing import ON_DEMAND_SIZE, PublicKey, seal
from studyportal.sealing.padding import on_demand_size, pad


def entry_row(
    id: UUID,
    enrolment: UUID,
    asked: Instrument,
    entry: DiaryEntry,
    *,
    to: PublicKey,
    occasion: int | None,
    committed: bytes,
    study: str,
    now: datetime,
) -> dict[str, Any]:
    """A row of the registry's sealed entries, but for who answers for it: `receipt`, or `written_by`.

    One that corrects another looks like any that is tied to no occasion, unless it is longer than these can be.
    """
    is_free = asked.on_demand or entry.amends is not None
    plaintext = encode(entry)
    longest = on_demand_size(plaintext) if entry.amends is not None else ON_DEMAND_SIZE
    sealed = seal(
        plaintext,
        to=to,
        about=entry_context(study, enrolment, id),
        size=longest if is_free else None,
    )
    return {
        "id": id,
        "enrolment": enrolment,
        "schedule": ON_DEMAND if is_free else asked.name,
        "occasion": occasion,
        "received_at": now,
        "commitment": committed,
        "sealed": sealed,
    }


@dataclass(frozen=True, slots=True)
class Alarm:
    """A row of the registry's safety alerts, not yet written, and the alerts of the study that it stands for."""

    row: dict[str, Any]
    alerts: tuple[Alert, ...]

    def event(self, actor: Actor) -> AuditEvent:
        """The line of the trail: that there is an alert and its level, never what raised it."""
        return AuditEvent(actor, "alert:raise", "alert", str(self.row["id"]), {"level": self.row["level"]})


def alarm_of(
    entry: DiaryEntry, written_under: Protocol, id: UUID, enrolment: UUID, *, to: PublicKey, now: datetime
) -> Alarm | None:
    """The alert that an entry raises, at the level of the most pressing: its level in clear, the names under the seal.

    None if it raises none; imported and synthetic entries never do: somebody has to be there who can be called.
    """
    found = raised(written_under, entry.instrument, entry.answers) if entry.source in OWN_WORDS else ()
    if not found:
        return None
    alert = uuid4()
    sealed = seal(
        write_raised(written_under, [one.name for one in found]),
        to=to,
        about=alert_context(written_under.study.code, enrolment, alert),
        # Room for every alert of the study at once, so that the size tells of none.
        size=len(pad(write_raised(written_under, list(written_under.alerts)), size=None)),
    )
    row = {"id": alert, "enrolment": enrolment, "entry": id, "source": "entry"}
    return Alarm(row | {"level": found[0].level, "raised_at": now, "sealed": sealed}, tuple(found))


def keep_whole(
    connection: sa.Connection,
    row: Mapping[str, Any],
    alarm: Alarm | None,
    *,
    looks_back: bool,
    actor: Actor,
    now: datetime,
) -> bool:
    """Write the entry, its alert, what custody has to look at (`looks_back`: at former entries), and the trail; False,
    and nothing written, when its id or occasion is there already."""
    if not keep_entry(connection, row):
        return False
    entry = str(row["id"])
    record(connection, "registry", AuditEvent(actor, "entry:submit", "entry", entry), now=now)
    if alarm is not None:
        raise_alert(connection, alarm.row)
        record(connection, "registry", alarm.event(actor), now=now)
    if looks_back:
        outbox.put(connection, "registry", "alerts", entry, {"entry": entry}, now=now)
    return True
