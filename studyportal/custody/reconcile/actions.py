"""Open everything once and compare: rows with blocks, receipts with entries, what is held with what is published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.deidentification.tables import Subject, gathered
from studyportal.custody.opening.entries import diary_openers, open_block, open_entries
from studyportal.custody.opening.key_file import Keys
from studyportal.custody.reconcile.counting import Count, held, published
from studyportal.custody.reconcile.shelf import shelf_counts
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen, NotFound
from studyportal.protocol import Protocol, commitment_body
from studyportal.protocol.amendments import lineage
from studyportal.protocol.columns import origin, pack, rows, unpack
from studyportal.protocol.entry import read_blind
from studyportal.registry.folding import all_blocks, quarantined
from studyportal.registry.tables import ENROLMENTS, SEALED_ENTRIES
from studyportal.sealing.signatures import commitment
from studyportal.snapshots.reading import open_snapshot
from studyportal.snapshots.shelf import published as published_numbers


@dataclass(frozen=True, slots=True)
class Line:
    """One research column: what custody holds and what the latest snapshot shows (None: it is not in there)."""

    instrument: str
    item: str
    held: Count
    shown: Count | None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Exact counts. `faults` are sentences; none means that every row is accounted for."""

    participants: int
    entries: int
    folded: int
    fresh: int
    quarantined: Mapping[str, int]
    snapshot: int | None
    lines: tuple[Line, ...]
    faults: tuple[str, ...]


@dataclass
class _Opened:
    batches: list[tuple[Subject, Sequence[pa.RecordBatch]]] = field(default_factory=list)
    in_blocks: set[bytes] = field(default_factory=set)
    closed_blocks: int = 0
    unopened: int = 0
    altered: int = 0
    strange: int = 0


def reconcile(
    shelf: Path, *, keys: Keys, protocol: Protocol, check_receipts: bool, actor: Actor, now: datetime
) -> Reconciliation:
    """Count everything. `check_receipts` also computes each folded entry's commitment anew (slower: 60,000 a second).

    Changes nothing, but who opened everything is told to the trail before it is opened. Raises `CannotOpen` when the
    key file lacks a key, or the snapshot is not as custody signed it.
    """
    with writing("keyring") as connection:
        asked = {"receipts": "checked" if check_receipts else "not checked"}
        record(connection, "keyring", AuditEvent(actor, "data:count", "study", protocol.study.code, asked), now=now)
    with reading("keyring") as connection:
        openers = diary_openers(connection, keys, study=protocol.study.code, enrolments=None)
    with reading("registry") as connection:
        entries = connection.execute(_ROWS).all()
        aside = quarantined(connection)
        people = connection.execute(sa.select(ENROLMENTS.c.id, ENROLMENTS.c.started_on)).all()
        commitments = {row.id.bytes: row.commitment for row in entries} if check_receipts else None
        opened = _open_all(connection, {row.id: row.started_on for row in people}, openers, protocol, commitments)
    shown, number = _shown(shelf, keys, protocol)
    counts = held(gathered(opened.batches, protocol, lines=lineage(protocol)), protocol)
    faults = _faults(opened, {row.id.bytes for row in entries if row.block is not None}, {row.entry for row in aside})
    faults |= shelf_counts(shelf, keys=keys, protocol=protocol)
    reasons: dict[str, int] = {}
    for row in aside:
        reasons[row.reason] = reasons.get(row.reason, 0) + 1
    folded = sum(row.block is not None for row in entries)
    return Reconciliation(
        participants=len(people),
        entries=len(entries),
        folded=folded,
        fresh=len(entries) - folded,
        quarantined=reasons,
        snapshot=number,
        lines=tuple(Line(*place, count, shown.get(place)) for place, count in counts.items()),
        faults=tuple(f"{what}: {count}." for what, count in faults.items() if count),
    )


_ROWS = sa.select(SEALED_ENTRIES.c.id, SEALED_ENTRIES.c.block, SEALED_ENTRIES.c.commitment)


def _open_all(
    connection: sa.Connection,
    starts: Mapping[UUID, date | None],
    openers: Mapping,
    protocol: Protocol,
    commitments: Mapping[bytes, bytes] | None,
) -> _Opened:
    opened = _Opened()
    everyone = {id: Subject(n, 0, 0, (), start, None) for n, (id, start) in enumerate(starts.items(), 1)}
    for row in all_blocks(connection, list(everyone)):
        try:
            if row.enrolment not in openers:
                raise CannotOpen
            batches = open_block(row, openers[row.enrolment], study=protocol.study.code)
        except CannotOpen:
            opened.closed_blocks += 1
            continue
        known = []
        for batch in batches:
            opened.in_blocks.update(batch["_entry_id"].to_pylist())
            opened.altered += _altered(batch, commitments) if commitments is not None else 0
            if _is_known(batch, protocol):
                known.append(batch)
            else:
                opened.strange += batch.num_rows
        opened.batches.append((everyone[row.enrolment], known))
    _open_fresh(connection, everyone, openers, protocol, opened)
    return opened


def _is_known(batch: pa.RecordBatch, protocol: Protocol) -> bool:
    instrument, version = origin(batch)
    try:
        return instrument in protocol.version(version).instruments
    except NotFound:
        return False


def _altered(batch: pa.RecordBatch, commitments: Mapping[bytes, bytes]) -> int:
    """How many rows are not what their receipt was given for."""
    return sum(
        commitment(read_blind(row.entry.blind), commitment_body(row.entry)) != commitments.get(row.entry_id.bytes)
        for row in rows(batch)
    )


def _open_fresh(
    connection: sa.Connection, everyone: Mapping[UUID, Subject], openers: Mapping, protocol: Protocol, opened: _Opened
) -> None:
    columns = SEALED_ENTRIES.c
    alone = sa.select(SEALED_ENTRIES).where(columns.block.is_(None)).order_by(columns.enrolment)
    by_person: dict[UUID, list[sa.Row]] = {}
    for row in connection.execute(alone):
        by_person.setdefault(row.enrolment, []).append(row)
    for enrolment, alone_rows in by_person.items():
        if enrolment not in openers:
            opened.unopened += len(alone_rows)
            continue
        found = open_entries(alone_rows, openers[enrolment], protocol=protocol, started_on=None)
        opened.unopened += len(found.faults)
        if found.rows:
            opened.batches.append((everyone[enrolment], unpack(pack(found.rows, protocol))))


def _shown(shelf: Path, keys: Keys, protocol: Protocol) -> tuple[dict[tuple[str, str], Count], int | None]:
    if not published_numbers(shelf):
        return {}, None
    study = protocol.study.code
    snapshot = open_snapshot(shelf, study=study, number=None, snapshot_key=keys.snapshot, custody_public=keys.public)
    tables = {name: snapshot.table(name) for name in snapshot.instruments}
    return published(snapshot.subjects, tables, protocol), snapshot.number


def _faults(opened: _Opened, folded: set[bytes], aside: set[UUID]) -> dict[str, int]:
    return {
        "Blocks that do not open": opened.closed_blocks,
        "Folded entries that are in no block that opens": len(folded - opened.in_blocks),
        "Entries in a block, but not among the registry's rows": len(opened.in_blocks - folded),
        "Folded entries that are not what their receipts were given for": opened.altered,
        "Folded entries of versions of the study document that are not known here": opened.strange,
        "Entries that do not open and have not been set aside yet": max(0, opened.unopened - len(aside)),
        "Entries set aside": len(aside),
    }
