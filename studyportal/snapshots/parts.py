"""Divide the subjects of a snapshot into parts: ranges of their permanent indices, whose rows lie in files of their
own. Pure."""

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import pyarrow as pa

# Few enough that an erasure, or one person's new entries, write little anew; enough that a file is worth opening.
PER_PART = 500
# No part has fewer people than this, as long as the snapshot has: a file of one person's rows would tell by its size.
FEWEST = 50


def divided(indices: Iterable[int]) -> Mapping[int, frozenset[int]]:
    """The subjects of each part (numbered from 1). Where too few are left of a range, they stand in the part before,
    and those of the first range in the next one."""
    ranges: dict[int, set[int]] = {}
    for index in sorted(indices):
        ranges.setdefault((index - 1) // PER_PART + 1, set()).add(index)
    parts: dict[int, set[int]] = {}
    for number, people in ranges.items():
        before = next(reversed(parts), None)
        if before is not None and min(len(people), len(parts[before])) < min(FEWEST, PER_PART):
            parts[before] |= people
        else:
            parts[number] = people
    return {number: frozenset(people) for number, people in parts.items()}


def of_people(table: pa.Table, indices: Collection[int]) -> pa.Table:
    """The rows of these subjects, in their order."""
    stays = np.isin(table.column("index").to_numpy(), np.fromiter(indices, np.int64, len(indices)))
    return table.filter(pa.array(stays))


def without_people(table: pa.Table, indices: Collection[int]) -> pa.Table:
    """The rows of all others."""
    if not indices:
        return table
    gone = np.isin(table.column("index").to_numpy(), np.fromiter(indices, np.int64, len(indices)))
    return table.filter(pa.array(~gone))
