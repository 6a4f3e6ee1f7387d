"""Count values and people per research column, over all versions of the study. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from studyportal.protocol import Protocol
from studyportal.protocol.amendments import lineage
from studyportal.protocol.released import reason_column, released_columns


@dataclass(frozen=True, slots=True)
class Count:
    """How many values there are, of how many people."""

    values: int
    people: int


NONE = Count(0, 0)


def counted(values: pa.ChunkedArray | pa.Array, whose: pa.ChunkedArray | pa.Array) -> Count:
    """The present values of a column and the different people (`whose`, one per row) that they are of."""
    present = pc.is_valid(values)
    return Count(pc.sum(present).as_py() or 0, pc.count_distinct(whose.filter(present)).as_py())


def held(tables: Mapping[str, pa.Table], protocol: Protocol) -> dict[tuple[str, str], Count]:
    """What custody holds, by (instrument, research column); tables have the column `_index`."""
    return {
        (name, line.column): counted(tables[name][line.column], tables[name]["_index"]) if name in tables else NONE
        for name, lines in lineage(protocol).items()
        for line in lines
    }


def published(
    subjects: pa.Table, instruments: Mapping[str, pa.Table], protocol: Protocol
) -> dict[tuple[str, str], Count]:
    """What a snapshot shows, by the same; what it does not show is absent. An answer that is spread over several
    columns counts once."""
    found = {}
    for name, lines in lineage(protocol).items():
        table, prefix = (instruments[name], "") if name in instruments else (subjects, f"{name}__")
        for line in lines:
            made = released_columns(line.item, name=line.column).keys() - {reason_column(line.column)}
            shown = [table[f"{prefix}{column}"] for column in sorted(made) if f"{prefix}{column}" in table.column_names]
            if shown:
                found[name, line.column] = counted(_any_of(shown), table["index"])
    return found


def _any_of(columns: list[pa.ChunkedArray]) -> pa.Array:
    """Null where every column is."""
    valid = pc.is_valid(columns[0])
    for column in columns[1:]:
        valid = pc.or_(valid, pc.is_valid(column))
    return pc.if_else(valid, True, pa.scalar(None, pa.bool_()))
