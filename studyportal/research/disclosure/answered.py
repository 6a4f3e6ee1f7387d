"""Remember every set of people that was ever answered in a study, and find those close to a new one. Microdata: sealed
wherever it is kept, and never out of the research room.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# The row of nobody, whose answer is hidden and who is there before anything is asked.
NOBODY = 0
_HIDDEN = -1
# So many new rows, or one of so many, are looked through one by one before all are sorted by size again.
_UNSORTED, _UNSORTED_SHARE = 512, 32
# So many words are compared in one step: they stay in the processor's cache.
_AT_ONCE = 1 << 15

Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Row:
    """An answered set: what is shown of it (None: hidden), the row of the set whose own answer that is, and how many of
    its people withdrew since: they are in it no more, and a set without them still differs from it by them."""

    name: bytes
    words: Words
    shown: int | None
    own: int
    gone: int = 0


class AnsweredSets:
    """Sets by row, in the order in which they were answered. Rows are added, never changed but for `clear`.

    In memory they lie in columns by their size, one line per 64 places: sets that differ by few people are of nearly
    one size, so they lie side by side, and a small set costs only the lines in which it has anybody. The newest are at
    the end.
    """

    def __init__(self) -> None:
        self._count = self._sorted = 0
        self._lines = np.zeros((0, 1024), np.uint64)
        self._sizes, self._gone = np.zeros((2, 1024), np.int32)
        # Row to column and back; the same number for the newest.
        self._column_of, self._row_at = np.zeros((2, 1024), np.int32)
        self._shown: list[int | None] = []
        self._own: list[int] = []
        self._names: list[bytes] = []
        self._rows: dict[bytes, int] = {}
        self.add(Row(b"", np.zeros(0, np.uint64), None, NOBODY))

    def __len__(self) -> int:
        return self._count

    def row_of(self, name: bytes) -> int | None:
        """Where the very same set was answered, if it was."""
        return self._rows.get(name)

    def row(self, number: int) -> Row:
        gone = int(self._gone[self._column_of[number]])
        return Row(self._names[number], self.words(number), self._shown[number], self._own[number], gone)

    def shown(self, number: int) -> int | None:
        return self._shown[number]

    def own(self, number: int) -> int:
        return self._own[number]

    def words(self, number: int) -> Words:
        return np.ascontiguousarray(self._lines[:, self._column_of[number]])

    def add(self, row: Row) -> int:
        """Remember an answered set at the end."""
        if self._count - self._sorted > max(_UNSORTED, self._count // _UNSORTED_SHARE):
            self._sort()
        self._make_room(len(row.words))
        number = self._count
        self._lines[: len(row.words), number] = row.words
        self._sizes[number] = int(np.bitwise_count(row.words).sum())
        self._gone[number] = row.gone
        self._column_of[number] = self._row_at[number] = number
        self._shown.append(row.shown)
        self._own.append(row.own)
        self._names.append(row.name)
        self._rows.setdefault(row.name, number)
        self._count += 1
        return number

    def near(self, words: Words, *, within: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows that differ from a set by fewer than `within` people, oldest first, and by how many each does."""
        size = int(np.bitwise_count(words).sum())
        least, most = size - within + 1, size + within - 1
        low, high = np.searchsorted(self._sizes[: self._sorted], [least, most + 1])
        # A line in which the set has nobody cannot hold anybody of both.
        used = np.flatnonzero(words[: len(self._lines)])
        rows, apart = [], []
        for start, end in ((low, high), (self._sorted, self._count)):
            if start == end:
                continue
            distance = (
                size + self._sizes[start:end] + self._gone[start:end] - 2 * self._in_both(words, used, start, end)
            )
            is_near = distance < within
            rows.append(self._row_at[start:end][is_near])
            apart.append(distance[is_near])
        if not rows:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        found = np.concatenate(rows)
        order = np.argsort(found)
        return found[order].astype(np.int64), np.concatenate(apart)[order].astype(np.int64)

    def clear(self, words: Words) -> list[int]:
        """Take people out of every set, and leave its answer; the rows that had any of them."""
        width = min(len(words), len(self._lines))
        before = self._sizes[: self._count].copy()
        self._lines[:width, : self._count] &= ~words[:width, None]
        self._sizes[: self._count] = np.bitwise_count(self._lines[:, : self._count]).sum(axis=0)
        gone = before - self._sizes[: self._count]
        self._gone[: self._count] += gone
        rows = np.sort(self._row_at[: self._count][gone > 0])
        self._sort()
        return rows.tolist()

    def _in_both(self, words: Words, used: NDArray[np.int64], start: int, end: int) -> NDArray[np.int32]:
        """How many people each of these columns has in common with a set."""
        common = np.zeros(end - start, np.int32)
        for some in _parts(used, max(1, _AT_ONCE // max(1, end - start))):
            common += np.bitwise_count(self._lines[some, start:end] & words[some, None]).sum(axis=0, dtype=np.uint16)
        return common

    def _sort(self) -> None:
        """Lay all columns in order of their size."""
        order = np.argsort(self._sizes[: self._count], kind="stable")
        for line in self._lines:
            line[: self._count] = line[order]
        self._sizes[: self._count] = self._sizes[order]
        self._gone[: self._count] = self._gone[order]
        self._row_at[: self._count] = self._row_at[order]
        self._column_of[self._row_at[: self._count]] = np.arange(self._count)
        self._sorted = self._count

    def _make_room(self, width: int) -> None:
        had, room = self._lines.shape
        if width <= had and self._count < room:
            return
        bigger = room * 2 if self._count == room else room
        lines = np.zeros((max(width, had), bigger), np.uint64)
        lines[:had, :room] = self._lines
        self._lines = lines
        if bigger > room:
            for name in ("_sizes", "_gone", "_column_of", "_row_at"):
                setattr(self, name, np.concatenate([getattr(self, name), np.zeros(room, np.int32)]))


def _parts(used: NDArray[np.int64], most: int) -> Iterator[NDArray[np.int64]]:
    """Line numbers, so many at a time."""
    for start in range(0, len(used), min(most, 1023)):
        yield used[start : start + min(most, 1023)]
