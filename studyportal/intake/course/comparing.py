"""Hold the days on which somebody noted something beside their other days: for that person alone, with how sure it is.
Pure.

The days of one person hang together from one to the next, so that the usual interval would be too narrow. Whole weeks
are left out in turn instead (jackknife over blocks: Shao & Tu 1995, The Jackknife and Bootstrap, chapters 2 and 9), and
the spread of the differences that remain gives an interval of 95 per cent, with the t distribution of one less than the
weeks. It tells chance from more than chance. It cannot tell a cause: who takes something chooses the day.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import fsum, sqrt
from statistics import NormalDist, fmean

from studyportal.charts.daily import WEEK, DailyCourse, Mean, Measure, mean_of
from studyportal.protocol import Protocol
from studyportal.saying import said

# Below these, one day more or less turns the answer round. Our own choice: twice the five points for each phase that
# reviews of single-case designs ask for (What Works Clearinghouse, Standards Handbook 4.1), and six weeks to leave one
# out of.
FEWEST_DAYS, FEWEST_WEEKS = 10, 6
_DAY = timedelta(days=1)
_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Difference:
    """How much higher (or, below 0, lower) the days with it are than the others; `low` to `high` fits what was
    written."""

    value: float
    low: float
    high: float

    @property
    def may_be_chance(self) -> bool:
        return self.low <= 0 <= self.high

    @property
    def words(self) -> str:
        """The same for the person: "0.4 lower. Anything from 1.0 lower to 0.2 higher fits: it may well be chance."."""
        words = {"value": _said_first(self.value), "low": _aside(self.low), "high": _aside(self.high)}
        if self.may_be_chance:
            return said("%(value)s. Anything from %(low)s to %(high)s fits: it may well be chance.", **words)
        return said(
            "%(value)s. Anything from %(low)s to %(high)s fits: more than chance, but why, this cannot tell.", **words
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure: on the days with it, on the days after those, on all others; no difference where the days are too
    few."""

    measure: Measure
    noted: Mean
    after: Mean
    others: Mean
    difference: Difference | None


def _aside(value: float) -> str:
    if abs(value) < 0.05:
        return said("no difference")
    return said("%(by)s higher", by=value) if value > 0 else said("%(by)s lower", by=-value)


def _said_first(value: float) -> str:
    """The same at the beginning of a sentence."""
    return said("No difference") if abs(value) < 0.05 else _aside(value)


def compared_titles(protocol: Protocol) -> Sequence[str]:
    """The titles of what is compared: what is noted when it happens, and asked about again some time after."""
    followed = {one.schedule.after for one in protocol.instruments.values() if one.schedule.after}
    return [
        one.title for one in protocol.instruments.values() if one.name in followed and one.on_demand and one.in_diary
    ]


def compared(course: DailyCourse, title: str) -> Sequence[Comparison]:
    """Each measure of the picture, by the days on which `title` was noted; empty where it never was."""
    noted = {one.day for name, found in course.events if name == title for one in found}
    return [_compared(measure, dict(found), noted) for measure, found in course.drawn.items()] if noted else []


def _compared(measure: Measure, answers: Mapping[date, float], noted: Collection[date]) -> Comparison:
    after = {day for day in answers if day - _DAY in noted and day not in noted}
    on = {day: value for day, value in answers.items() if day in noted}
    others = {day: value for day, value in answers.items() if day not in noted and day not in after}
    return Comparison(
        measure,
        mean_of(on.values()),
        mean_of(answers[day] for day in after),
        mean_of(others.values()),
        _difference(on, others),
    )


def _difference(on: Mapping[date, float], others: Mapping[date, float]) -> Difference | None:
    blocks = sorted({_block(day) for day in (*on, *others)})
    if min(len(on), len(others)) < FEWEST_DAYS or len(blocks) < FEWEST_WEEKS:
        return None
    without = []
    for block in blocks:
        rest = [[value for day, value in days.items() if _block(day) != block] for days in (on, others)]
        if not all(rest):  # all of one kind lie in one week: nothing is left to compare
            return None
        without.append(fmean(rest[0]) - fmean(rest[1]))
    value, centre, count = fmean(on.values()) - fmean(others.values()), fmean(without), len(blocks)
    error = sqrt((count - 1) / count * fsum((one - centre) ** 2 for one in without))
    reach = quantile(count - 1) * error
    return Difference(value, value - reach, value + reach)


def _block(day: date) -> int:
    return day.toordinal() // WEEK


def quantile(freedom: int) -> float:
    """The 97.5 per cent point of Student's t (Abramowitz & Stegun 1964, 26.7.5; to 0.005 from 5 degrees of freedom
    on)."""
    z, n = _Z, freedom
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
    )
