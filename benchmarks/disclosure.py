"""Measure the disclosure engine: python -m benchmarks.disclosure [people] [answered sets] [rounds]

What protection costs: in truth (how far shown numbers are from the exact ones, how many are shown, how many stand for a
set that is nearly the same) and in time (a protected table of 60 cells when so many sets were answered before, beside
the bare exact counting of the same cells in the same run). Aims: a median error of 5 % for cells of 20 people and more
at 2,000 people; 150 ms for a table at 50,000 answered sets. On a shared machine believe the ratios.
"""

import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from studyportal.research.disclosure import Answering, Chance, People, Protection, Roll
from studyportal.research.disclosure.answered import Row

PEOPLE, ANSWERED, ROUNDS = 10_000, 50_000, 15
# Of one variable each: how many values it has.
VALUES = (2, 7, 5, 8, 4, 2, 4, 5, 6, 4, 3, 4, 2, 5, 4, 5, 3, 2, 6, 4)
COHORTS = 20
CELLS = 60


class Made:
    """A seeded cohort and an engine that was not asked anything yet."""

    def __init__(self, people: int, seed: int = 1) -> None:
        self.rng = np.random.default_rng(seed)
        keys = self.rng.integers(-(2**63), 2**63 - 1, (2, people), dtype=np.int64)
        self.roll = Roll(np.arange(people), keys[0], keys[1])
        self.values = [self.rng.choice(count, people, p=_falling(count)) for count in VALUES]
        self.answering = Answering(Chance(self.rng.bytes(32)), Protection())

    def table(self, cohort: NDArray[np.bool_], *variables: int) -> list[People]:
        """The cells of one or two variables, of a cohort."""
        cells = [cohort]
        for variable in variables:
            cells = [cell & (self.values[variable] == value) for cell in cells for value in range(VALUES[variable])]
        return [People(np.packbits(cell)) for cell in cells]

    def cohort(self, most: int) -> NDArray[np.bool_]:
        """A cohort of up to so many variables, each limited to some of its values."""
        mask = np.ones(self.roll.places, bool)
        for variable in self.rng.choice(len(VALUES), self.rng.integers(1, most + 1), replace=False):
            kept = self.rng.choice(VALUES[variable], self.rng.integers(1, VALUES[variable]), replace=False)
            mask &= np.isin(self.values[variable], kept)
        return mask


def _falling(count: int) -> NDArray[np.float64]:
    weights = 0.8 ** np.arange(count)
    return weights / weights.sum()


def utility(people: int) -> Mapping[str, float]:
    """One-way margins and 30 two-way tables of everybody, then a page of each of 20 cohorts."""
    made = Made(people)
    everybody = np.ones(people, bool)
    pages = [made.table(everybody, one) for one in range(len(VALUES))]
    pages += [made.table(everybody, *pair) for pair in [*combinations(range(len(VALUES)), 2)][:30]]
    for _ in range(COHORTS):
        cohort = made.cohort(3)
        pages += [made.table(cohort, int(one)) for one in made.rng.choice(len(VALUES), 8, replace=False)]
    sizes, errors, shown, borrowed = [], [], [], []
    for page in pages:
        for cell, row in zip(page, made.answering.answer(made.roll, page), strict=True):
            value = made.answering.sets.shown(row)
            sizes.append(cell.size)
            shown.append(value is not None)
            borrowed.append(value is not None and made.answering.sets.own(row) != row)
            errors.append(np.nan if value is None else abs(value - cell.size) / max(1, cell.size))
    size, error, seen, lent = np.array(sizes), np.array(errors), np.array(shown), np.array(borrowed)
    large = size >= 20
    return {
        "cells": len(size),
        "cells of 20 people and more": int(large.sum()),
        "of these shown, %": 100 * seen[large].mean(),
        "of these with the number of another set, %": 100 * lent[large].mean(),
        "median error of these, %": 100 * float(np.nanmedian(error[large])),
        "error that nine in ten stay under, %": 100 * float(np.nanpercentile(error[large], 90)),
        "cells of 10 to 19 people": int(((size >= 10) & ~large).sum()),
        "of these shown, % ": 100 * seen[(size >= 10) & ~large].mean(),
        "cells of 1 to 9 people": int(((size > 0) & (size < 10)).sum()),
        "of these shown, as larger sets": int((seen & (size < 10)).sum()),
    }


def filled(people: int, answered: int) -> Made:
    """An engine that answered so many sets: of all sizes, most of them small, as cells of tables are."""
    made = Made(people)
    sets = made.answering.sets
    sizes = np.exp(made.rng.uniform(np.log(3), np.log(people * 0.9), answered)).astype(int)
    for size in sizes:
        mask = made.rng.random(people) < size / people
        words = People(np.packbits(mask)).words
        sets.add(Row(made.rng.bytes(16), words, int(size) // 5 * 5, len(sets)))
    return made


def tables(made: Made, rounds: int) -> Iterator[list[People]]:
    """Tables of 60 cells of different cohorts."""
    while rounds:
        cells = [cell for cell in made.table(made.cohort(3), *map(int, made.rng.choice(len(VALUES), 3, replace=False)))]
        if len(cells) >= CELLS:
            rounds -= 1
            yield cells[:CELLS]


def speed(people: int, answered: int, rounds: int) -> None:
    made = filled(people, answered)
    protected, bare, again = [], [], []
    for cells in tables(made, rounds):
        fresh = [People(cell.bits) for cell in cells]
        began = time.perf_counter()
        for cell in fresh:
            np.bitwise_count(cell.bits).sum()
        counted = time.perf_counter()
        made.answering.answer(made.roll, fresh)
        done = time.perf_counter()
        made.answering.answer(made.roll, [People(cell.bits) for cell in cells])
        bare.append(counted - began)
        protected.append(done - counted)
        again.append(time.perf_counter() - done)
    for words, taken in (("bare exact counts", bare), ("protected", protected), ("asked again", again)):
        print(f"  {words:<40}{1000 * statistics.median(taken):9.2f} ms   worst {1000 * max(taken):.1f}")
    print(f"  protected over bare{statistics.median(protected) / statistics.median(bare):26.0f}")


def main(people: int = PEOPLE, answered: int = ANSWERED, rounds: int = ROUNDS) -> None:
    for size in (1_000, 2_000, 10_000):
        print(f"What is shown of {size:,} people")
        for words, number in utility(size).items():
            print(f"  {words:<52}{number:9.1f}" if number % 1 else f"  {words:<52}{number:7.0f}")
    print(f"A table of {CELLS} cells, {people:,} people, {answered:,} sets answered before")
    speed(people, answered, rounds)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
