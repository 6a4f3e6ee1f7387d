"""Tell how much of a diary was written, of what was due, and in which pattern it was not.

Prompts due are the denominator, not what came in. Patterns are those of Little and Rubin (2019, ch. 1): monotone, when
somebody stopped and stayed away; intermittent, when they came back after a gap.
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


def shares(answered: Counts, due: Counts, over: Counts) -> Numbers:
    """The share (0 to 1) of its prompts that each person answered in each week: a row per person, a column per week.

    `answered` has that shape, `due` the prompts of each week, `over` each person's number of weeks that are over. NaN for
    weeks that are not over, and where nothing was due. More answers than prompts are all of them.
    """
    counted = _over(over, len(due)) & (due > 0)
    return np.where(counted, np.minimum(answered, due) / np.maximum(due, 1), np.nan)


def shares_of_all(answered: Counts, due: Counts, over: Counts) -> Numbers:
    """The same over all weeks of a person that are over."""
    counted = _over(over, len(due))
    prompts = (counted * due).sum(axis=1)
    given = (counted * np.minimum(answered, due)).sum(axis=1)
    return np.divide(given, prompts, out=np.full(len(over), np.nan), where=prompts > 0)


def patterns(answered: Counts, over: Counts) -> Mapping[Missing, Members]:
    """Who has which pattern, in the weeks that are over. Who has no such week is in none; every other person is in one."""
    counted = _over(over, answered.shape[1])
    given = counted & (answered > 0)
    weeks = counted.sum(axis=1)
    wrote = given.any(axis=1)
    last = np.where(wrote, answered.shape[1] - np.argmax(given[:, ::-1], axis=1), 0)
    has_gaps, stopped = given.sum(axis=1) < last, last < weeks
    return {
        Missing.NONE: wrote & ~stopped & ~has_gaps,
        Missing.MONOTONE: wrote & stopped & ~has_gaps,
        Missing.INTERMITTENT: wrote & ~stopped & has_gaps,
        Missing.BOTH: wrote & stopped & has_gaps,
        Missing.ALL: ~wrote & (weeks > 0),
    }


def answers_by_week(person: Counts, week: Counts, *, places: int, weeks: int) -> NDArray[np.int64]:
    """How many rows each person has in each week from 1 to `weeks`: a row per person, a column per week."""
    counted = (week >= 1) & (week <= weeks)
    at = person[counted].astype(np.int64) * weeks + week[counted] - 1
    return np.bincount(at, minlength=places * weeks).reshape(places, weeks)


def _over(over: Counts, weeks: int) -> NDArray[np.bool_]:
    return np.asarray(over)[:, None] > np.arange(weeks)
