"""A seeded cohort of 2,000 people and an engine that nobody asked anything, for attackers and for utility."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from studyportal.research.disclosure import Answering, Chance, Engine, People, Protection, Roll

# How many people, and the number of values of each variable; what is likely comes first.
PEOPLE = 2_000
VARIABLES = {
    "sex": 2, "age": 7, "diagnosis": 5, "region": 8, "years": 4, "smokes": 2, "sleep": 4, "work": 5,
    "pain": 6, "mood": 4, "substance": 3, "interval": 4, "opioid": 2, "medicines": 5, "education": 4, "weeks": 5,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Cohort:
    """Everybody, and who has which value of which variable."""

    roll: Roll
    values: Mapping[str, NDArray[np.int64]]

    @property
    def size(self) -> int:
        return self.roll.places

    def having(self, variable: str, value: int) -> People:
        return self.of(self.values[variable] == value)

    def of(self, mask: NDArray[np.bool_]) -> People:
        return People(np.packbits(mask))

    def one(self, person: int) -> People:
        return self.roll.people(np.array([person]))


@lru_cache(maxsize=8)
def cohort(people: int = PEOPLE, seed: int = 1) -> Cohort:
    rng = np.random.default_rng(seed)
    values = {name: rng.choice(count, people, p=_falling(count)) for name, count in VARIABLES.items()}
    return Cohort(roll_of(people, seed), values)


def _falling(count: int) -> NDArray[np.float64]:
    weights = 0.8 ** np.arange(count)
    return weights / weights.sum()


def roll_of(people: int, seed: int = 1) -> Roll:
    keys = np.random.default_rng(seed + 1_000).integers(-(2**63), 2**63 - 1, (2, people), dtype=np.int64)
    return Roll(np.arange(people), keys[0], keys[1])


def answering(seed: int = 1, *, of: type[Answering] = Answering, chance: type[Chance] = Chance) -> Answering:
    """An engine with a secret of its own, which was not asked anything yet."""
    return of(chance(np.random.default_rng(seed).bytes(32)), Protection())


def engine(roll: Roll, seed: int = 1) -> Engine:
    return Engine(roll, answering(seed))


@lru_cache(maxsize=4)
def askable(found: Cohort, *, count: int = 3_000, most: int = 3, seed: int = 2) -> NDArray[np.bool_]:
    """Cohorts that a researcher can ask for, one per row: one to `most` variables, each limited to some of its
    values."""
    rng = np.random.default_rng(seed)
    rows = np.ones((count, found.size), bool)
    for row in rows:
        for name in rng.choice([*VARIABLES], rng.integers(1, most + 1), replace=False):
            kept = np.zeros(VARIABLES[name], bool)
            kept[rng.choice(VARIABLES[name], rng.integers(1, VARIABLES[name]), replace=False)] = True
            row &= kept[found.values[name]]
    return rows
