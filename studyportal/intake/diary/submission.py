"""Take one entry: check it, pad and seal it, keep it once, and give a signed receipt. Nothing here can open it again.

The entry's id comes from the client, so sending again is the same entry: the same commitment gets the same receipt,
another body is refused. The row and its audit event are one transaction; what is acknowledged is on the disk.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Gone, Invalid, NotFound, Refusal
from studyportal.intake.diary.receipts import LABEL, Receipt, receipt_body
from studyportal.intake.diary.times import About, Times, about, check_clocks, check_window
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.protocol import DiaryEntry, Instrument, Protocol, commitment_body, encode, local_date, zone_named
from studyportal.protocol.entry import write_blind
from studyportal.registry.contexts import entry_context
from studyportal.registry.entries import ON_DEMAND, keep_entry, kept_entry
from studyportal.sealing import ON_DEMAND_SIZE, PublicKey, seal
from studyportal.sealing.signatures import Signer, commitment

OTHER_BODY = "An entry with this id was kept before, with other answers. What was kept first stays."
ALREADY_GIVEN = "There is an entry for this occasion already. What was kept first stays."
LEFT = "You have left the study, so nothing new is taken in. What you gave before is not touched by this."


@dataclass(frozen=True, slots=True)
class Submitted:
    """`created` is False when the same entry had been kept before; the receipt is the same then."""

    receipt: Receipt
    created: bool


def submit(
    entry_id: UUID,
    enrolled: Enrolled,
    instrument: str,
    raw_answers: object,
    *,
    occasion: int | None,
    times: Times,
    blind: bytes,
    protocol: Protocol,
    signer: Signer,
    source: str,
    check_times: bool,
    actor: Actor,
    now: datetime,
) -> Submitted:
    """Keep an entry of this person and give its receipt.

    `raw_answers` are a form's texts or an app's JSON values; `occasion` is the number the client names, or None for
    the one open at saving; `blind` is 32 random bytes; `signer` holds the receipt key. `check_times` is False for
    imports: windows do not apply to them. Raises `Invalid` (with a sentence per field), `NotFound` for an unknown
    instrument, `Conflict` for another body or a taken occasion, `Gone` after a withdrawal, `TooLarge`.
    """
    asked = protocol.instruments.get(instrument)
    if asked is None:
        raise NotFound("The study has no such questions.")
    if enrolled.started_on is None:
        raise Gone("The consent form comes first.")
    zone_named(times.zone)
    latest = local_date(now, enrolled.zone) if check_times else None
    answers = asked.parse(raw_answers, latest=latest)
    if not answers:
        raise Invalid("There is no answer in this entry yet.", {next(iter(asked.items)): "Answer at least one question."})
    subject = about(
        asked, answers, occasion, times=times, start=enrolled.started_on, zone=enrolled.zone, now=now
    )
    entry = DiaryEntry(
        instrument=instrument,
        protocol_version=protocol.study.version,
        diary_date=subject.diary_date.isoformat(),
        zone=times.zone,
        source=source,
        answers=answers.to_wire(),
        blind=write_blind(blind),
        event_at=_iso(times.event_at),
        saved_at=_iso(times.saved_at),
    )
    committed = commitment(blind, commitment_body(entry))
    if refusal := _why_not(asked, enrolled, subject, times, check_times=check_times, now=now):
        return _retried(entry_id, enrolled, committed, protocol, refusal)
    return _keep(entry_id, enrolled, asked, subject, entry, committed, protocol, signer, actor, now)


def _why_not(
    asked: Instrument, enrolled: Enrolled, subject: About, times: Times, *, check_times: bool, now: datetime
) -> Refusal | None:
    if enrolled.has_stopped:
        return Gone(LEFT)
    if not check_times:
        return None
    try:
        check_clocks(times, now=now)
        check_window(asked, subject, times=times, start=enrolled.started_on, zone=enrolled.zone, now=now)  # type: ignore[arg-type]
    except Invalid as refusal:
        return refusal
    return None


def _retried(entry_id: UUID, enrolled: Enrolled, committed: bytes, protocol: Protocol, refusal: Refusal) -> Submitted:
    """The receipt of an entry that was kept while it still could be, and whose answer got lost; else the refusal."""
    with reading("registry", enrolment=enrolled.enrolment) as connection:
        kept = kept_entry(connection, entry_id, enrolled.enrolment)
    if kept is None or kept.commitment != committed:
        raise refusal
    return Submitted(receipt_of(kept, entry_id, protocol.study.code), created=False)


def _keep(
    entry_id: UUID,
    enrolled: Enrolled,
    asked: Instrument,
    subject: About,
    entry: DiaryEntry,
    committed: bytes,
    protocol: Protocol,
    signer: Signer,
    actor: Actor,
    now: datetime,
) -> Submitted:
    study, enrolment = protocol.study.code, enrolled.enrolment
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
        "occasion": subject.number,
        "received_at": now,
        "commitment": committed,
        "receipt": signature,
        "sealed": sealed,
    }
    event = AuditEvent(actor, "entry:submit", "entry", str(entry_id))
    with writing("registry", enrolment=enrolment) as connection:
        if keep_entry(connection, row):
            record(connection, "registry", event, now=now)
            return Submitted(Receipt(study, enrolment, entry_id, now, committed, signature), created=True)
        kept = kept_entry(connection, entry_id, enrolment)
    if kept is None:
        # The id is somebody else's, or the occasion has its entry under another id: neither tells which.
        raise Conflict(OTHER_BODY if asked.on_demand else ALREADY_GIVEN)
    if kept.commitment != committed:
        raise Conflict(OTHER_BODY)
    return Submitted(receipt_of(kept, entry_id, study), created=False)


def receipt_of(row: sa.Row, entry_id: UUID, study: str) -> Receipt:
    """The receipt of a kept entry, as it was given the first time."""
    return Receipt(study, row.enrolment, entry_id, row.received_at, row.commitment, row.receipt)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
