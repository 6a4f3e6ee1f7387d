"""Who goes on giving entries, week by week, as far as a snapshot can tell.

It does not hold when somebody began, so nobody knows who could have written longer. Two things can be told: how many gave an
entry in a week or later, which falls with each who stopped and with each who came late; and a curve of those who stop one
diary while they go on with another, which is followed by what is known.
"""

import numpy as np

from studyportal.charts.retention import Left, retained
from studyportal.research.disclosure import ProtectedTable, Row, percentage
from studyportal.research.results.cohort import MOST_CELLS, Cohort, Finding
from studyportal.research.snapshot.codebook import ReleasedInstrument
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.statistics.estimates import share
from studyportal.statistics.retention import falling, last_weeks, still_writing

FIRST_WEEK = 1


def retention(cohort: Cohort, diary: ReleasedInstrument) -> Finding:
    """The share of those who ever wrote in `diary` who gave an entry of it in each week or a later one."""
    last = last_weeks_of(cohort.snapshot, diary)
    sets = {
        week: still_writing(last, week, members=last >= FIRST_WEEK) for week in range(1, int(last.max(initial=0)) + 1)
    }
    listed = [week for week, members in sets.items() if cohort.everybody.count(members).value is not None][:MOST_CELLS]
    counts = {week: cohort.count(sets[week]) for week in listed}
    shown = [week for week, count in counts.items() if count.value is not None]
    smooth = dict(zip(shown, falling([counts[week].value for week in shown]), strict=True))  # type: ignore[misc]
    whole = smooth.get(FIRST_WEEK)
    points, rows = [], []
    for week, count in counts.items():
        known = share(smooth[week], whole) if whole and week in smooth else None
        points.append(Left(week, known and 100 * known.value, count.text))
        rows.append(Row(f"Week {week}", (count, percentage(count, counts[FIRST_WEEK]))))
    title = f"{diary.title}: who still gave entries"
    table = ProtectedTable(f"{title}.", ("Study week", "People", "%"), tuple(rows), cohort.snapshot.engine.method)
    picture = retained(
        points,
        title=title,
        measure="Gave an entry in this week or later, %",
        note="A gap is a week whose number is not shown.",
    )
    ever = counts[FIRST_WEEK].text if FIRST_WEEK in counts else cohort.snapshot.engine.hidden
    says = (
        f"How many of the {ever} people of the cohort who ever gave “{diary.title}” did so in each week or a later one. A snapshot does not hold "
        "when somebody began, so the curve falls with those who stopped and with those who joined too late to have come so far: the share that goes on is at least this one. "
        "Those who withdrew with their answers are in no snapshot."
    )
    return Finding(table, (picture,), says)


def last_weeks_of(snapshot: OpenedSnapshot, diary: ReleasedInstrument) -> np.ndarray:
    """Everybody's last study week with an entry; 0 for who gave none."""
    found = snapshot.weekly(diary.name, None)
    return last_weeks(found.index, found.week, places=snapshot.roll.places)
