"""Check k-anonymity over people: everybody shares their quasi-identifiers with at least k - 1 others. Pure.

Not having answered is a value like any other. A refusal names items, never a number of people.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from studyportal.errors import Invalid

Columns = Mapping[str, NDArray[np.int64]]


def smallest_class(columns: Sequence[NDArray[np.int64]], people: int) -> int:
    """The size of the smallest group that shares one combination of codes; all people are one group without columns."""
    keys = np.zeros(people, np.int64)
    for column in columns:
        _, codes = np.unique(column, return_inverse=True)
        # Renumbered after every column, so that the mixed-radix key stays below the square of the number of people.
        _, keys = np.unique(keys * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)
    return int(np.bincount(keys).min(initial=people)) if people else 0


def check_anonymity(columns: Columns, *, people: int, k: int) -> None:
    """Refuse columns (by the item's words; one code per person) under which some group is smaller than `k`.

    Raises `Invalid` with the items to leave out: the fewest that help.
    """
    if smallest_class([*columns.values()], people) >= k:
        return
    for leave in range(1, len(columns) + 1):
        helps = [out for out in combinations(columns, leave) if _is_safe(columns, out, people, k)]
        if helps:
            raise Invalid(_sentence([*columns], helps, k))
    raise Invalid(f"This cohort is too small to be released: it must have at least {k} people.")


def _is_safe(columns: Columns, out: Sequence[str], people: int, k: int) -> bool:
    return smallest_class([column for title, column in columns.items() if title not in out], people) >= k


def _sentence(titles: Sequence[str], helps: Sequence[Sequence[str]], k: int) -> str:
    ways = "; or ".join(" and ".join(f"“{title}”" for title in out) for out in helps)
    shared = "the answer to" if len(titles) == 1 else "the same answers to"
    return (
        f"Some groups of people who share {shared} {', '.join(f'“{title}”' for title in titles)} are smaller than {k}. "
        f"Leave out {ways}, or ask the data custodian for coarser bands."
    )
