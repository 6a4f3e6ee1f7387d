"""Count values and people per item, in columns. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from studyportal.protocol import Protocol


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
    """What custody holds, by (instrument, item); tables have the column `_index`."""
    return {
        (name, item): counted(tables[name][item], tables[name]["_index"]) if name in tables else NONE
        for name, instrument in protocol.instruments.items()
        for item in instrument.items
    }


def published(subjects: pa.Table, instruments: Mapping[str, pa.Table]) -> dict[tuple[str, str], Count]:
    """What a snapshot shows, by (instrument, item)."""
    found = {}
    for column in subjects.column_names:
        instrument, double, item = column.partition("__")
        if double:
            found[instrument, item] = counted(subjects[column], subjects["index"])
    for name, table in instruments.items():
        for item in table.column_names[4:]:
            found[name, item] = counted(table[item], table["index"])
    return found
