"""Keep many entries as columns, one Arrow record batch per instrument and version, and give the same entries back
exactly.

A block is a small MessagePack frame: per instrument and version of the study document a layout (names and kinds of its
items) and one record batch without schema, so that opening it is Arrow's own reading and nothing else. With its layout
a block is readable for ever, without any study document. Exactly means to the byte: the receipt's commitment can be
computed again. Refused: entries of unknown versions, answers that are not in the canonical form of `Answers.to_wire`,
and blocks of any other version. Versions 1 and 2 were never in use outside tests, so nothing reads them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import pyarrow as pa

from studyportal.errors import Invalid, NotFound
from studyportal.protocol.document import Instrument, Protocol
from studyportal.protocol.entry import DiaryEntry, read_blind, write_blind
from studyportal.protocol.kinds import KINDS

VERSION = 3

COLUMNS = {
    "int8": pa.int8(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "string": pa.string(),
    "date32": pa.date32(),
    "list<string>": pa.list_(pa.field("item", pa.string())),
}  # fmt: skip

# What every row has beside its answers. No item's name begins with an underscore.
ABOUT = (
    pa.field("_entry_id", pa.binary(16), nullable=False),
    pa.field("_received_at", pa.timestamp("us", tz="UTC"), nullable=False),
    pa.field("_occasion", pa.int32()),
    pa.field("_late", pa.bool_(), nullable=False),
    pa.field("_diary_date", pa.date32(), nullable=False),
    pa.field("_event_at", pa.string()),
    pa.field("_saved_at", pa.string()),
    pa.field("_zone", pa.string(), nullable=False),
    pa.field("_source", pa.string(), nullable=False),
    pa.field("_amends", pa.string()),
    pa.field("_reason", pa.string()),
    pa.field("_follows", pa.string()),
    pa.field("_written_by", pa.string()),
    pa.field("_blind", pa.binary(32), nullable=False),
)
_INTEGER_LIMITS = {"int8": 2**7, "int32": 2**31, "int64": 2**63}

# The column beside an item's own in which the reasons stand that were given in place of an answer, and its kind.
REASON = "missing"


def reasons_of(name: str) -> str:
    """The name of the column with the reasons in place of this item's answers. No item's name has a ~."""
    return f"{name}~"


class Row(NamedTuple):
    """One entry and what the registry knows about it; `occasion` is None for entries on demand."""

    entry_id: UUID
    received_at: datetime
    occasion: int | None
    late: bool
    entry: DiaryEntry

    def __repr__(self) -> str:
        return "Row(...)"


Layout = tuple[tuple[str, str], ...]  # (column, kind), in the order of the instrument


class _Part(msgspec.Struct, frozen=True, array_like=True):
    instrument: str
    protocol_version: str
    layout: Layout
    batch: memoryview


class _Block(msgspec.Struct, frozen=True, array_like=True):
    version: int
    parts: tuple[_Part, ...]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Block)
_canonical = msgspec.json.Encoder(order="sorted").encode
_REFUSED = "These entries cannot be kept as columns."
_UNREADABLE = "This block of entries cannot be read."


def type_of(kind: str) -> pa.DataType:
    """The type of a column that holds answers of this kind."""
    return pa.string() if kind == REASON else COLUMNS[KINDS[kind].column]


@lru_cache(maxsize=512)
def schema_of(instrument: str, version: str, layout: Layout) -> pa.Schema:
    """The Arrow schema of an instrument's batches in a version of the study; each column carries its kind."""
    items = [pa.field(name, type_of(kind), metadata={"kind": kind}) for name, kind in layout]
    return pa.schema([*ABOUT, *items], metadata={"instrument": instrument, "version": version})


def layout_of(instrument: Instrument) -> Layout:
    """The columns of an instrument's entries: one for each item that has answers, and one more for reasons."""
    columns = []
    for item in instrument.items.values():
        if KINDS[item.kind].column in COLUMNS:
            columns.append((item.name, item.kind))
            if item.missing:
                columns.append((reasons_of(item.name), REASON))
    return tuple(columns)


@lru_cache(maxsize=64)
def layouts(protocol: Protocol) -> Mapping[str, Layout]:
    """The layout of each instrument of a protocol, in the version that it is."""
    return {name: layout_of(instrument) for name, instrument in protocol.instruments.items()}


def pack(rows: Iterable[tuple[UUID, datetime, int | None, bool, DiaryEntry]], protocol: Protocol) -> bytes:
    """Entries as one block, order kept within each instrument and version. Raises `Invalid` if one cannot be kept
    exactly."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row[4].instrument, row[4].protocol_version), []).append(Row(*row))
    parts = []
    for (instrument, version), group in groups.items():
        layout = _layout(protocol, instrument, version)
        batch = _batch(group, schema_of(instrument, version, layout), layout)
        parts.append(_Part(instrument, version, layout, memoryview(batch.serialize())))
    return _encoder.encode(_Block(VERSION, tuple(parts)))


def _layout(protocol: Protocol, instrument: str, version: str) -> Layout:
    try:
        return layouts(protocol.version(version))[instrument]
    except (NotFound, KeyError):
        raise Invalid(_REFUSED) from None


def _batch(group: Sequence[Row], schema: pa.Schema, layout: Layout) -> pa.RecordBatch:
    entries = [row.entry for row in group]
    answered = {name for name, kind in layout if kind != REASON}
    excused = {name.removesuffix("~") for name, kind in layout if kind == REASON}
    for row in group:
        if row.entry.answers.keys() - answered or row.entry.missing.keys() - excused or row.received_at.tzinfo is None:
            raise Invalid(_REFUSED)
    about: list[list[Any]] = [
        [row.entry_id.bytes for row in group],
        [row.received_at for row in group],
        [row.occasion for row in group],
        [row.late for row in group],
        [date.fromisoformat(entry.diary_date) for entry in entries],
        [entry.event_at for entry in entries],
        [entry.saved_at for entry in entries],
        [entry.zone for entry in entries],
        [entry.source for entry in entries],
        [entry.amends for entry in entries],
        [entry.reason for entry in entries],
        [entry.follows for entry in entries],
        [entry.written_by for entry in entries],
        [read_blind(entry.blind) for entry in entries],
    ]
    cells = [_reasons(entries, name) if kind == REASON else _cells(entries, name, kind) for name, kind in layout]
    try:
        return pa.record_batch(
            [pa.array(column, field.type) for column, field in zip([*about, *cells], schema, strict=True)],
            schema=schema,
        )
    except (pa.ArrowException, ValueError, OverflowError, TypeError):
        raise Invalid(_REFUSED) from None


def _reasons(entries: Sequence[DiaryEntry], column: str) -> list[str | None]:
    item = column.removesuffix("~")
    return [entry.missing.get(item) for entry in entries]


def _cells(entries: Sequence[DiaryEntry], name: str, kind_name: str) -> list[Any]:
    kind = KINDS[kind_name]
    wires = [entry.answers.get(name) for entry in entries]
    limit = _INTEGER_LIMITS.get(kind.column) if kind.wire is int else None
    for wire, entry in zip(wires, entries, strict=True):
        if wire is None and name not in entry.answers:
            continue
        if type(wire) is not kind.wire or (limit is not None and not -limit <= wire < limit):
            raise Invalid(_REFUSED)
    try:
        cells = [None if wire is None else kind.to_column(wire) for wire in wires]
        exact = all(
            wire is None or _same(kind.from_column(cell), wire) for wire, cell in zip(wires, cells, strict=True)
        )
    except (ValueError, TypeError, LookupError, msgspec.MsgspecError):
        exact = False
    if not exact:
        raise Invalid(_REFUSED)
    return cells


def _same(back: Any, wire: Any) -> bool:
    # Lists can hold what is equal and yet not the same, as 1 and 1.0: then their bytes are compared as well.
    return back == wire and (type(wire) is not list or _canonical(back) == _canonical(wire))


def unpack(data: bytes) -> tuple[pa.RecordBatch, ...]:
    """The record batches of a block, without copying; the metadata of each name its `instrument` and `version`.

    Raises `Invalid` for what is not such a block.
    """
    try:
        block = _decoder.decode(data)
        if block.version != VERSION:
            raise Invalid("This block was written by another version of the software.")
        return tuple(
            pa.ipc.read_record_batch(
                pa.py_buffer(part.batch), schema_of(part.instrument, part.protocol_version, part.layout)
            )
            for part in block.parts
        )
    except (msgspec.MsgspecError, pa.ArrowException, KeyError, OSError, ValueError):
        raise Invalid(_UNREADABLE) from None


def origin(batch: pa.RecordBatch | pa.Table) -> tuple[str, str]:
    """The instrument of a batch and the version of the study under which its entries were written."""
    return batch.schema.metadata[b"instrument"].decode(), batch.schema.metadata[b"version"].decode()


def rows(batch: pa.RecordBatch) -> list[Row]:
    """The entries of a batch, exactly as they were packed."""
    instrument, version = origin(batch)
    count = len(ABOUT)
    about = [batch.column(number).to_pylist() for number in range(count)]
    items, reasons = [], []
    for number in range(count, batch.num_columns):
        field, cells = batch.schema.field(number), batch.column(number).to_pylist()
        kind = field.metadata[b"kind"].decode()
        if kind == REASON:
            reasons.append((field.name.removesuffix("~"), cells))
        else:
            back = KINDS[kind].from_column
            items.append((field.name, [None if cell is None else back(cell) for cell in cells]))
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
                missing={name: cells[row] for name, cells in reasons if cells[row] is not None},
                event_at=event_at,
                saved_at=saved_at,
                amends=amends,
                reason=reason,
                follows=follows,
                written_by=written_by,
            ),
        )
        for row, (
            entry_id, received_at, occasion, late, diary_date, event_at, saved_at, zone, source, amends, reason,
            follows, written_by, blind,
        ) in enumerate(zip(*about, strict=True))
    ]  # fmt: skip
