"""Tell how many study weeks of each person are over, and in which of them they were asked, from what a snapshot holds.

A snapshot of the third format says both beside each subject. Others hold nothing of when somebody began or paused;
known to be over are then the weeks before that of somebody's last entry of any kind, and whoever stopped everything
looks like somebody who joined late. `is_known` says which, and every finding that leans on it says so in words. What is
read here is counted and never shown; how somebody paused is known of no release.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from studyportal.research.snapshot.codebook import ReleasedInstrument
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.statistics.retention import last_weeks

KNOWN = (
    "Counted are each person's study weeks that were over when the snapshot was published, or when they stopped taking part, in "
    "whole steps of four weeks. Prompts of a week that a person's own pause touched count as not due, and entries of such a week are not counted."
)
LEAST = (
    "This snapshot does not hold when somebody began. Counted are each person's weeks before that of their last entry of any "
    "kind: those are over, so every prompt in them came, and who stopped everything at once shows no gap. Nor does it hold who "
    "paused: prompts that fell into a person's own pause count as due."
)


@dataclass(frozen=True)
class Following:
    """For every place the study weeks since the start that are over, and whether that is known or only the least it can
    be.

    `asked` has a row for every place and a column for every week from 1: whether it was over while the person took
    part, and no pause touched it. `has_stopped`: whether somebody is known to take part no more.
    """

    weeks: NDArray[np.int64]
    has_stopped: NDArray[np.bool_]
    asked: NDArray[np.bool_]
    is_known: bool

    @property
    def words(self) -> str:
        return KNOWN if self.is_known else LEAST

    @cached_property
    def known_until(self) -> NDArray[np.int64]:
        """Up to which week it is known of everybody whether they go on: of who takes part, the last one in which they
        were asked, because who is in a pause may come back."""
        last_asked = (self.asked * np.arange(1, self.asked.shape[1] + 1)).max(axis=1, initial=0)
        return np.where(self.has_stopped, self.weeks, last_asked)


def following(snapshot: OpenedSnapshot) -> Following:
    """How long everybody was followed."""
    names = (one.name for one in snapshot.codebook.instruments)
    return snapshot.kept(("following", *names), lambda: _following(snapshot))


def _following(snapshot: OpenedSnapshot) -> Following:
    weeks = np.zeros(snapshot.roll.places, np.int64)
    if (said := snapshot.weeks_over) is not None:
        index, over = said.column("index").to_numpy(), np.zeros_like(weeks)
        weeks[index] = said.column("weeks_since_start").to_numpy()
        over[index] = said.column("weeks_over").to_numpy()
        asked = _over(over)
        asked[_paused(said)] = False
        return Following(weeks, over < weeks, asked, is_known=True)
    for instrument in snapshot.codebook.instruments:
        if not instrument.is_once:
            np.maximum(weeks, last_weeks_of(snapshot, instrument), out=weeks)
    weeks = np.maximum(weeks - 1, 0)
    return Following(weeks, np.zeros(len(weeks), bool), _over(weeks), is_known=False)


def _over(weeks: NDArray[np.int64]) -> NDArray[np.bool_]:
    return weeks[:, None] > np.arange(weeks.max(initial=0))


def _paused(said: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The place and the column of every week that a pause touched."""
    lists = said.column("paused_weeks").combine_chunks()
    who = said.column("index").combine_chunks().take(pc.list_parent_indices(lists))
    return who.to_numpy().astype(np.int64), pc.list_flatten(lists).to_numpy().astype(np.int64) - 1


def last_weeks_of(snapshot: OpenedSnapshot, diary: ReleasedInstrument) -> NDArray[np.int64]:
    """Everybody's last study week with an entry; 0 for who gave none."""
    found = snapshot.weekly(diary.name, None)
    return last_weeks(found.index, found.week, places=snapshot.roll.places)
