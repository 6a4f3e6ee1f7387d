"""Correct an entry: another one that says which it corrects and why. What was written first stays.

It arrives as any entry that is tied to no occasion, so that nobody who cannot open it knows that it is a correction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from studyportal.audit import Actor
from studyportal.errors import Gone, Invalid, NotAllowed, NotFound
from studyportal.intake.diary.submission import LEFT, Submitted, keep_new, refused_or_retried
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.protocol import DiaryEntry, Protocol, commitment_body
from studyportal.protocol.entry import write_blind
from studyportal.saying import said
from studyportal.sealing.signatures import Signer, commitment
from studyportal.web.answering.times import Times, about, check_window

LONGEST_REASON = 500
NOT_YOURS = said("Only what you wrote yourself can be corrected here. Write to your clinic about this entry.")
NO_REASON = said("Say in a few words what was wrong.")
TOO_LONG = said("Use at most %(most)d characters.", most=LONGEST_REASON)
NOTHING_CHANGED = said("Nothing has been changed. Put right what is wrong, or go back.")


@dataclass(frozen=True, slots=True)
class Before:
    """The entry that is corrected, opened with its writer's own key, and when it came."""

    id: UUID
    entry: DiaryEntry = field(repr=False)
    received_at: datetime


def amend(
    entry_id: UUID,
    enrolled: Enrolled,
    before: Before,
    raw_answers: Mapping[str, object],
    *,
    missing: Mapping[str, str],
    reason: str,
    blind: bytes,
    protocol: Protocol,
    signer: Signer,
    waiting: str,
    actor: Actor,
    now: datetime,
) -> Submitted:
    """Keep a correction and give its receipt. It is about the same occasion, zone and event as the entry before, and
    is read by the version of the study under which that was written.

    Raises `Invalid` (with a sentence per field; "reason" for that), `NotFound` where the questions are not known any
    more, `NotAllowed` for what staff wrote and while a signature is missing (`waiting` says which), `Gone` after a
    withdrawal.
    """
    kept = before.entry
    if kept.source != "participant":
        raise NotAllowed(NOT_YOURS)
    written_under = protocol.version(kept.protocol_version)
    asked = written_under.instruments.get(kept.instrument)
    if asked is None or not asked.in_diary:
        raise NotFound("These questions cannot be corrected.")
    answers = asked.parse(raw_answers, missing=missing, zone=kept.zone)
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Invalid(NO_REASON, {"reason": TOO_LONG if reason else NO_REASON})
    wire = answers.to_wire()
    if wire == kept.answers and dict(answers.missing) == dict(kept.missing):
        raise Invalid(NOTHING_CHANGED, {"reason": NOTHING_CHANGED})
    event_at = None if kept.event_at is None else datetime.fromisoformat(kept.event_at)
    diary_date = kept.diary_date
    if asked.on_demand and not asked.schedule.after:
        # As far back as it could be when it was written first.
        times = Times(kept.zone, event_at, before.received_at)
        start, zone = enrolled.started_on, enrolled.zone
        subject = about(asked, answers, None, times=times, start=start, zone=zone, now=now)  # type: ignore[arg-type]
        check_window(asked, subject, times=times, start=start, zone=zone, now=now)  # type: ignore[arg-type]
        diary_date = subject.diary_date.isoformat()
    entry = DiaryEntry(
        instrument=kept.instrument,
        protocol_version=kept.protocol_version,
        diary_date=diary_date,
        zone=kept.zone,
        source="participant",
        answers=wire,
        blind=write_blind(blind),
        event_at=kept.event_at,
        missing=dict(answers.missing),
        follows=kept.follows,
        amends=str(before.id),
        reason=reason,
    )
    committed = commitment(blind, commitment_body(entry))
    refusal = Gone(LEFT) if enrolled.has_stopped else NotAllowed(waiting) if waiting else None
    if refusal is not None:
        return refused_or_retried(entry_id, enrolled, entry, committed, protocol, refusal)
    return keep_new(entry_id, enrolled, asked, entry, committed, protocol, signer, occasion=None, actor=actor, now=now)
