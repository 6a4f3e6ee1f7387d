"""The protocol's treatments, on whole columns at once.

One row per treatment; each agrees with `TREATMENTS[...].apply` on every value (a test holds them together), and an
absent answer stays absent. An unknown treatment stops the publication: there is no row to fall back on.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studyportal.protocol import TREATMENTS, Item
from studyportal.protocol.columns import COLUMNS

Column = pa.Array | pa.ChunkedArray
ColumnTreatment = Callable[[pa.Array, Item, pa.Array], pa.Array | None]


def study_days(dates: pa.Array, starts: pa.Array) -> pa.Array:
    """Dates (date32) as study days (int32): the start is day 1, the day before it day -1."""
    days = pc.subtract(dates.cast(pa.int32()), starts.cast(pa.int32()))
    return pc.if_else(pc.greater_equal(days, 0), pc.add(days, 1), days).cast(pa.int32())


def study_weeks(days: pa.Array) -> pa.Array:
    """Study weeks (int32): days 1 to 7 are week 1, days -7 to -1 week -1."""
    numbers = days.to_numpy(zero_copy_only=False)
    return pa.array(np.where(numbers > 0, (numbers - 1) // 7 + 1, numbers // 7), pa.int32())


def _keep(values: pa.Array, item: Item, starts: pa.Array) -> pa.Array:
    return values


def _drop(values: pa.Array, item: Item, starts: pa.Array) -> None:
    return None


def _band(values: pa.Array, item: Item, starts: pa.Array) -> pa.Array:
    labels = pa.array(item.release.parameters["labels"], pa.string())
    known = values.is_valid()
    numbers = pc.fill_null(values, 0).to_numpy(zero_copy_only=False)
    bands = np.searchsorted(np.asarray(item.release.parameters["edges"]), numbers, side="right")
    return labels.take(pa.array(bands, mask=~known.to_numpy(zero_copy_only=False)))


def _top_code(values: pa.Array, item: Item, starts: pa.Array) -> pa.Array:
    top = pa.scalar(item.release.parameters["at"], values.type)
    return pc.min_element_wise(values, top, skip_nulls=False)


def _relative_day(values: pa.Array, item: Item, starts: pa.Array) -> pa.Array:
    return study_days(values, starts)


def _hour(values: pa.Array, item: Item, starts: pa.Array) -> pa.Array:
    return pc.divide(values, 60).cast(pa.int8())


COLUMN_TREATMENTS: Mapping[str, ColumnTreatment] = MappingProxyType(
    {"band": _band, "drop": _drop, "hour": _hour, "keep": _keep, "relative_day": _relative_day, "top_code": _top_code}
)


def treated(values: Column, item: Item, starts: Column) -> pa.Array | None:
    """A column after its item's treatment, of exactly the type that the released view says; None for nothing.

    `starts` (date32) is each row's study day 1.
    """
    column = COLUMN_TREATMENTS[item.release.treatment](_whole(values), item, _whole(starts))
    if column is None:
        return None
    return column.cast(COLUMNS[TREATMENTS[item.release.treatment].column(item)])


def _whole(column: Column) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
