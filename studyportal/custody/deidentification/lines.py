"""Put the entries of one version into the research columns of all versions: renamed, recoded, written as the newest
kind.

Where a version did not ask what a column holds, the column is empty. Refused: an item whose kind in a block is neither
the column's nor one that can be written as it without loss.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from studyportal.errors import Invalid
from studyportal.protocol import Item
from studyportal.protocol.amendments import Line
from studyportal.protocol.amendments.rules import WIDENED
from studyportal.protocol.columns import ABOUT, reasons_of, type_of

# What is needed of a row beside its answers. Times on the device, zones, sources, reasons and blinds go no further.
NEEDED = tuple(
    field for field in ABOUT if field.name in {"_entry_id", "_received_at", "_late", "_diary_date", "_amends"}
)


def reasons_of_line(line: Line) -> str:
    """The column with the reasons that were given in place of this line's answers."""
    return reasons_of(line.column)


def used_columns(there: Sequence[str], lines: Sequence[Line], *, version: str) -> Sequence[str]:
    """Those columns of entries of one version that `lined` looks at."""
    used = {field.name for field in NEEDED}
    for line in lines:
        if (source := line.sources.get(version)) is not None:
            used |= {source.item, reasons_of(source.item)}
    return [name for name in there if name in used]


def lined(table: pa.Table | None, lines: Sequence[Line], *, version: str) -> pa.Table:
    """Entries of one instrument and version as the columns of its lines; None gives the columns without any row."""
    schema = pa.schema(NEEDED)
    columns = dict(zip(schema.names, (schema.empty_table() if table is None else table.select(schema.names)).columns))
    for line in lines:
        columns[line.column] = _answers(table, line, version)
        if line.item.missing:
            columns[reasons_of_line(line)] = _reasons(table, line, version)
    return pa.table(columns)


def _answers(table: pa.Table | None, line: Line, version: str) -> pa.ChunkedArray | pa.Array:
    wanted, source = type_of(line.item.kind), line.sources.get(version)
    if table is None or source is None or source.item not in table.column_names:
        return pa.nulls(0 if table is None else table.num_rows, wanted)
    kind = table.schema.field(source.item).metadata[b"kind"].decode()
    if kind != line.item.kind and (kind, line.item.kind) not in WIDENED:
        raise Invalid("An item of a block has another kind than in the study document.")
    values = table[source.item]
    if source.recode:
        values = RECODED[pa.types.is_list(values.type)](values.combine_chunks(), source.recode, line.item)
    return values.cast(wanted)


def _reasons(table: pa.Table | None, line: Line, version: str) -> pa.ChunkedArray | pa.Array:
    source = line.sources.get(version)
    if table is None or source is None or reasons_of(source.item) not in table.column_names:
        return pa.nulls(0 if table is None else table.num_rows, pa.string())
    return table[reasons_of(source.item)]


def _codes(values: pa.Array, recode: Mapping[str, str], item: Item) -> pa.Array:
    where = pc.index_in(values, value_set=pa.array(list(recode), pa.string()))
    return pc.coalesce(pa.array(list(recode.values()), pa.string()).take(where), values)


def _sets(values: pa.Array, recode: Mapping[str, str], item: Item) -> pa.Array:
    """Sets of codes stay sets in the document's order, also where two codes become one."""
    place = {code: number for number, code in enumerate(item.choices)}
    texts = values.to_pylist()
    became = [
        None
        if codes is None
        else sorted({recode.get(code, code) for code in codes}, key=lambda code: place.get(code, len(place)))
        for codes in texts
    ]
    return pa.array(became, values.type)


# By whether an answer is a set of codes.
RECODED = {False: _codes, True: _sets}
