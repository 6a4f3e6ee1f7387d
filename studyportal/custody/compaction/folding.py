"""Make the next block of an enrolment out of its fresh entries. Touches no database; refuses nothing silently."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

from studyportal.custody.opening.entries import open_block, open_entries
from studyportal.errors import CannotOpen, Invalid
from studyportal.protocol import Protocol
from studyportal.protocol.columns import Row, pack, rows
from studyportal.registry.contexts import block_context
from studyportal.sealing.opening import Opener

# A block below this many bytes takes the next entries in. An entry has about 230 bytes there, so a block has some 280
# entries before the next one begins: opening a block costs about 0.1 ms before the first row, taking entries in 20 µs
# for each row that is there already.
SMALL = 65_536


class FreshEntry(NamedTuple):
    """What opening needs of a row of `sealed_entries`."""

    id: UUID
    enrolment: UUID
    schedule: str
    occasion: int | None
    received_at: datetime
    commitment: bytes
    sealed: bytes
    written_by: UUID | None

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(
            row.id,
            row.enrolment,
            row.schedule,
            row.occasion,
            row.received_at,
            row.commitment,
            row.sealed,
            row.written_by,
        )


class LastBlock(NamedTuple):
    """The newest block of an enrolment."""

    enrolment: UUID
    number: int
    revision: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Task:
    """One enrolment's share of the work; `seed` is None when the keyring has none that opens."""

    enrolment: UUID
    seed: bytes | None = field(repr=False)
    fresh: tuple[FreshEntry, ...] = field(repr=False)
    last: LastBlock | None = field(repr=False)
    started_on: date | None


@dataclass(frozen=True, slots=True)
class NewBlock:
    """What is to be written: `replaces` is the revision that it takes the place of, or None.

    `faults` gives a reason for each entry that is to be set aside; without `entries` there is no block.
    """

    number: int
    replaces: int | None
    sealed: bytes = field(repr=False)
    entries: tuple[UUID, ...]
    faults: Mapping[UUID, str] = field(default_factory=dict)


def carried_out(task: Task, protocol: Protocol) -> NewBlock:
    """Open a task's entries and fold those that are what they should be."""
    if task.seed is None:
        return NewBlock(0, None, b"", (), {entry.id: "no_key" for entry in task.fresh})
    opener = Opener(task.seed)
    opened = open_entries(task.fresh, opener, protocol=protocol, started_on=task.started_on)
    block = fold(task.enrolment, opened.rows, task.last, opener, protocol=protocol)
    return NewBlock(block.number, block.replaces, block.sealed, block.entries, {**opened.faults, **block.faults})


def carry_out_all(tasks: Sequence[Task], protocol: Protocol) -> list[NewBlock]:
    """The same for many."""
    return [carried_out(task, protocol) for task in tasks]


def fold(enrolment: UUID, fresh: Sequence[Row], last: Any | None, opener: Opener, *, protocol: Protocol) -> NewBlock:
    """The block that holds `fresh`, together with what is in `last` (the newest block) if that is small.

    Entries that cannot be kept as columns are named in `faults`. A last block that does not open is left alone.
    """
    former = _former(last, opener, protocol)
    faults: dict[UUID, str] = {}
    try:
        packed = pack([*(former or ()), *fresh], protocol)
    except Invalid:
        # What is in the last block may be of a version that is not known here any more: then it stays as it is.
        former = None
        fresh, faults = _packable(fresh, protocol)
        packed = pack(fresh, protocol)
    if former is None:
        number, replaces, revision = (last.number + 1 if last else 1), None, 1
    else:
        number, replaces, revision = last.number, last.revision, last.revision + 1
    about = block_context(protocol.study.code, enrolment, number, revision)
    sealed = opener.seal_block(packed, about=about)
    return NewBlock(number, replaces, sealed, tuple(row.entry_id for row in fresh), faults)


def _former(last: Any | None, opener: Opener, protocol: Protocol) -> list[Row] | None:
    if last is None or len(last.sealed) >= SMALL:
        return None
    try:
        batches = open_block(last, opener, study=protocol.study.code)
        return [row for batch in batches for row in rows(batch)]
    except (CannotOpen, Invalid):
        return None


def _packable(fresh: Sequence[Row], protocol: Protocol) -> tuple[Sequence[Row], dict[UUID, str]]:
    kept, faults = [], {}
    for row in fresh:
        try:
            pack([row], protocol)
            kept.append(row)
        except Invalid:
            faults[row.entry_id] = "not_in_protocol"
    return kept, faults
