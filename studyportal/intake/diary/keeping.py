"""Seal an entry, sign its receipt, and write it with its alert and their audit events in a transaction of the
caller's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor
from studyportal.intake.diary.receipts import LABEL, Receipt, receipt_body
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.protocol import DiaryEntry, Instrument
from studyportal.registry.entry_seals import Alarm, entry_row, keep_whole
from studyportal.sealing import PublicKey
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
    row = entry_row(
        entry_id,
        enrolment,
        asked,
        entry,
        to=PublicKey(enrolled.public_key),
        occasion=occasion,
        committed=committed,
        study=study,
        now=now,
    )
    signature = signer.sign(LABEL, receipt_body(study, enrolment, entry_id, now, committed))
    receipt = Receipt(study, enrolment, entry_id, now, committed, signature)
    return SealedEntry(receipt, row | {"receipt": signature}, alarm, looks_back)


def keep(connection: sa.Connection, one: SealedEntry, *, actor: Actor, now: datetime) -> bool:
    """Write it with all that hangs on it; False, and nothing written, when its id or occasion is there already."""
    return keep_whole(connection, one.row, one.alarm, looks_back=one.looks_back, actor=actor, now=now)
