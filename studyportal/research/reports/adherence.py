"""Count how many prompts of a diary were answered, of those that were due by its schedule.

A snapshot does not hold the day on which somebody began, so how long ago that was cannot be told from it. Known to be over
are a person's weeks before that of their last entry: every prompt in them was due, also in weeks without any entry. Those
weeks are counted, and no other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studyportal.charts import Chart
from studyportal.charts.weekly import Week, weekly_means
from studyportal.research.cohorts.pictures import ALL, GAPS
from studyportal.research.disclosure import People, ProtectedCell, ProtectedTable, Row
from studyportal.research.disclosure.ledger import WEEKS_OF_A_COURSE, spread
from studyportal.research.snapshot.codebook import ReleasedInstrument, Rhythm
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.public import PROMPTS
from studyportal.research.snapshot.weeks import Weekly

HEAD = ("Study week", "People", "Answered, %")


def adherence(snapshot: OpenedSnapshot, people: People, instrument: ReleasedInstrument) -> ProtectedTable | None:
    """By study week, the mean share of its prompts that each of these people answered; None for an instrument whose
    prompts cannot be counted, and where too few wrote to list any week."""
    if instrument.rhythm is None:
        return None
    course = _counted(snapshot.weekly(instrument.name, None), instrument.rhythm, snapshot.roll.places)
    about = PROMPTS.format(instrument.name)
    # Which weeks are listed depends on everybody, never on the cohort.
    listed = [
        week
        for week in range(1, course.weeks + 1)
        if course.due[week] and _cells(snapshot, f"{about} {week}", course.share_of(week), snapshot.everybody)[0].value is not None
    ]
    if not listed:
        return None
    listed = spread(listed, WEEKS_OF_A_COURSE)
    # All at once, so that what is new is kept in one transaction.
    snapshot.engine.counts(
        [people & snapshot.roll.people(np.flatnonzero(~np.isnan(course.share_of(week)))) for week in listed]
    )
    rows = [Row("All weeks", _cells(snapshot, about, course.share_of_all(), people))]
    rows += [Row(f"Week {week}", _cells(snapshot, f"{about} {week}", course.share_of(week), people)) for week in listed]
    caption = (
        f"{instrument.title}: prompts answered, of those due, by people in the cohort who wrote again in a later week."
    )
    return ProtectedTable(caption, HEAD, tuple(rows), snapshot.engine.method)


def adherence_picture(instrument: ReleasedInstrument, found: ProtectedTable) -> Chart:
    """The shares over the weeks."""
    weeks = [
        Week(int(row.label.rpartition(" ")[2]), row.cells[1].value, people=row.cells[0].text)
        for row in found.rows[ALL:]
    ]
    title = f"{instrument.title}: prompts answered, of those due"
    return weekly_means(weeks, title=title, measure="Mean of the people, %", low=0, high=100, note=GAPS)


@dataclass(frozen=True)
class _Course:
    """For every place and week: how many prompts were answered; how many are due in each week; each place's last week."""

    answered: NDArray[np.int64]
    due: NDArray[np.int64]
    last: NDArray[np.int64]

    @property
    def weeks(self) -> int:
        return len(self.due) - 1

    def share_of(self, week: int) -> NDArray[np.float64]:
        """Per cent by place; NaN for whom the week may not be over."""
        return np.where(self.last > week, 100 * self.answered[:, week] / self.due[week], np.nan)

    def share_of_all(self) -> NDArray[np.float64]:
        """The same over all weeks that are over."""
        over = self.last[:, None] > np.arange(self.weeks + 1)
        due = (over * self.due).sum(axis=1)
        with np.errstate(invalid="ignore"):
            return np.where(due > 0, 100 * (over * self.answered).sum(axis=1) / due, np.nan)


def _counted(entries: Weekly, rhythm: Rhythm, places: int) -> _Course:
    weeks = max(entries.weeks, default=0)
    due = np.diff([0, *(rhythm.due_by(7 * week) for week in range(weeks + 1))])
    answered, last = np.zeros((places, weeks + 1), np.int64), np.zeros(places, np.int64)
    # An earlier version of the study may have asked more often than the newest one does.
    answered[entries.index, entries.week] = np.minimum(entries.answers, due[entries.week])
    np.maximum.at(last, entries.index, entries.week)
    return _Course(answered, due, last)


def _cells(
    snapshot: OpenedSnapshot, about: str, shares: NDArray[np.float64], people: People
) -> tuple[ProtectedCell, ProtectedCell]:
    """How many of these people have a share, and the mean of theirs."""
    counted = np.flatnonzero(~np.isnan(shares))
    of = snapshot.measured(about, counted, shares[counted], low=0, high=100)
    return snapshot.engine.count(people & snapshot.roll.people(counted)), snapshot.engine.mean(people, of)
