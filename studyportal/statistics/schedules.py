"""Name the pattern in which somebody recorded doses, by the days between them. A label of what was seen, never advice.

The patterns that people tell of most (Fadiman 2011; Rootman et al. 2022, Sci Rep 12:11091) each have gaps of their own:
3 days from dose to dose, or 1 and now and then 4, or 2. One is named if at least `AGREES` of a person's gaps are its
own. So a skipped or forgotten day costs one gap, and not all that follow.
"""

from collections.abc import Mapping
from enum import StrEnum

import numpy as np

from studyportal.statistics.by_person import Places
from studyportal.statistics.estimates import Members


class Pattern(StrEnum):
    """What the doses of a person look like."""

    ONE_ON_TWO_OFF = "one on, two off"
    FOUR_ON_THREE_OFF = "four on, three off"
    EVERY_OTHER = "every other day"
    IRREGULAR = "irregular"
    TOO_FEW = "too few to tell"
    NONE = "no dose recorded"


# The share of gaps that must be a pattern's own, and the fewest dose days that are looked at. Of synthetic people who
# keep to nine of ten intended days and write down 95 of 100, 96 of 100 have their pattern's name after 90 days, and
# fewer than one in 100 without a pattern has one; half of the gaps would name more, and more wrongly.
AGREES, FEWEST = 0.6, 8


def patterns(dosed: Places, dosed_on: Places, *, places: int) -> Mapping[Pattern, Members]:
    """Who has which pattern; every person is in one set. `dosed_on` are study days; several doses on a day are one."""
    whose, gaps, doses = _gaps(dosed, dosed_on, places=places)
    total = np.bincount(whose, minlength=places)
    ones, twos, threes, fours = (np.bincount(whose[gaps == gap], minlength=places) for gap in (1, 2, 3, 4))
    least = AGREES * np.maximum(total, 1)
    # Of four gaps of four on, three off, one is of 4 days; between a sixth and two fifths are taken for that.
    long = (6 * fours >= ones + fours) & (5 * fours <= 2 * (ones + fours))
    enough = doses >= FEWEST
    found = {
        Pattern.ONE_ON_TWO_OFF: enough & (threes >= least),
        Pattern.FOUR_ON_THREE_OFF: enough & (ones + fours >= least) & long,
        Pattern.EVERY_OTHER: enough & (twos >= least),
    }
    named = np.logical_or.reduce(list(found.values()))
    return found | {
        Pattern.IRREGULAR: enough & ~named,
        Pattern.TOO_FEW: (doses > 0) & ~enough,
        Pattern.NONE: doses == 0,
    }


def _gaps(dosed: Places, dosed_on: Places, *, places: int) -> tuple[Places, Places, Places]:
    """Every gap with whose it is, and the number of dose days of each person."""
    # There is no study day 0, so the days before day 1 move up.
    days = np.where(dosed_on < 0, dosed_on + 1, dosed_on).astype(np.int64)
    days -= days.min(initial=0)
    span = int(days.max(initial=0)) + 1
    taken = np.unique(dosed.astype(np.int64) * span + days)
    who = taken // span
    same = who[1:] == who[:-1]
    return who[1:][same], np.diff(taken)[same], np.bincount(who, minlength=places)
