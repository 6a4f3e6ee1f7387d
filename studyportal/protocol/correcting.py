"""Say which entries count where some correct others: of an entry and its corrections, the last that arrived. Pure.

Every entry stays. Two corrections of one entry, from two tabs, are both kept, and the later one counts.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple


class Came(NamedTuple):
    """One entry of a person: its id, when it came, and the id of the entry that it corrects."""

    id: str
    received_at: datetime
    amends: str | None


def superseded(entries: Iterable[Came]) -> frozenset[str]:
    """The ids of the entries that do not count any more."""
    last: dict[str, Came] = {}
    gone = set()
    for one in sorted((one for one in entries if one.amends), key=lambda one: (one.received_at, one.id)):
        if one.amends in last:
            gone.add(last[one.amends].id)  # type: ignore[index]
        last[one.amends] = one  # type: ignore[index]
    return frozenset(gone | last.keys())


def firsts(entries: Iterable[Came]) -> Mapping[str, str]:
    """The id of each entry that corrects another -> that of the entry that was written first."""
    amended = {one.id: one.amends for one in entries if one.amends}

    def first(id: str) -> str:
        seen = {id}
        while (before := amended.get(id)) is not None and before not in seen:
            seen.add(before)
            id = before
        return id

    return {id: first(id) for id in amended}
