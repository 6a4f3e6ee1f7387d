"""Keep many entries as columns, one Arrow record batch per instrument, and give the same entries back exactly.

A block is a small MessagePack frame: per instrument its layout (names and kinds of its items) and one record batch
without schema, so that opening it is Arrow's own reading and nothing else. The layout makes a block readable for
ever, whatever becomes of the study document. Exactly means to the byte: the receipt's commitment can be computed again.
Refused: entries whose answers are not in the canonical form of `Answers.to_wire`, unknown block versions, and blocks
in which an item has another kind than in the protocol.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import pyarrow as pa

from studyportal.errors import Invalid
from studyportal.protocol.document import Protocol
from studyportal.protocol.entry import DiaryEntry, read_blind, write_blind
from studyportal.protocol.kinds import KINDS

VERSION = 1

COLUMNS = {
    "int8": pa.int8(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "string": pa.string(),
    "date32": pa.date32(),
}  # fmt: skip

# What every row has beside its answers. No item's name begins with an underscore.
ABOUT = (
    pa.field("_entry_id", pa.binary(16), nullable=False),
    pa.field("_received_at", pa.timestamp("us", tz="UTC"), nullable=False),
    pa.field("_occasion", pa.int32()),
    pa.field("_late", pa.bool_(), nullable=False),
    pa.field("_protocol_version", pa.string(), nullable=False),
    pa.field("_diary_date", pa.date32(), nullable=False),
    pa.field("_event_at", pa.string()),
    pa.field("_saved_at", pa.string()),
    pa.field("_zone", pa.string(), nullable=False),
    pa.field("_source", pa.string(), nullable=False),
    pa.field("_amends", pa.string()),
    pa.field("_blind", pa.binary(32), nullable=False),
)
_INTEGER_LIMITS = {"int8": 2**7, "int64": 2**63}


class Row(NamedTuple):
    """One entry and what the registry knows about it; `occasion` is None for entries on demand."""

    entry_id: UUID
    received_at: datetime
    occasion: int | None
    late: bool
    entry: DiaryEntry

    def __repr__(self) -> str:
        return "Row(...)"


Layout = tuple[tuple[str, str], ...]  # (item, kind), in the order of the instrument


class _Part(msgspec.Struct, frozen=True, array_like=True):
    instrument: str
    layout: Layout
    batch: memoryview


class _Block(msgspec.Struct, frozen=True, array_like=True):
    version: int
    parts: tuple[_Part, ...]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Block)
_REFUSED = "These entries cannot be kept as columns."
_UNREADABLE = "This block of entries cannot be read."


@lru_cache(maxsize=256)
def schema_of(instrument: str, layout: Layout) -> pa.Schema:
    """The Arrow schema of an instrument's batches; each item's column carries its kind."""
    items = [pa.field(name, COLUMNS[KINDS[kind].column], metadata={"kind": kind}) for name, kind in layout]
    return pa.schema([*ABOUT, *items], metadata={"instrument": instrument})


@lru_cache(maxsize=64)
def layouts(protocol: Protocol) -> Mapping[str, Layout]:
    """The layout of each instrument of a protocol."""
    return {
        name: tuple((item.name, item.kind) for item in instrument.items.values())
        for name, instrument in protocol.instruments.items()
    }


def pack(rows: Iterable[tuple[UUID, datetime, int | None, bool, DiaryEntry]], protocol: Protocol) -> bytes:
    """Entries as one block, order kept within each instrument. Raises `Invalid` if one cannot be kept exactly."""
    by_instrument: dict[str, list[Row]] = {}
    for row in rows:
        by_instrument.setdefault(row[4].instrument, []).append(Row(*row))
    parts = []
    for instrument, group in by_instrument.items():
        if instrument not in protocol.instruments:
            raise Invalid(_REFUSED)
        layout = layouts(protocol)[instrument]
        batch = _batch(group, instrument, layout)
        parts.append(_Part(instrument, layout, memoryview(batch.serialize())))
    return _encoder.encode(_Block(VERSION, tuple(parts)))


def _batch(group: Sequence[Row], instrument: str, layout: Layout) -> pa.RecordBatch:
    entries = [row.entry for row in group]
    known = {name for name, _ in layout}
    if any(entry.answers.keys() - known for entry in entries) or any(row.received_at.tzinfo is None for row in group):
        raise Invalid(_REFUSED)
    about: list[list[Any]] = [
        [row.entry_id.bytes for row in group],
        [row.received_at for row in group],
        [row.occasion for row in group],
        [row.late for row in group],
        [entry.protocol_version for entry in entries],
        [date.fromisoformat(entry.diary_date) for entry in entries],
        [entry.event_at for entry in entries],
        [entry.saved_at for entry in entries],
        [entry.zone for entry in entries],
        [entry.source for entry in entries],
        [entry.amends for entry in entries],
        [read_blind(entry.blind) for entry in entries],
    ]
    cells = [_cells(entries, name, kind) for name, kind in layout]
    schema = schema_of(instrument, layout)
    try:
        return pa.record_batch(
            [pa.array(column, field.type) for column, field in zip([*about, *cells], schema, strict=True)],
            schema=schema,
        )
    except (pa.ArrowException, ValueError, OverflowError, TypeError):
        raise Invalid(_REFUSED) from None


def _cells(entries: Sequence[DiaryEntry], name: str, kind_name: str) -> list[Any]:
    kind = KINDS[kind_name]
    wires = [entry.answers.get(name) for entry in entries]
    limit = _INTEGER_LIMITS.get(kind.column)
    for wire, entry in zip(wires, entries, strict=True):
        if wire is None and name not in entry.answers:
            continue
        if type(wire) is not kind.wire or (limit is not None and not -limit <= wire < limit):
            raise Invalid(_REFUSED)
    try:
        cells = [None if wire is None else kind.to_column(wire) for wire in wires]
        exact = all(wire is None or kind.from_column(cell) == wire for wire, cell in zip(wires, cells, strict=True))
    except ValueError:
        exact = False
    if not exact:
        raise Invalid(_REFUSED)
    return cells


def unpack(data: bytes, protocol: Protocol) -> Mapping[str, pa.RecordBatch]:
    """The record batches of a block by instrument, without copying. Raises `Invalid` for what is not such a block.

    Instruments and items that the protocol no longer has are given as they were written.
    """
    try:
        block = _decoder.decode(data)
        if block.version != VERSION:
            raise Invalid("This block was written by another version of the software.")
        expected = layouts(protocol)
        batches = {}
        for part in block.parts:
            if part.layout != expected.get(part.instrument):
                _refuse_other_kinds(part.layout, expected.get(part.instrument, ()))
            schema = schema_of(part.instrument, part.layout)
            batches[part.instrument] = pa.ipc.read_record_batch(pa.py_buffer(part.batch), schema)
        return batches
    except (msgspec.MsgspecError, pa.ArrowException, KeyError, OSError, ValueError):
        raise Invalid(_UNREADABLE) from None


def _refuse_other_kinds(written: Layout, expected: Layout) -> None:
    now = dict(expected)
    if any(kind != now.get(name, kind) for name, kind in written):
        raise Invalid("An item of this block has another kind than in the study document.")


def rows(batch: pa.RecordBatch) -> list[Row]:
    """The entries of a batch, exactly as they were packed."""
    instrument = batch.schema.metadata[b"instrument"].decode()
    count = len(ABOUT)
    about = [batch.column(number).to_pylist() for number in range(count)]
    items = []
    for number in range(count, batch.num_columns):
        field = batch.schema.field(number)
        back = KINDS[field.metadata[b"kind"].decode()].from_column
        cells = [None if cell is None else back(cell) for cell in batch.column(number).to_pylist()]
        items.append((field.name, cells))
    return [
        Row(
            UUID(bytes=entry_id),
            received_at.astimezone(UTC),
            occasion,
            late,
            DiaryEntry(
                instrument=instrument,
                protocol_version=version,
                diary_date=diary_date.isoformat(),
                zone=zone,
                source=source,
                answers={name: cells[row] for name, cells in items if cells[row] is not None},
                blind=write_blind(blind),
                event_at=event_at,
                saved_at=saved_at,
                amends=amends,
            ),
        )
        for row, (
            entry_id, received_at, occasion, late, version, diary_date, event_at, saved_at, zone, source, amends, blind
        ) in enumerate(zip(*about, strict=True))
    ]  # fmt: skip
