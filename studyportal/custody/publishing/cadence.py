"""Say whether a snapshot may be published now. Pure.

Two snapshots shortly after each other, or with few people between them, tell of those few: what changed is theirs.
So at most monthly, and only if nobody or at least 30 participants joined or left since the last one.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from studyportal.web.words import day

BETWEEN = timedelta(days=30)
FEWEST_CHANGES = 30

# The named ways around the rule, as the auditor reads them. None is the default.
EXCEPTIONS: Mapping[str, str] = {
    "correction": "An error in the last snapshot is worse than what the difference tells.",
    "demonstration": "The data are synthetic; nobody can be harmed.",
}


@dataclass(frozen=True, slots=True)
class Last:
    """The snapshot before: when it was published, the disclosure indices in it, and how many were erased from it
    since."""

    published_at: datetime
    indices: AbstractSet[int]
    erased: int


@dataclass(frozen=True, slots=True)
class Ruling:
    """How many would join and leave, and the sentences that speak against publishing (none: it may be)."""

    joined: int
    left: int
    objections: tuple[str, ...]

    @property
    def may_publish(self) -> bool:
        return not self.objections


def ruling(last: Last | None, indices: AbstractSet[int], newcomers: int, *, now: datetime) -> Ruling:
    """Judge a snapshot of the subjects `indices` and of `newcomers` people who have no index yet."""
    if last is None:
        return Ruling(len(indices) + newcomers, 0, ())
    joined, left = len(indices - last.indices) + newcomers, len(last.indices - indices) + last.erased
    objections = []
    if now - last.published_at < BETWEEN:
        earliest = last.published_at + BETWEEN
        objections.append(f"The last snapshot is less than a month old; the next is due on {day(earliest)}.")
    if 0 < joined + left < FEWEST_CHANGES:
        objections.append(
            f"Fewer than {FEWEST_CHANGES} participants joined or left since the last snapshot; what changed would be theirs."
        )
    return Ruling(joined, left, tuple(objections))
