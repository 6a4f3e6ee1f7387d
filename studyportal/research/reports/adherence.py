"""Count how many prompts of a diary were answered, of those that were due by its schedule.

Counted are weeks that are known to be over and that no pause touched, as everywhere (`results.following`), also weeks
without any entry. Of a snapshot that does not say how long somebody was followed these are the weeks before that of
their last entry.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studyportal.charts import Chart
from studyportal.charts.weekly import Week, weekly_means
from studyportal.research.cohorts.pictures import ALL, GAPS
from studyportal.research.disclosure import People, ProtectedCell, ProtectedTable, Row
from studyportal.research.disclosure.ledger import WEEKS_OF_A_COURSE, spread
from studyportal.research.results.following import Following, following
from studyportal.research.snapshot.codebook import ReleasedInstrument, Rhythm
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.public import PROMPTS
from studyportal.research.snapshot.weeks import Weekly
from studyportal.statistics.adherence import shares, shares_of_all

HEAD = ("Study week", "People", "Answered, %")


def adherence(snapshot: OpenedSnapshot, people: People, instrument: ReleasedInstrument) -> ProtectedTable | None:
    """By study week, the mean share of its prompts that each of these people answered; None for an instrument whose
    prompts cannot be counted, and where too few wrote to list any week."""
    if instrument.rhythm is None:
        return None
    followed = following(snapshot)
    course = _counted(snapshot.weekly(instrument.name, None), instrument.rhythm, followed)
    about = PROMPTS.format(instrument.name)
    # Which weeks are listed depends on everybody, never on the cohort.
    listed = [
        week
        for week in range(1, course.weeks + 1)
        if course.due[week - 1]
        and _cells(snapshot, f"{about} {week}", course.share_of(week), snapshot.everybody)[0].value is not None
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
    whose = "" if followed.is_known else ", by people in the cohort who wrote again in a later week"
    caption = f"{instrument.title}: prompts answered, of those due{whose}."
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
    """For every place (row) and week from 1 (column): how many prompts were answered, and whether they were asked; how
    many prompts each week has."""

    answered: NDArray[np.int64]
    due: NDArray[np.int64]
    asked: NDArray[np.bool_]

    @property
    def weeks(self) -> int:
        return len(self.due)

    def share_of(self, week: int) -> NDArray[np.float64]:
        """Per cent by place; NaN for whom the week may not be over, or was paused."""
        one = slice(week - 1, week)
        return 100 * shares(self.answered[:, one], self.due[one], self.asked[:, one])[:, 0]

    def share_of_all(self) -> NDArray[np.float64]:
        """The same over all weeks in which they were asked."""
        return 100 * shares_of_all(self.answered, self.due, self.asked)


def _counted(entries: Weekly, rhythm: Rhythm, followed: Following) -> _Course:
    places, weeks = followed.asked.shape
    due = np.diff([rhythm.due_by(7 * week) for week in range(weeks + 1)])
    return _Course(entries.answered(places=places, weeks=weeks), due, followed.asked)


def _cells(
    snapshot: OpenedSnapshot, about: str, shares: NDArray[np.float64], people: People
) -> tuple[ProtectedCell, ProtectedCell]:
    """How many of these people have a share, and the mean of theirs."""
    counted = np.flatnonzero(~np.isnan(shares))
    of = snapshot.measured(about, counted, shares[counted], low=0, high=100)
    return snapshot.engine.count(people & snapshot.roll.people(counted)), snapshot.engine.mean(people, of)
