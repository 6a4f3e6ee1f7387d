"""Make one part of a snapshot: open the blocks of its people, work in columns, seal. Runs in any process, writes
nothing.

A task brings what it takes: of the people whose rows are made, the key that opens their blocks (and nothing else of
them); of the others, the last snapshot's files with the keys of these files. What comes back is sealed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import pyarrow as pa

from studyportal.custody.deidentification.tables import (
    Subject,
    gathered,
    instrument_table,
    released_lines,
    subjects_table,
)
from studyportal.custody.opening.entries import open_block
from studyportal.protocol import Protocol, released
from studyportal.sealing.opening import BlockOpener
from studyportal.snapshots import sealed_parquet
from studyportal.snapshots.parts import of_people
from studyportal.snapshots.sealed_parquet import SealedTable
from studyportal.snapshots.shelf import MADE_FROM, SUBJECTS


class SealedBlock(NamedTuple):
    """A block as it lies in the registry."""

    enrolment: UUID
    number: int
    revision: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class ToOpen:
    """One person whose rows are made; the key is a `block_key`, None for who has no block."""

    subject: Subject
    key: bytes | None = field(repr=False)
    blocks: tuple[SealedBlock, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PartTask:
    """What one part is made from. `former` are files of the last snapshot by table, of which the rows of `kept`
    stay."""

    study: str
    number: int
    marks: Mapping[int, bytes] = field(repr=False)
    people: tuple[ToOpen, ...] = field(repr=False)
    kept: frozenset[int] = field(repr=False)
    former: Mapping[str, tuple[SealedTable, ...]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class MadePart:
    """A part, sealed; how many people and diary rows are in it."""

    tables: Mapping[str, SealedTable] = field(repr=False)
    people: int
    rows: int


def make_part(task: PartTask, protocol: Protocol) -> MadePart:
    """Carry a task out. Raises `CannotOpen` when a block or file does not open: nothing is left out silently."""
    tables = _together(task, _made(task, protocol))
    marks = {
        "index": pa.array(list(task.marks), pa.int32()),
        "mark": pa.array(list(task.marks.values()), pa.binary(16)),
    }
    rows = sum(table.num_rows for name, table in tables.items() if name != SUBJECTS)
    tables[MADE_FROM] = pa.table(marks)
    return MadePart({name: sealed_parquet.sealed(table) for name, table in tables.items()}, len(task.marks), rows)


def _made(task: PartTask, protocol: Protocol) -> dict[str, pa.Table]:
    """The tables of those whose blocks are opened; an instrument of which nothing is released has none."""
    shown = released(protocol)["instruments"]
    lines = {name: some for name, some in released_lines(protocol).items() if name in shown}
    tables = gathered(_opened(task), protocol, lines=lines)
    once = {name: table for name, table in tables.items() if shown[name]["schedule"]["once"]}
    made = {name: instrument_table(table, lines[name]) for name, table in tables.items() if name not in once}
    return {SUBJECTS: subjects_table([one.subject for one in task.people], once, protocol), **made}


def _opened(task: PartTask) -> Iterator[tuple[Subject, Sequence[pa.RecordBatch]]]:
    for one in task.people:
        opener = None if one.key is None else BlockOpener(one.key)
        for block in one.blocks:
            yield one.subject, open_block(block, opener, study=task.study)


def _together(task: PartTask, made: dict[str, pa.Table]) -> dict[str, pa.Table]:
    if not task.kept:
        return made
    tables = {}
    for name, table in made.items():
        former = [of_people(sealed_parquet.read(one.data, key=one.key), task.kept) for one in task.former[name]]
        order = [("index", "ascending"), *([("study_day", "ascending")] if name != SUBJECTS else [])]
        tables[name] = pa.concat_tables([*former, table]).sort_by(order)
    return tables
