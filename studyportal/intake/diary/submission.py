"""Take one entry: check it, pad and seal it, keep it once, and give a signed receipt. Nothing here can open it again.

The entry's id comes from the client, so sending again is the same entry: the same commitment gets the same receipt,
another body is refused. The row, its safety alert and their audit events are one transaction; what is acknowledged is
on the disk.
Answers are read by the version of the study under which they were written, and the entry says which.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Gone, Invalid, NotAllowed, NotFound, Refusal
from studyportal.intake.diary.keeping import keep, seal_entry
from studyportal.intake.diary.receipts import Receipt
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.protocol import (
    KINDS,
    DiaryEntry,
    Instrument,
    Protocol,
    commitment_body,
    zone_named,
)
from studyportal.protocol.alerts import is_looked_back_from
from studyportal.protocol.entry import write_blind
from studyportal.registry.entries import kept_entry
from studyportal.registry.entry_seals import alarm_of
from studyportal.registry.withdrawals import has_left
from studyportal.saying import said
from studyportal.sealing import PublicKey
from studyportal.sealing.signatures import Signer, commitment
from studyportal.web.answering.times import About, Times, about, check_clocks, check_window, latest_date

OTHER_BODY = said("An entry with this id was kept before, with other answers. What was kept first stays.")
ALREADY_GIVEN = said("There is an entry for this occasion already. What was kept first stays.")
NOT_THEIRS = said("These questions are filled in by the study team.")
LEFT = said("You have left the study, so nothing new is taken in. What you gave before is not touched by this.")

NO_REASONS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Submitted:
    """`created` is False when the same entry had been kept before; the receipt is the same then. `entry` is what was
    written, for this request alone."""

    receipt: Receipt
    created: bool
    entry: DiaryEntry = field(repr=False)


def submit(
    entry_id: UUID,
    enrolled: Enrolled,
    instrument: str,
    raw_answers: object,
    *,
    missing: Mapping[str, str] = NO_REASONS,
    follows: UUID | None = None,
    version: str | None = None,
    occasion: int | None,
    times: Times,
    blind: bytes,
    protocol: Protocol,
    signer: Signer,
    source: str,
    check_times: bool,
    waiting: str = "",
    actor: Actor,
    now: datetime,
) -> Submitted:
    """Keep an entry of this person and give its receipt.

    `raw_answers` are a form's texts, or an app's values as JSON bytes; `missing` are the reasons given for none;
    `follows` is the entry whose event this one comes after; `version` is that of the study when it was written (None:
    the present one); `occasion` is the number the client names, or None for the one open at saving; `blind` is 32
    random bytes; `signer` holds the receipt key. `check_times` is False for imports: windows do not apply to them.
    `waiting` says why nothing is taken until somebody has signed; "" if nothing is missing. Raises `Invalid` (with a
    sentence per field), `NotFound` for an unknown instrument, `NotAllowed` for one that participants do not fill in and
    while a signature is missing, `Conflict` for another body or a taken occasion, `Gone` after a withdrawal,
    `TooLarge`.
    """
    written_under = _version(protocol, version)
    asked = _asked(written_under, instrument, source)
    if enrolled.started_on is None:
        raise Gone("The consent form comes first.")
    zone_named(times.zone)
    latest = latest_date(times, zone=enrolled.zone, now=now) if check_times else None
    parse = asked.parse_json if isinstance(raw_answers, bytes) else asked.parse
    answers = parse(raw_answers, missing=missing, zone=times.zone, latest=latest)
    if not answers and not answers.missing:
        raise Invalid(
            said("There is no answer in this entry yet."), {_first(asked): said("Answer at least one question.")}
        )
    subject = about(
        asked,
        answers,
        occasion,
        times=times,
        start=enrolled.started_on,
        zone=enrolled.zone,
        now=now,
        event_came_at=_event_came_at(asked, enrolled, follows, source),
    )
    entry = DiaryEntry(
        instrument=instrument,
        protocol_version=written_under.study.version,
        diary_date=subject.diary_date.isoformat(),
        zone=times.zone,
        source=source,
        answers=answers.to_wire(),
        blind=write_blind(blind),
        event_at=_iso(times.event_at),
        saved_at=_iso(times.saved_at),
        missing=dict(answers.missing),
        follows=None if follows is None else str(follows),
    )
    committed = commitment(blind, commitment_body(entry))
    if refusal := _why_not(asked, enrolled, subject, times, check_times=check_times, waiting=waiting, now=now):
        return refused_or_retried(entry_id, enrolled, entry, committed, protocol, refusal)
    return keep_new(
        entry_id,
        enrolled,
        asked,
        entry,
        committed,
        protocol,
        signer,
        occasion=subject.number,
        actor=actor,
        now=now,
    )


def _version(protocol: Protocol, version: str | None) -> Protocol:
    try:
        return protocol if version is None else protocol.version(version)
    except NotFound as refusal:
        raise Invalid("This could not be taken as it is.", {"protocol_version": refusal.sentence}) from None


def _asked(protocol: Protocol, name: str, source: str) -> Instrument:
    asked = protocol.instruments.get(name)
    if asked is None or asked.schedule.form == "before_consent":
        raise NotFound("The study has no such questions.")
    if source == "participant" and asked.by != "participant":
        raise NotAllowed(NOT_THEIRS)
    return asked


def _first(asked: Instrument) -> str:
    """The first question that somebody can answer."""
    return next(name for name, item in asked.items.items() if KINDS[item.kind].answered)


def _event_came_at(asked: Instrument, enrolled: Enrolled, follows: UUID | None, source: str) -> datetime | None:
    """Hold an entry after an event against the entry of that event, and say when that came; what it was is in its
    seal."""
    if not asked.schedule.after:
        if follows is not None:
            raise Invalid(said("This entry follows no other."), {"follows": said("Leave this out.")})
        return None
    if follows is None:
        if source == "participant":
            raise Invalid(
                said("This entry follows another."), {"follows": said("Name the entry that this one follows.")}
            )
        return None
    with reading("registry", enrolment=enrolled.enrolment) as connection:
        kept = kept_entry(connection, follows, enrolled.enrolment)
    if kept is None:
        raise Invalid(
            said("This entry follows one that is not here."), {"follows": said("Send the entry that comes first.")}
        )
    return kept.received_at


def _why_not(
    asked: Instrument,
    enrolled: Enrolled,
    subject: About,
    times: Times,
    *,
    check_times: bool,
    waiting: str,
    now: datetime,
) -> Refusal | None:
    if enrolled.has_stopped:
        return Gone(LEFT)
    if waiting:
        return NotAllowed(waiting)
    if not check_times:
        return None
    try:
        check_clocks(times, now=now)
        check_window(asked, subject, times=times, start=enrolled.started_on, zone=enrolled.zone, now=now)  # type: ignore[arg-type]
    except Invalid as refusal:
        return refusal
    return None


def refused_or_retried(
    entry_id: UUID, enrolled: Enrolled, entry: DiaryEntry, committed: bytes, protocol: Protocol, refusal: Refusal
) -> Submitted:
    """The receipt of an entry that was kept while it still could be, and whose answer got lost; else the refusal."""
    with reading("registry", enrolment=enrolled.enrolment) as connection:
        kept = kept_entry(connection, entry_id, enrolled.enrolment)
    if kept is None or kept.commitment != committed:
        raise refusal
    return Submitted(receipt_of(kept, entry_id, protocol.study.code), created=False, entry=entry)


def keep_new(
    entry_id: UUID,
    enrolled: Enrolled,
    asked: Instrument,
    entry: DiaryEntry,
    committed: bytes,
    protocol: Protocol,
    signer: Signer,
    *,
    occasion: int | None,
    actor: Actor,
    now: datetime,
) -> Submitted:
    """Seal and keep an entry that is fit to be kept, with the alert that it raises; the receipt of the first time if it
    was kept before. Raises `Conflict` for another body or a taken occasion, `Gone` for somebody who left meanwhile."""
    study, enrolment = protocol.study.code, enrolled.enrolment
    written_under = protocol.version(entry.protocol_version)
    looks_back = entry.source == "participant" and is_looked_back_from(written_under, asked)
    alarm = alarm_of(entry, written_under, entry_id, enrolment, to=PublicKey(enrolled.public_key), now=now)
    sealed = seal_entry(
        entry_id,
        enrolled,
        asked,
        entry,
        occasion=occasion,
        committed=committed,
        alarm=alarm,
        looks_back=looks_back,
        study=study,
        signer=signer,
        now=now,
    )
    with writing("registry", enrolment=enrolment) as connection:
        if keep(connection, sealed, actor=actor, now=now):
            # They may have left since this request began: then nothing of this is written.
            if has_left(connection, enrolment, protocol.consent.required):
                raise Gone(LEFT)
            return Submitted(sealed.receipt, created=True, entry=entry)
        kept = kept_entry(connection, entry_id, enrolment)
    if kept is None:
        # The id is somebody else's, or the occasion has its entry under another id: neither tells which.
        raise Conflict(OTHER_BODY if asked.on_demand else ALREADY_GIVEN)
    if kept.commitment != committed:
        raise Conflict(OTHER_BODY)
    return Submitted(receipt_of(kept, entry_id, study), created=False, entry=entry)


def receipt_of(row: sa.Row, entry_id: UUID, study: str) -> Receipt:
    """The receipt of a kept entry, as it was given the first time."""
    return Receipt(study, row.enrolment, entry_id, row.received_at, row.commitment, row.receipt)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
