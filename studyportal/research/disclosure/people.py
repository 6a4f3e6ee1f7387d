"""Hold sets of people as bitmaps over the permanent disclosure index. Exact sizes are for engines, never for pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class People:
    """A set of people: one bit for every place of a roll, packed into bytes."""

    bits: NDArray[np.uint8]

    def __and__(self, other: Self) -> Self:
        return type(self)(self.bits & other.bits)

    def __or__(self, other: Self) -> Self:
        return type(self)(self.bits | other.bits)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.bits & ~other.bits)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, People) and np.array_equal(self.bits, other.bits)

    def __hash__(self) -> int:
        return hash(self.bits.tobytes())

    @cached_property
    def size(self) -> int:
        """How many people exactly."""
        return int(np.bitwise_count(self.bits).sum())

    @cached_property
    def words(self) -> NDArray[np.uint64]:
        """The same bits, 64 at a time."""
        whole = np.zeros(-(-len(self.bits) // 8) * 8, np.uint8)
        whole[: len(self.bits)] = self.bits
        return whole.view(np.uint64)

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """One truth value for every place, and up to seven more that are false."""
        return np.unpackbits(self.bits).view(np.bool_)


class Roll:
    """Everybody in a snapshot: who has which place, and two random 64-bit keys for each.

    The places are permanent, so one person has the same bit in every snapshot of the study.
    """

    def __init__(self, index: NDArray[np.integer], key_1: NDArray[np.int64], key_2: NDArray[np.int64]) -> None:
        """`index`, `key_1` and `key_2` are parallel, one value per person; the index counts from 0, each at most
        once."""
        if len(index) != len(np.unique(index)) or (len(index) and index.min() < 0):
            raise ValueError("every person has a place of their own")
        self.places = int(index.max()) + 1 if len(index) else 0
        self._keys = np.zeros((2, -(-self.places // 8) * 8), np.uint64)
        self._keys[0, index] = key_1.view(np.uint64)
        self._keys[1, index] = key_2.view(np.uint64)
        self.everybody = self.people(index)

    def people(self, index: NDArray[np.integer]) -> People:
        """The set of those at these places."""
        mask = np.zeros(self.places, np.bool_)
        mask[index] = True
        return People(np.packbits(mask))

    def present(self, words: NDArray[np.uint64]) -> People:
        """Those of a set, kept as 64 bits at a time, who are in this snapshot."""
        bits = np.zeros_like(self.everybody.bits)
        kept = words.view(np.uint8)[: len(bits)]
        bits[: len(kept)] = kept
        return People(bits & self.everybody.bits)

    def nobody(self) -> People:
        return self.people(np.empty(0, np.int64))

    def any_of(self, sets: Iterable[People]) -> People:
        """Those in at least one of the sets."""
        return reduce(People.__or__, sets, self.nobody())

    def key(self, people: People) -> tuple[int, int, int]:
        """What stands for a set wherever it occurs: both keys summed modulo 2**64, and its size."""
        first, second = self._keys[:, people.mask].sum(axis=1, dtype=np.uint64)
        return int(first), int(second), people.size
