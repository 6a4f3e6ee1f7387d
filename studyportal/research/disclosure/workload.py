"""What is worked out once for every snapshot, in one order, for everybody to see: it costs no ledger. Pure."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from studyportal.research.disclosure.people import People
from studyportal.research.disclosure.query import MOST_CELLS, Published

MOST_TABLES = 30


def two_way(published: Published, *, first: Sequence[str] = (), most: int = MOST_TABLES) -> Sequence[tuple[str, str]]:
    """Up to `most` pairs of variables whose table is not too large, those of `first` before others."""
    order = [*dict.fromkeys((*first, *published))]
    fits = (
        (one, two) for one, two in combinations(order, 2) if len(published[one]) * len(published[two]) <= MOST_CELLS
    )
    return [pair for pair, _ in zip(fits, range(most), strict=False)]


def public_cells(
    published: Published, sets: Mapping[str, Mapping[str, People]], tables: Sequence[tuple[str, str]]
) -> list[People]:
    """The sets of all one-way margins, then of the tables, in published order."""
    cells = [sets[name][value] for name, values in published.items() for value in values]
    for one, two in tables:
        cells += [sets[one][first] & sets[two][second] for first in published[one] for second in published[two]]
    return cells
