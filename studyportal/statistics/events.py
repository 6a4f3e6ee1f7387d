"""Count people with adverse events, never events: by their worst grade (CTCAE 1 to 5), and by kind."""

from collections.abc import Mapping, Sequence

import numpy as np

from studyportal.statistics.by_person import Places, anybody
from studyportal.statistics.estimates import Members


def worst(person: Places, grade: Places, *, grades: Sequence[int], members: Members) -> Mapping[int, Members]:
    """Who of `members` had each grade as their worst; 0 for who told of no event. Every person is in one set."""
    highest = np.zeros(len(members), np.int64)
    np.maximum.at(highest, person, grade)
    return {one: members & (highest == one) for one in (0, *grades)}


def by_kind(person: Places, kinds: Mapping[str, Members], *, members: Members) -> Mapping[str, Members]:
    """Who of `members` had each kind at least once; one person can be in several sets. `kinds` says which rows are of
    it."""
    return {kind: members & anybody(person[rows], places=len(members)) for kind, rows in kinds.items()}


def at_or_above(found: Mapping[int, Members], grade: int) -> Members:
    """Whose worst grade is this one or a higher one."""
    sets = [members for one, members in found.items() if one >= grade]
    return np.logical_or.reduce(sets) if sets else np.zeros_like(next(iter(found.values())))
