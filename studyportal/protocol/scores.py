"""Know the published questionnaires whose totals a study may use, and count them by their published rules.

One row per score: how its items make a total, how many of them may be missing, what the total is called, and where
that was published. Where nothing was published nothing is invented: all items are needed, and there are no labels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple


class Cutoff(NamedTuple):
    """From this value on, the published words."""

    least: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A published score over `items` answers from `low` to `high`, each a whole number, in the published order.

    The total is their sum or their mean (`combines`), from `minimum` to `maximum`. Up to `may_miss` answers may be
    missing; the average of the others stands in for each. `missing` says that in words, with where it is from.
    """

    name: str
    title: str
    items: int
    low: int
    high: int
    combines: str
    may_miss: int
    missing: str
    cutoffs: tuple[Cutoff, ...]
    source: str

    @property
    def minimum(self) -> int:
        return self.low if self.combines == "mean" else self.low * self.items

    @property
    def maximum(self) -> int:
        return self.high if self.combines == "mean" else self.high * self.items


_KROENKE_2010 = "Kroenke et al., Gen Hosp Psychiatry 2010;32:345-359, doi:10.1016/j.genhosppsych.2010.03.006"
_NONE_PUBLISHED = "All items are needed: the source publishes no rule for missing ones."

_ALL = (
    Score(
        name="PEG", title="Pain intensity and interference with enjoyment of life and general activity",
        items=3, low=0, high=10, combines="mean", may_miss=0, missing=_NONE_PUBLISHED,
        cutoffs=(),  # published for change over time only, not for a single value
        source="Krebs et al., J Gen Intern Med 2009;24:733-738, doi:10.1007/s11606-009-0981-1",
    ),
    Score(
        name="PHQ-2", title="Patient Health Questionnaire, two items: depression",
        items=2, low=0, high=3, combines="sum", may_miss=0, missing=_NONE_PUBLISHED,
        cutoffs=(Cutoff(0, "below the screening cut-off"), Cutoff(3, "screens positive for depression")),
        source="Kroenke et al., Med Care 2003;41:1284-1292, doi:10.1097/01.MLR.0000093487.78664.3C",
    ),
    Score(
        name="PHQ-8", title="Patient Health Questionnaire, eight items: depression",
        items=8, low=0, high=3, combines="sum", may_miss=0,
        missing="All items are needed: the source counts only people who answered all eight.",
        cutoffs=(
            Cutoff(0, "no significant depressive symptoms"), Cutoff(5, "mild depressive symptoms"),
            Cutoff(10, "moderate depressive symptoms"), Cutoff(15, "moderately severe depressive symptoms"),
            Cutoff(20, "severe depressive symptoms"),
        ),
        source="Kroenke et al., J Affect Disord 2009;114:163-173, doi:10.1016/j.jad.2008.06.026",
    ),
    Score(
        name="PHQ-9", title="Patient Health Questionnaire, nine items: depression",
        items=9, low=0, high=3, combines="sum", may_miss=2,
        missing="Up to two missing items are replaced by the average of the answered ones (Arrieta et al., J Clin "
        "Psychol 2017;73:1076-1090, doi:10.1002/jclp.22390); with more there is no score.",
        cutoffs=(
            Cutoff(0, "minimal depression"), Cutoff(5, "mild depression"), Cutoff(10, "moderate depression"),
            Cutoff(15, "moderately severe depression"), Cutoff(20, "severe depression"),
        ),
        source="Kroenke, Spitzer and Williams, J Gen Intern Med 2001;16:606-613, "
        "doi:10.1046/j.1525-1497.2001.016009606.x",
    ),
    Score(
        name="GAD-2", title="Generalized Anxiety Disorder scale, two items: anxiety",
        items=2, low=0, high=3, combines="sum", may_miss=0, missing=_NONE_PUBLISHED,
        cutoffs=(Cutoff(0, "below the screening cut-off"), Cutoff(3, "screens positive for anxiety")),
        source="Kroenke et al., Ann Intern Med 2007;146:317-325, doi:10.7326/0003-4819-146-5-200703060-00004; "
        f"cut-off: {_KROENKE_2010}",
    ),
    Score(
        name="GAD-7", title="Generalized Anxiety Disorder scale, seven items: anxiety",
        items=7, low=0, high=3, combines="sum", may_miss=0, missing=_NONE_PUBLISHED,
        cutoffs=(
            Cutoff(0, "minimal anxiety"), Cutoff(5, "mild anxiety"), Cutoff(10, "moderate anxiety"),
            Cutoff(15, "severe anxiety"),
        ),
        source="Spitzer et al., Arch Intern Med 2006;166:1092-1097, doi:10.1001/archinte.166.10.1092",
    ),
)  # fmt: skip

SCORES: Mapping[str, Score] = MappingProxyType({score.name: score for score in _ALL})


def score_of(name: str, values: Sequence[int | None]) -> float | None:
    """The total of the answers, in the published order, None for a missing one; None if too many are missing.

    Raises ValueError for answers that the questionnaire does not have: then something else was counted.
    """
    score = SCORES[name]
    answered = [value for value in values if value is not None]
    if len(values) != score.items or any(
        type(value) is not int or not score.low <= value <= score.high for value in answered
    ):
        raise ValueError(f"{name} is made of {score.items} whole numbers from {score.low} to {score.high}.")
    if score.items - len(answered) > score.may_miss:
        return None
    times = 1 if score.combines == "mean" else score.items
    return sum(answered) * times / len(answered)


def label_of(name: str, value: float) -> str | None:
    """The published words for a total; None if there are none."""
    labels = [cutoff.label for cutoff in SCORES[name].cutoffs if cutoff.least <= value]
    return labels[-1] if labels else None
