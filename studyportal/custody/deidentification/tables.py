"""Turn opened blocks into the tables of a snapshot: columns in, columns out, row by row never.

Entries of all versions of the study come together in the research columns that `lineage` gives. What is not named here
does not pass: times, zones, sources, versions and ids of entries stay behind, and so does every item that its treatment
drops. Rows lie in an order that says nothing. Refused: entries of a version, instrument or kind that is not known here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studyportal.custody.deidentification.lines import lined, reasons_of_line, used_columns
from studyportal.custody.deidentification.treatments import reason_columns, study_days, study_weeks, treated_columns
from studyportal.errors import Invalid
from studyportal.protocol import TREATMENTS, Protocol
from studyportal.protocol.amendments import Line, lineage
from studyportal.protocol.columns import origin
from studyportal.protocol.correcting import Came, firsts, superseded


@dataclass(frozen=True, slots=True)
class Subject:
    """One participant as a snapshot knows them: a permanent index, two random record keys, scopes, day 1 and an end.

    Entries received after `until` are not shared (None: all are).
    """

    index: int
    record_key_1: int
    record_key_2: int
    scopes: tuple[str, ...]
    started_on: date
    until: datetime | None


Part = tuple[Subject, pa.RecordBatch]


Lines = Mapping[str, Sequence[Line]]


def released_lines(protocol: Protocol) -> Lines:
    """The lines of each instrument of any version of which something is published."""
    return {
        name: [line for line in lines if TREATMENTS[line.item.release.treatment].kind(line.item) is not None]
        for name, lines in lineage(protocol).items()
    }


def gathered(
    opened: Iterable[tuple[Subject, Iterable[pa.RecordBatch]]], protocol: Protocol, *, lines: Lines
) -> Mapping[str, pa.Table]:
    """All batches of all subjects as one table for each instrument in `lines`: the columns `NEEDED`, those of its
    lines, and `_index`, `_start` and `_until`.

    Raises `NotFound` for entries of an unknown version and `Invalid` for what that version does not have.
    """
    parts: dict[tuple[str, str], list[Part]] = {}
    for subject, batches in opened:
        for batch in batches:
            parts.setdefault(origin(batch), []).append((subject, batch))
    for instrument, version in parts:
        if instrument not in protocol.version(version).instruments:
            raise Invalid("A block holds entries of an instrument that the study did not have when they were written.")
    return {
        name: _table(
            name,
            lines[name],
            {version: part for (instrument, version), part in parts.items() if instrument == name},
        )
        for name in lines
    }


def _table(name: str, lines: Sequence[Line], parts: Mapping[str, Sequence[Part]]) -> pa.Table:
    tables = [_owned(lined(None, lines, version=""), ())]
    for version, part in parts.items():
        try:
            table = pa.Table.from_batches([batch for _, batch in part])
        except pa.ArrowInvalid:
            raise Invalid("Blocks of one version of the study hold different items.") from None
        # One chunk: thousands of small ones make every later step slower by as much. Only of what is needed: most of
        # the time goes into putting the chunks together.
        table = table.select(used_columns(table.column_names, lines, version=version)).combine_chunks()
        tables.append(_owned(lined(table, lines, version=version), part))
    return pa.concat_tables(tables).combine_chunks()


def _owned(table: pa.Table, parts: Sequence[Part]) -> pa.Table:
    lengths = [batch.num_rows for _, batch in parts]
    return (
        table.append_column("_index", _repeated([one.index for one, _ in parts], lengths, pa.int32()))
        .append_column("_start", _repeated([one.started_on for one, _ in parts], lengths, pa.date32()))
        .append_column("_until", _repeated([one.until for one, _ in parts], lengths, pa.timestamp("us", tz="UTC")))
    )


def _repeated(values: Sequence[object], lengths: Sequence[int], kind: pa.DataType) -> pa.Array:
    return pa.array(values, kind).take(pa.array(np.repeat(np.arange(len(values)), lengths)))


def shared_rows(table: pa.Table) -> pa.Table:
    """Without what came after somebody stopped sharing, and without entries that a later one corrects."""
    if table["_until"].null_count < table.num_rows:
        table = table.filter(
            pc.or_kleene(pc.is_null(table["_until"]), pc.less_equal(table["_received_at"], table["_until"]))
        )
    if table["_amends"].null_count < table.num_rows:
        table = _as_late_as_the_first(table)
        table = table.filter(pc.invert(_corrected(table)))
    return table.combine_chunks()


def _corrected(table: pa.Table) -> pa.Array:
    """Which rows a later entry of the same person corrects; nobody corrects somebody else's."""
    amending = table.filter(pc.is_valid(table["_amends"]))
    whose = {}
    for index, entries in _by_person(amending).items():
        whose |= dict.fromkeys((UUID(id).bytes for id in superseded(entries)), index)
    where = pc.index_in(table["_entry_id"], value_set=pa.array(list(whose), pa.binary(16)))
    owners = pa.array(list(whose.values()), pa.int32()).take(where.combine_chunks())
    return pc.fill_null(pc.equal(owners, table["_index"].combine_chunks()), False)


def _as_late_as_the_first(table: pa.Table) -> pa.Table:
    """A correction is as late as what was written first, and has the day of no other."""
    amending = table.filter(pc.is_valid(table["_amends"]))
    first = {id: of for entries in _by_person(amending).values() for id, of in firsts(entries).items()}
    asked = pc.is_in(table["_entry_id"], value_set=pa.array([UUID(id).bytes for id in first.values()], pa.binary(16)))
    known = table.filter(asked)
    late = {
        (owner, id): is_late for owner, id, is_late in zip(*(known[name].to_pylist() for name in _LATE), strict=True)
    }
    rows = zip(*(table[name].to_pylist() for name in (*_LATE, "_amends")), strict=True)
    values = [
        late.get((owner, UUID(first[str(UUID(bytes=id))]).bytes), is_late) if amends else is_late
        for owner, id, is_late, amends in rows
    ]
    return table.set_column(table.schema.get_field_index("_late"), "_late", pa.array(values, pa.bool_()))


_LATE = ("_index", "_entry_id", "_late")


def _by_person(amending: pa.Table) -> Mapping[int, Sequence[Came]]:
    names = ("_index", "_entry_id", "_received_at", "_amends")
    found: dict[int, list[Came]] = {}
    for index, id, received_at, amends in zip(*(amending[name].to_pylist() for name in names), strict=True):
        found.setdefault(index, []).append(Came(str(UUID(bytes=id)), received_at, amends))
    return found


def released_items(table: pa.Table, lines: Sequence[Line]) -> Mapping[str, pa.Array]:
    """The columns of each line that is released, after its newest treatment, by their names."""
    columns: dict[str, pa.Array] = {}
    for line in lines:
        made = dict(treated_columns(table[line.column], line.item, table["_start"], name=line.column))
        if line.item.missing:
            made |= reason_columns(table[reasons_of_line(line)], line.item, name=line.column)
        if made.keys() & columns.keys():
            raise Invalid("Two columns of the snapshot would have one name. Nothing has been published.")
        columns |= made
    return columns


def instrument_table(table: pa.Table, lines: Sequence[Line]) -> pa.Table:
    """The published table of an instrument that is given more than once: index, study_day, week, late, items."""
    table = shared_rows(table)
    days = study_days(table["_diary_date"].combine_chunks(), table["_start"].combine_chunks())
    about = {
        "index": table["_index"].combine_chunks(),
        "study_day": days,
        "week": study_weeks(days),
        "late": table["_late"].combine_chunks(),
    }
    made = pa.table({**about, **released_items(table, lines)})
    # By person and day: the order of arrival would tell when somebody wrote.
    return made.sort_by([("index", "ascending"), ("study_day", "ascending")])


def subjects_table(subjects: Sequence[Subject], once: Mapping[str, pa.Table], protocol: Protocol) -> pa.Table:
    """One row per subject: index, record keys, a column per sharing scope, and `<instrument>__<item>` for what is
    given once (of several, the last that arrived)."""
    subjects = sorted(subjects, key=lambda one: one.index)
    columns: dict[str, pa.Array] = {
        "index": pa.array([one.index for one in subjects], pa.int32()),
        "record_key_1": pa.array([one.record_key_1 for one in subjects], pa.int64()),
        "record_key_2": pa.array([one.record_key_2 for one in subjects], pa.int64()),
    }
    for scope in sorted(protocol.consent.sharing):
        columns[f"shares_{scope}"] = pa.array([scope in one.scopes for one in subjects], pa.bool_())
    lines = released_lines(protocol)
    for name, table in once.items():
        latest = _latest(shared_rows(table))
        where = pc.index_in(columns["index"], value_set=latest["_index"].combine_chunks())
        for item, column in released_items(latest, lines[name]).items():
            columns[f"{name}__{item}"] = column.take(where)
    return pa.table(columns)


def _latest(table: pa.Table) -> pa.Table:
    order = np.lexsort((table["_received_at"].to_numpy(), table["_index"].to_numpy()))
    indices = table["_index"].to_numpy()[order]
    last = np.ones(len(order), bool)
    last[:-1] = indices[1:] != indices[:-1]
    return table.take(pa.array(order[last]))
