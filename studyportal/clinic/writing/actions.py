"""Keep an entry that a member of staff writes: checked like any other, sealed to the participant's key, without a
receipt.

Who wrote it stands in clear beside the seal, by account, and inside it, by name. Nothing here can open it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor
from studyportal.clinic.writing.offered import can_be_written, source_of
from studyportal.clinic.writing.signatures import check_nothing_missing
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Gone, Invalid, NotAllowed, NotFound
from studyportal.protocol import KINDS, DiaryEntry, Instrument, Protocol, commitment_body, local_date
from studyportal.protocol.alerts import is_looked_back_from
from studyportal.protocol.entry import LONGEST_NAME, OWN_WORDS, write_blind
from studyportal.registry.enrolments import public_key
from studyportal.registry.entries import commitment_of
from studyportal.registry.entry_seals import Alarm, alarm_of, entry_row, keep_whole
from studyportal.registry.withdrawals import has_left
from studyportal.sealing.signatures import commitment
from studyportal.web.answering.sent import Sent
from studyportal.web.answering.times import Times, about, check_window

NONE = "The study has no such form for the clinic."
LEFT = "They have left the study, so nothing new is taken in."
TAKEN = "There is an entry for this occasion already. What was kept first stays."
ONLY_CLINICIANS = "This is for a clinician to judge. Ask one to fill it in."
OTHER_ANSWERS = "This page was sent before, with other answers. What was kept first stays."


@dataclass(frozen=True, slots=True)
class Writer:
    """The member of staff who writes."""

    account: UUID
    name: str
    role: str
    site: str
    actor: Actor


def write(
    id: UUID,
    whose: sa.Row,
    asked: Instrument,
    sent: Sent,
    *,
    number: int | None,
    blind: bytes,
    protocol: Protocol,
    writer: Writer,
    now: datetime,
) -> Alarm | None:
    """Keep an entry about a participant of the writer's site (a row of `participant_of_site`); the alert that it
    raised.

    `number` is the occasion, None for what is written at any time; `blind` is 32 random bytes. Raises `Invalid` (with a
    sentence per field), `NotAllowed` for what only clinicians judge, `Gone` after a withdrawal, `Conflict` for an
    occasion that has its entry and for somebody who must sign a new consent form first, `TooLarge`.
    """
    check_may_write(asked, whose, writer.role)
    check_nothing_missing(whose.id, protocol, site=writer.site)
    zone, start, source = whose.zone, whose.started_on, source_of(asked)
    answers = asked.parse(sent.answers, missing=sent.missing, zone=zone, latest=local_date(now, zone))
    if not answers and not answers.missing:
        first = next(name for name, item in asked.items.items() if KINDS[item.kind].answered)
        raise Invalid("There is no answer in this entry yet.", {first: "Answer at least one question."})
    times = Times(zone)
    subject = about(asked, answers, number, times=times, start=start, zone=zone, now=now)
    check_window(asked, subject, times=times, start=start, zone=zone, now=now)
    entry = DiaryEntry(
        instrument=asked.name,
        protocol_version=protocol.study.version,
        diary_date=subject.diary_date.isoformat(),
        zone=zone,
        source=source,  # type: ignore[arg-type]
        answers=answers.to_wire(),
        blind=write_blind(blind),
        missing=dict(answers.missing),
        written_by=writer.name[:LONGEST_NAME],
    )
    return _keep(
        id, whose.id, asked, entry, subject.number, commitment(blind, commitment_body(entry)), protocol, writer, now
    )


def check_may_write(asked: Instrument, whose: sa.Row, role: str) -> None:
    """Raise `NotFound`, `NotAllowed` or `Gone` unless somebody of this role can write this form for this
    participant."""
    if not can_be_written(asked):
        raise NotFound(NONE)
    if asked.by == "clinician" and role != "clinician":
        raise NotAllowed(ONLY_CLINICIANS)
    if whose.has_left:
        raise Gone(LEFT)


def _keep(
    id: UUID,
    enrolment: UUID,
    asked: Instrument,
    entry: DiaryEntry,
    number: int | None,
    committed: bytes,
    protocol: Protocol,
    writer: Writer,
    now: datetime,
) -> Alarm | None:
    with reading("registry", site=writer.site) as connection:
        key = public_key(connection, enrolment, "diary")
    assert key is not None
    row: Mapping[str, object] = entry_row(
        id,
        enrolment,
        asked,
        entry,
        to=key,
        occasion=number,
        committed=committed,
        study=protocol.study.code,
        now=now,
    ) | {"written_by": writer.account}
    alarm = alarm_of(entry, protocol, id, enrolment, to=key, now=now)
    looks_back = entry.source in OWN_WORDS and is_looked_back_from(protocol, asked)
    with writing("registry", site=writer.site) as connection:
        if keep_whole(connection, row, alarm, looks_back=looks_back, actor=writer.actor, now=now):
            if has_left(connection, enrolment, protocol.consent.required):
                raise Gone(LEFT)
            return alarm
        kept = commitment_of(connection, id, enrolment)
    if kept == committed:
        return None  # the same page, sent twice
    raise Conflict(TAKEN if kept is None else OTHER_ANSWERS)
