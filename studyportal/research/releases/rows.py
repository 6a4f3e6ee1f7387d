"""Turn the people of a cohort into the rows of a release: chosen columns only, a subject code, weeks instead of
days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from studyportal.errors import Unavailable
from studyportal.research.disclosure import People
from studyportal.research.plain_csv import Cell
from studyportal.research.releases.fields import CODE, SUBJECTS, WEEK, WEEKLY, Field
from studyportal.research.snapshot.opened import OpenedSnapshot


class Chance(Protocol):
    """What shuffles: `secrets.SystemRandom()`, or a seeded `random.Random` in tests."""

    def shuffle(self, rows: list[list[Cell]]) -> None: ...


@dataclass(frozen=True)
class Tables:
    """File name -> head and rows."""

    heads: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, list[list[Cell]]]


def in_scope(snapshot: OpenedSnapshot, people: People) -> NDArray[np.int64]:
    """The rows (of `snapshot.subjects`) of these people as far as they share."""
    shares = np.zeros(len(snapshot.index), bool)
    for name in snapshot.subjects.column_names:
        if name.startswith("shares_"):
            shares |= snapshot.subjects.column(name).to_numpy(zero_copy_only=False).astype(bool)
    return np.flatnonzero(people.mask[snapshot.index] & shares)


def quasi_identifiers(
    snapshot: OpenedSnapshot, fields: Sequence[Field], rows: NDArray[np.int64]
) -> Mapping[str, NDArray[np.int64]]:
    """What the k-check looks at: for each chosen quasi-identifier one code per released person, by the item's words."""
    found = {}
    for field in fields:
        if field.quasi_identifier:
            cells = ["" if cell is None else str(cell) for cell in _once(snapshot, field, rows)]
            found[field.title] = np.unique(cells, return_inverse=True)[1].astype(np.int64)
    return found


def tables(
    snapshot: OpenedSnapshot,
    fields: Sequence[Field],
    rows: NDArray[np.int64],
    *,
    codes: Mapping[int, str],
    rng: Chance,
) -> Tables:
    """The shuffled tables of a release. Raises `Unavailable` if custody has given somebody no subject code."""
    index = snapshot.index[rows]
    try:
        named = [codes[place] for place in index.tolist()]
    except KeyError:
        raise Unavailable(
            "Some people of this snapshot have no subject code in your project yet. Ask the data custodian for them."
        ) from None
    columns = {file: [field for field in fields if field.file == file] for file in (SUBJECTS, WEEKLY)}
    once = [_once(snapshot, field, rows) for field in columns[SUBJECTS]]
    found: dict[str, list[list[Cell]]] = {SUBJECTS: [list(row) for row in zip(named, *once, strict=True)]}
    heads = {SUBJECTS: (CODE, *(field.name for field in columns[SUBJECTS]))}
    if columns[WEEKLY]:
        found[WEEKLY] = _weekly(snapshot, columns[WEEKLY], index, named)
        heads[WEEKLY] = (CODE, WEEK, *(field.name for field in columns[WEEKLY]))
    for lines in found.values():
        rng.shuffle(lines)
    return Tables(heads, found)


def _once(snapshot: OpenedSnapshot, field: Field, rows: NDArray[np.int64]) -> list[Cell]:
    column = snapshot.subjects.column(field.name).take(rows)
    if field.bands:
        places = field.bands.places(snapshot.numbers(field.item)[rows])  # type: ignore[arg-type]
        return [None if place < 0 else field.bands.labels[place] for place in places.tolist()]
    if field.item is not None and field.item.kind == "yes_no":
        return [None if value is None else "yes" if value else "no" for value in column.to_pylist()]
    return column.to_pylist()  # type: ignore[no-any-return]


def _weekly(
    snapshot: OpenedSnapshot, fields: Sequence[Field], index: NDArray[np.int64], named: Sequence[str]
) -> list[list[Cell]]:
    """A row for every person and week, whether or not they wrote: the list of weeks says nothing about anybody."""
    weeks = listed_weeks(snapshot, fields)
    columns = [_bands_by_week(snapshot, field, index, weeks) for field in fields]
    return [
        [code, week, *(column[person][place] for column in columns)]
        for person, code in enumerate(named)
        for place, week in enumerate(range(1, weeks + 1))
    ]


def listed_weeks(snapshot: OpenedSnapshot, fields: Sequence[Field]) -> int:
    """The last week in which enough people of the whole snapshot wrote anything that is chosen; 0 for none."""
    last = 0
    for field in fields:
        for week, rows in snapshot.weekly(field.instrument.name, field.item and field.item.name).each():
            if week > last and snapshot.engine.count(snapshot.roll.people(rows.index)).value is not None:
                last = week
    return last


def _bands_by_week(
    snapshot: OpenedSnapshot, field: Field, index: NDArray[np.int64], weeks: int
) -> list[list[int | None]]:
    found = snapshot.weekly(field.instrument.name, field.item and field.item.name)
    # Entries that were not made are none; a mean that nobody gave is missing.
    values = np.full((snapshot.roll.places, weeks), 0.0 if field.item is None else np.nan)
    early = found.week <= weeks
    numbers = found.answers if field.item is None else found.mean
    values[found.index[early], found.week[early] - 1] = numbers[early]
    places = field.bands.places(values[index])  # type: ignore[union-attr]
    return [[None if place < 0 else place + 1 for place in person] for person in places.tolist()]
