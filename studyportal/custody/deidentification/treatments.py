"""The protocol's treatments, on whole columns at once.

`treated_columns(values, item, starts, name=)` gives the published columns of an item, by name, and
`reason_columns(reasons, item, name=)` the column that says why there is no answer. Both name and type their columns
exactly as `protocol.released.released_columns` does, and give none for an item that is dropped. `values` are an
item's column of a block, `reasons` its column of missing reasons (string), `starts` (date32) each row's study day 1;
`name` is what the item is called in research, if that is not its own name (a line over several versions).

One row per treatment; each agrees with `TREATMENTS[...].apply` on every value (a test holds them together), and an
absent answer stays absent. An unknown treatment stops the publication, and so does a code that the item does not have.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from studyportal.errors import Invalid
from studyportal.protocol import TREATMENTS, Item
from studyportal.protocol.columns import COLUMNS
from studyportal.protocol.kinds import NONE
from studyportal.protocol.released import reason_column, spread_columns
from studyportal.protocol.treatments import SET

Column = pa.Array | pa.ChunkedArray
ColumnTreatment = Callable[[pa.Array, Item, pa.Array], pa.Array | None]

CODES = pa.list_(pa.string())
_rows = msgspec.json.Decoder(list[dict[str, object]])


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


def _bottom_code(values: pa.Array, item: Item, starts: pa.Array) -> pa.Array:
    bottom = pa.scalar(item.release.parameters["at"], values.type)
    return pc.max_element_wise(values, bottom, skip_nulls=False)


def _relative_day(values: pa.Array, item: Item, starts: pa.Array) -> pa.Array:
    if pa.types.is_string(values.type):  # a moment begins with the date on the clock of its own zone
        values = pc.utf8_slice_codeunits(values, 0, 10).cast(pa.date32())
    return study_days(values, starts)


def _hour(values: pa.Array, item: Item, starts: pa.Array) -> pa.Array:
    if pa.types.is_string(values.type):
        return pc.utf8_slice_codeunits(values, 11, 13).cast(pa.int8())
    return pc.divide(values, 60).cast(pa.int8())


def _map(values: pa.Array, item: Item, starts: pa.Array) -> pa.Array:
    if not pa.types.is_list(values.type):
        return _broader(values, item)
    offsets = np.concatenate([[0], np.cumsum(_lengths(values))])
    # `none` has no broader code: it becomes null here, which is no code of the set.
    codes = pc.replace_with_mask(flat := values.flatten(), pc.equal(flat, NONE), pa.scalar(None, pa.string()))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), _broader(codes, item), mask=values.is_null())


def _broader(codes: pa.Array, item: Item) -> pa.Array:
    of = item.release.parameters["of"]
    return pa.array(of.values(), pa.string()).take(_places(codes, of))


def _shorten(values: pa.Array, item: Item, starts: pa.Array) -> pa.Array:
    return pc.utf8_slice_codeunits(values, 0, item.release.parameters["length"])


def _count(values: pa.Array, item: Item, starts: pa.Array) -> pa.Array:
    if pa.types.is_string(values.type):
        return _by_text(values, lambda rows: len(_rows.decode(rows)), pa.int32())
    rows, _ = _chosen(values)
    return pa.array(np.bincount(rows, minlength=len(values)), pa.int32(), mask=_absent(values))


def _codes_of(values: pa.Array, item: Item, starts: pa.Array) -> pa.Array:
    name = item.release.parameters["item"]

    def codes(rows: str) -> list[object] | None:
        return [row[name] for row in _rows.decode(rows) if name in row] or None

    return _by_text(values, codes, CODES)


COLUMN_TREATMENTS: Mapping[str, ColumnTreatment] = MappingProxyType({
    "band": _band,
    "bottom_code": _bottom_code,
    "codes_of": _codes_of,
    "count": _count,
    "drop": _drop,
    "hour": _hour,
    "keep": _keep,
    "map": _map,
    "relative_day": _relative_day,
    "shorten": _shorten,
    "top_code": _top_code,
})  # fmt: skip


def treated_columns(values: Column, item: Item, starts: Column, *, name: str | None = None) -> Mapping[str, pa.Array]:
    """The published columns of an item: none, one, or of a set of codes one per code, as yes or no."""
    treatment = TREATMENTS[item.release.treatment]
    column = COLUMN_TREATMENTS[treatment.name](_whole(values), item, _whole(starts))
    if column is None:
        return {}
    if treatment.kind(item) == SET:
        return _spread(column, spread_columns(name or item.name, treatment.choices(item)))
    return {name or item.name: column.cast(COLUMNS[treatment.column(item)])}


def reason_columns(reasons: Column, item: Item, *, name: str | None = None) -> Mapping[str, pa.Array]:
    """The published column that says why there is no answer; none if the item is dropped or offers no reasons."""
    if TREATMENTS[item.release.treatment].kind(item) is None or not item.missing:
        return {}
    return {reason_column(name or item.name): _whole(reasons).cast(pa.string())}


def _spread(sets: pa.Array, columns: Mapping[str, str]) -> Mapping[str, pa.Array]:
    """A column per code: whether it is in the set; null where there is no set."""
    rows, codes = _chosen(sets)
    found = np.zeros((len(columns), len(sets)), bool)
    found[_places(codes, columns.values()).to_numpy(), rows] = True
    return {name: pa.array(row, mask=_absent(sets)) for name, row in zip(columns, found, strict=True)}


def _chosen(sets: pa.Array) -> tuple[NDArray[np.int64], pa.Array]:
    """Every code in a set with its row, without `none`."""
    codes = sets.flatten()
    rows = np.repeat(np.arange(len(sets)), _lengths(sets))
    chosen = pc.fill_null(pc.not_equal(codes, NONE), False)
    return rows[chosen.to_numpy(zero_copy_only=False)], codes.filter(chosen)


def _lengths(lists: pa.Array) -> NDArray[np.int64]:
    """How much of `lists.flatten()` belongs to each row; what lies behind a null is not in it."""
    return pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False).astype(np.int64)


def _absent(column: pa.Array) -> NDArray[np.bool_]:
    return column.is_null().to_numpy(zero_copy_only=False)


def _places(codes: pa.Array, known: Iterable[str]) -> pa.Array:
    places = pc.index_in(codes, value_set=pa.array(list(known), pa.string()))
    if places.null_count != codes.null_count:
        raise Invalid("An answer holds a code that its question does not have. Nothing has been published.")
    return places


def _by_text(values: pa.Array, read: Callable[[str], object], column: pa.DataType) -> pa.Array:
    """What is read in each text, every different text once: lists of medicines repeat from month to month."""
    texts = values.dictionary_encode()
    return pa.array([read(text) for text in texts.dictionary.to_pylist()], column).take(texts.indices)


def _whole(column: Column) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
