"""Tell how much of a diary was written, of what was due, and in which pattern it was not.

Prompts due are the denominator, not what came in; in a week that is not over, or was paused, none are. Patterns are
those of Little and Rubin (2019, ch. 1): monotone, when somebody stopped and stayed away; intermittent, when they came
back after a gap.
"""

from collections.abc import Mapping
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from studyportal.statistics.estimates import Members, Numbers

Counts = NDArray[np.integer]


class Missing(StrEnum):
    """Which weeks of a person are without an entry."""

    NONE = "an entry in every week"
    MONOTONE = "stopped, without a gap before"
    INTERMITTENT = "gaps, and an entry in the last week"
    BOTH = "gaps, and stopped later"
    ALL = "no entry in any week"


Asked = NDArray[np.bool_]


def shares(answered: Counts, due: Counts, asked: Asked) -> Numbers:
    """The share (0 to 1) of its prompts that each person answered in each week: a row per person, a column per week.

    `answered` has that shape, and `asked`, which says in which weeks a person was asked; `due` are the prompts of each
    week. NaN for weeks in which nobody asked them, and where nothing was due. More answers than prompts are all of
    them.
    """
    counted = asked & (due > 0)
    return np.where(counted, np.minimum(answered, due) / np.maximum(due, 1), np.nan)


def shares_of_all(answered: Counts, due: Counts, asked: Asked) -> Numbers:
    """The same over all weeks in which a person was asked."""
    prompts = (asked * due).sum(axis=1)
    given = (asked * np.minimum(answered, due)).sum(axis=1)
    return np.divide(given, prompts, out=np.full(len(asked), np.nan), where=prompts > 0)


def patterns(answered: Counts, asked: Asked) -> Mapping[Missing, Members]:
    """Who has which pattern, in the weeks in which they were asked. Who has no such week is in none; every other person
    is in one."""
    given, week = asked & (answered > 0), np.arange(1, asked.shape[1] + 1)
    wrote = given.any(axis=1)
    last = (given * week).max(axis=1, initial=0)
    missed = asked & ~given
    has_gaps, stopped = (missed & (week < last[:, None])).any(axis=1), (missed & (week > last[:, None])).any(axis=1)
    return {
        Missing.NONE: wrote & ~stopped & ~has_gaps,
        Missing.MONOTONE: wrote & stopped & ~has_gaps,
        Missing.INTERMITTENT: wrote & ~stopped & has_gaps,
        Missing.BOTH: wrote & stopped & has_gaps,
        Missing.ALL: ~wrote & asked.any(axis=1),
    }
