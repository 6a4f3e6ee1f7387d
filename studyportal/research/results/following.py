"""Tell how many study weeks of each person are over, from what a snapshot holds.

Snapshots that say it have a column `weeks_over` beside each subject. Others hold nothing of when somebody began; known to be
over are then the weeks before that of somebody's last entry of any kind, and whoever stopped everything looks like somebody
who joined late. `is_known` says which, and every finding that leans on it says so in words.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studyportal.research.snapshot.codebook import ReleasedInstrument
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.statistics.retention import last_weeks

COLUMN = "weeks_over"


@dataclass(frozen=True)
class Following:
    """For every place the study weeks that are over, and whether that is known or only the least it can be."""

    weeks: NDArray[np.int64]
    is_known: bool

    @property
    def words(self) -> str:
        if self.is_known:
            return "Counted are each person's study weeks that were over when the snapshot was published."
        return (
            "This snapshot does not hold when somebody began. Counted are each person's weeks before that of their last entry of any "
            "kind: those are over, so every prompt in them was due, and who stopped everything at once shows no gap."
        )


def following(snapshot: OpenedSnapshot) -> Following:
    """How long everybody was followed."""
    weeks = np.zeros(snapshot.roll.places, np.int64)
    if COLUMN in snapshot.subjects.column_names:
        weeks[snapshot.index] = snapshot.subjects.column(COLUMN).to_numpy()
        return Following(weeks, is_known=True)
    for instrument in snapshot.codebook.instruments:
        if not instrument.is_once:
            np.maximum(weeks, last_weeks_of(snapshot, instrument), out=weeks)
    return Following(np.maximum(weeks - 1, 0), is_known=False)


def last_weeks_of(snapshot: OpenedSnapshot, diary: ReleasedInstrument) -> NDArray[np.int64]:
    """Everybody's last study week with an entry; 0 for who gave none."""
    found = snapshot.weekly(diary.name, None)
    return last_weeks(found.index, found.week, places=snapshot.roll.places)
