"""Find where somebody began: the same question asked once, or the first study week of the diary.

Neither is "before treatment": people come into the study with what they take, and decide for themselves when.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studyportal.research.snapshot.codebook import Codebook, ReleasedItem
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.statistics.by_person import by_place
from studyportal.statistics.estimates import Numbers

FIRST_WEEK = 1


@dataclass(frozen=True)
class Baseline:
    """Everybody's value at the beginning, what it is in words, and the first week that can be compared with it."""

    values: Numbers
    words: str
    first_week: int


def baseline_of(snapshot: OpenedSnapshot, item: ReleasedItem) -> Baseline:
    """The beginning of a diary item."""
    places = snapshot.roll.places
    once = given_once(snapshot.codebook, item)
    if once is not None:
        title = next(one.title for one in snapshot.codebook.instruments if one.name == once.instrument)
        values = by_place(snapshot.index, snapshot.numbers(once), places=places)
        return Baseline(values, f"the same question in “{title}”", FIRST_WEEK)
    weeks = dict(snapshot.weekly(item.instrument, item.name).each())
    first = weeks.get(FIRST_WEEK)
    values = np.full(places, np.nan) if first is None else by_place(first.index, first.mean, places=places)
    return Baseline(values, "the mean of study week 1", FIRST_WEEK + 1)


def given_once(codebook: Codebook, item: ReleasedItem) -> ReleasedItem | None:
    """The same item where it is asked once: of the same name, and on the same scale."""
    once: Mapping[str, ReleasedItem] = {
        one.name: one for instrument in codebook.instruments if instrument.is_once for one in instrument.items
    }
    found = once.get(item.name)
    if found is None or (found.kind, found.minimum, found.maximum) != (item.kind, item.minimum, item.maximum):
        return None
    return found
