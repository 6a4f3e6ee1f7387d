"""Make the entry of the screening: given before consent, kept with it, and an entry like any other from then on.

It has no window. It stands for the only occasion of its instrument, so that there can be one for each person, and for
study day 1, because before the consent there is no day to count from.
"""

from datetime import datetime
from uuid import UUID

from studyportal.errors import Gone
from studyportal.intake.diary.keeping import SealedEntry, seal_entry
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.protocol import Answers, DiaryEntry, Protocol, commitment_body
from studyportal.protocol.entry import write_blind
from studyportal.registry.entry_seals import alarm_of
from studyportal.sealing import PublicKey
from studyportal.sealing.signatures import Signer, commitment

OCCASION = 1


def screening_entry(
    entry_id: UUID,
    enrolled: Enrolled,
    answers: Answers,
    *,
    blind: bytes,
    protocol: Protocol,
    signer: Signer,
    now: datetime,
) -> SealedEntry:
    """The answers that somebody gave before they signed, sealed under the enrolment that their signature begins."""
    asked = protocol.screening
    if asked is None or enrolled.started_on is None:
        raise Gone("The consent form comes first.")
    entry = DiaryEntry(
        instrument=asked.name,
        protocol_version=protocol.study.version,
        diary_date=enrolled.started_on.isoformat(),
        zone=enrolled.zone,
        source="participant",
        answers=answers.to_wire(),
        blind=write_blind(blind),
        missing=dict(answers.missing),
    )
    return seal_entry(
        entry_id,
        enrolled,
        asked,
        entry,
        occasion=OCCASION,
        committed=commitment(blind, commitment_body(entry)),
        alarm=alarm_of(entry, protocol, entry_id, enrolled.enrolment, to=PublicKey(enrolled.public_key), now=now),
        looks_back=False,  # nothing was written before it
        study=protocol.study.code,
        signer=signer,
        now=now,
    )
