"""Seal an entry, sign its receipt, and write it with its alert and their audit events in a transaction of the caller's.

The plaintext ends here: what is kept can be opened by the participant and by custody only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from studyportal import outbox
from studyportal.audit import Actor, AuditEvent, record
from studyportal.intake.diary.alarm import Alarm
from studyportal.intake.diary.receipts import LABEL, Receipt, receipt_body
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.protocol import DiaryEntry, Instrument, encode
from studyportal.registry.alerts import raise_alert
from studyportal.registry.contexts import entry_context
from studyportal.registry.entries import ON_DEMAND, keep_entry
from studyportal.sealing import ON_DEMAND_SIZE, PublicKey, seal
from studyportal.sealing.signatures import Signer


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """A row of the registry's sealed entries, not yet written, with its receipt and the alert that it raises.

    `looks_back`: custody has to look at former entries for alerts that need them.
    """

    receipt: Receipt
    row: Mapping[str, Any]
    alarm: Alarm | None
    looks_back: bool


def seal_entry(
    entry_id: UUID,
    enrolled: Enrolled,
    asked: Instrument,
    entry: DiaryEntry,
    *,
    occasion: int | None,
    committed: bytes,
    alarm: Alarm | None,
    looks_back: bool,
    study: str,
    signer: Signer,
    now: datetime,
) -> SealedEntry:
    """Seal to the person's own key; `committed` is the commitment that the receipt is given for."""
    enrolment = enrolled.enrolment
    sealed = seal(
        encode(entry),
        to=PublicKey(enrolled.public_key),
        about=entry_context(study, enrolment, entry_id),
        size=ON_DEMAND_SIZE if asked.on_demand else None,
    )
    signature = signer.sign(LABEL, receipt_body(study, enrolment, entry_id, now, committed))
    row = {
        "id": entry_id,
        "enrolment": enrolment,
        "schedule": ON_DEMAND if asked.on_demand else asked.name,
        "occasion": occasion,
        "received_at": now,
        "commitment": committed,
        "receipt": signature,
        "sealed": sealed,
    }
    return SealedEntry(Receipt(study, enrolment, entry_id, now, committed, signature), row, alarm, looks_back)


def keep(connection: sa.Connection, one: SealedEntry, *, actor: Actor, now: datetime) -> bool:
    """Write the entry, its alert, what custody has to look at, and the trail; False, and nothing written, when its id
    or occasion is there already."""
    if not keep_entry(connection, one.row):
        return False
    record(connection, "registry", AuditEvent(actor, "entry:submit", "entry", str(one.receipt.entry)), now=now)
    if one.alarm is not None:
        raise_alert(connection, one.alarm.row)
        record(connection, "registry", one.alarm.event(actor), now=now)
    if one.looks_back:
        entry = str(one.receipt.entry)
        outbox.put(connection, "registry", "alerts", entry, {"entry": entry}, now=now)
    return True
