"""Compact: one enrolment, one transaction. Killed at any moment, it goes on where it was; nothing is done twice.

Opening is the work, and enrolments are apart from each other: it can be given to other processes. They get seeds and
sealed rows and give sealed blocks back; only this process writes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.compaction.folding import FreshEntry, LastBlock, NewBlock, Task, carry_out_all
from studyportal.custody.opening.entries import diary_seeds
from studyportal.custody.opening.key_file import Keys
from studyportal.custody.spreading.workers import ALONE, Workers, in_order
from studyportal.database import reading, writing
from studyportal.errors import Conflict
from studyportal.protocol import Protocol
from studyportal.registry.enrolments import enrolment as enrolment_row
from studyportal.registry.folding import (
    end_quarantine,
    enrolments_with_fresh_entries,
    fresh_entries,
    last_block,
    quarantine,
    write_block,
)

# Enrolments that go to a process together: enough work that sending it does not count.
TOGETHER = 25
# A process needs a second or two before its first parcel; an entry takes a third of a millisecond.
WORTHWHILE = 20


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


def try_again(*, actor: Actor, now: datetime) -> int:
    """Let the next folding look at everything that was set aside; how many entries.

    For when the reason is gone: the right keyring or study document is back. What still does not open is set aside
    again.
    """
    with writing("registry") as connection:
        entries = end_quarantine(connection)
        if entries:
            event = AuditEvent(actor, "entry:retry", "entries", "several", {"entries": entries})
            record(connection, "registry", event, now=now)
    return entries


def compact(
    *,
    keys: Keys,
    protocol: Protocol,
    actor: Actor,
    now: datetime,
    enrolments: Iterable[UUID] | None = None,
    workers: Workers = ALONE,
) -> Compacted:
    """Fold everything that stands alone, of these enrolments or (None) of all.

    `workers` open and fold; alone, this process does.
    Raises `CannotOpen` for a key file that lacks a key.
    """
    with reading("registry") as connection:
        waiting = list(enrolments) if enrolments is not None else enrolments_with_fresh_entries(connection)
    if not waiting:
        return NOTHING
    with reading("keyring") as connection:
        seeds = diary_seeds(connection, keys, study=protocol.study.code, enrolments=waiting)
    total = NOTHING
    parcels = -(-len(waiting) // TOGETHER)
    with workers.hired(parcels, worthwhile=WORTHWHILE) as executor:
        tasks = _parcels(_tasks(waiting, seeds))
        for parcel, blocks in in_order(executor, carry_out_all, tasks, protocol=protocol, ahead=workers.ahead):
            for task, block in zip(parcel, blocks, strict=True):
                total += _finish(task, block, actor=actor, now=now)
    return total


def _tasks(waiting: Sequence[UUID], seeds: dict[UUID, bytes]) -> Iterator[Task]:
    for enrolment in waiting:
        with reading("registry") as connection:
            fresh = tuple(FreshEntry.of(row) for row in fresh_entries(connection, enrolment))
            last = last_block(connection, enrolment)
            person = enrolment_row(connection, enrolment)
        if fresh and person is not None:
            block = None if last is None else LastBlock(enrolment, last.number, last.revision, last.sealed)
            yield Task(enrolment, seeds.get(enrolment), fresh, block, person.started_on)


def _parcels(tasks: Iterator[Task]) -> Iterator[list[Task]]:
    parcel: list[Task] = []
    for task in tasks:
        parcel.append(task)
        if len(parcel) == TOGETHER:
            yield parcel
            parcel = []
    if parcel:
        yield parcel


def _finish(task: Task, block: NewBlock, *, actor: Actor, now: datetime) -> Compacted:
    try:
        _write(task.enrolment, block, actor=actor, now=now)
    except Conflict:
        return Compacted(0, 0, 0, len(task.fresh))
    return Compacted(1, len(block.entries), len(block.faults), 0)


def _write(enrolment: UUID, block: NewBlock, *, actor: Actor, now: datetime) -> None:
    with writing("registry") as connection:
        if block.entries:
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
            record(
                connection, "registry", AuditEvent(actor, "block:fold", "enrolment", str(enrolment), counts), now=now
            )
        if block.faults:
            quarantine(connection, block.faults, now=now)
        for entry, reason in block.faults.items():
            event = AuditEvent(actor, "entry:quarantine", "entry", str(entry), {"reason": reason})
            record(connection, "registry", event, now=now)
