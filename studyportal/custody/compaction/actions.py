"""Compact: one enrolment, one transaction. Killed at any moment, it goes on where it was; nothing is done twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.compaction.folding import NewBlock, fold
from studyportal.custody.opening.entries import diary_openers, open_entries
from studyportal.custody.opening.key_file import Keys
from studyportal.database import reading, writing
from studyportal.errors import Conflict
from studyportal.protocol import Protocol
from studyportal.registry.enrolments import enrolment as enrolment_row
from studyportal.registry.folding import (
    enrolments_with_fresh_entries,
    fresh_entries,
    last_block,
    quarantine,
    write_block,
)
from studyportal.sealing.opening import Opener


@dataclass(frozen=True, slots=True)
class Compacted:
    """How many entries were folded and set aside, in how many enrolments; `missed` changed meanwhile, for next time."""

    enrolments: int
    folded: int
    quarantined: int
    missed: int

    def __add__(self, other: "Compacted") -> "Compacted":
        return Compacted(
            self.enrolments + other.enrolments,
            self.folded + other.folded,
            self.quarantined + other.quarantined,
            self.missed + other.missed,
        )


NOTHING = Compacted(0, 0, 0, 0)


def compact(
    *, keys: Keys, protocol: Protocol, actor: Actor, now: datetime, enrolments: Iterable[UUID] | None = None
) -> Compacted:
    """Fold everything that stands alone, of these enrolments or (None) of all. Raises `CannotOpen` for a wrong key file."""
    with reading("registry") as connection:
        waiting = list(enrolments) if enrolments is not None else enrolments_with_fresh_entries(connection)
    if not waiting:
        return NOTHING
    with reading("keyring") as connection:
        openers = diary_openers(connection, keys, study=protocol.study.code, enrolments=waiting)
    total = NOTHING
    for enrolment in waiting:
        # The opener goes with its turn, so that a parsed key lives no longer than its use.
        total += compact_one(enrolment, openers.pop(enrolment, None), protocol=protocol, actor=actor, now=now)
    return total


def compact_one(
    enrolment: UUID, opener: Opener | None, *, protocol: Protocol, actor: Actor, now: datetime
) -> Compacted:
    """Fold one enrolment's entries; without an opener they are all set aside."""
    with reading("registry") as connection:
        fresh = fresh_entries(connection, enrolment)
        last = last_block(connection, enrolment)
        person = enrolment_row(connection, enrolment)
    if not fresh or person is None:
        return NOTHING
    if opener is None:
        faults, block = {row.id: "no_key" for row in fresh}, None
    else:
        opened = open_entries(fresh, opener, protocol=protocol, started_on=person.started_on)
        block = fold(enrolment, opened.rows, last, opener, protocol=protocol)
        faults = {**opened.faults, **block.faults}
    try:
        _write(enrolment, block, faults, actor=actor, now=now)
    except Conflict:
        return Compacted(0, 0, 0, len(fresh))
    return Compacted(1, len(block.entries) if block else 0, len(faults), 0)


def _write(enrolment: UUID, block: NewBlock | None, faults: dict[UUID, str], *, actor: Actor, now: datetime) -> None:
    with writing("registry") as connection:
        if block is not None and block.entries:
            write_block(
                connection,
                enrolment,
                block.number,
                replaces=block.replaces,
                sealed=block.sealed,
                entries=block.entries,
                now=now,
            )
            counts = {"block": block.number, "entries": len(block.entries)}
            record(connection, "registry", AuditEvent(actor, "block:fold", "enrolment", str(enrolment), counts), now=now)
        if faults:
            quarantine(connection, faults, now=now)
        for entry, reason in faults.items():
            event = AuditEvent(actor, "entry:quarantine", "entry", str(entry), {"reason": reason})
            record(connection, "registry", event, now=now)
