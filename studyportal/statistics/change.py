"""Tell how outcomes changed from the beginning, and who responded, as IMMPACT recommends (Dworkin et al. 2008, J Pain
9:105).

A reduction of at least 30 % from baseline is moderate and of at least 50 % substantial; the whole curve over all
reductions is shown with them, because no single line between responders and others is right (Farrar, Dworkin, Max
2006, J Pain Symptom Manage 31:369). Its rule is kept: **whoever has a baseline and no outcome is a non-responder.** Who
has no baseline, or one at the foot of the scale, from which nothing can fall, is not asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from studyportal.statistics.estimates import Members, Numbers

MODERATE, SUBSTANTIAL = 30, 50
CURVE = tuple(range(0, 101, 10))
# 10 to 7 is a reduction of 30 %, whatever a computer makes of 0.3.
_ROUNDING = 1e-9


def change(baseline: Numbers, later: Numbers) -> Numbers:
    """Later minus baseline; NaN for who lacks one of the two."""
    return later - baseline


@dataclass(frozen=True)
class Responses:
    """`asked` are those who count; `reduction` is in per cent of the baseline, NaN without an outcome, below 0 for a
    rise."""

    asked: Members
    reduction: Numbers

    def at_least(self, per_cent: float) -> Members:
        """Whose outcome fell by so much or more."""
        with np.errstate(invalid="ignore"):
            return self.asked & (self.reduction >= per_cent - _ROUNDING)

    @property
    def without_outcome(self) -> Members:
        """Who counts as not having responded because there is no outcome."""
        return self.asked & np.isnan(self.reduction)

    def curve(self, per_cents: Iterable[float] = CURVE) -> Mapping[float, Members]:
        """Who fell by each share or more: each set holds the next."""
        return {one: self.at_least(one) for one in per_cents}


def responses(baseline: Numbers, later: Numbers, *, foot: float = 0.0) -> Responses:
    """How everybody's outcome changed on a scale on which less is better, and which begins at `foot`."""
    above = baseline - foot
    with np.errstate(invalid="ignore", divide="ignore"):
        asked = above > 0
        reduction = np.where(asked, 100 * (baseline - later) / np.where(asked, above, 1.0), np.nan)
    return Responses(asked, reduction)
