"""Who goes on giving entries, week by week: of those who were followed so long, where a snapshot says who was.

Who stopped taking part goes on counting, as one who writes no more. Who is in a pause counts up to the week before it:
they were not asked since, and may come back. Where a snapshot does not say who was followed, of all who ever wrote: a
curve that falls with those who stopped and with those who joined late, so that the share that goes on is at least that
one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studyportal.charts.retention import Left, retained
from studyportal.research.disclosure import ProtectedCell, ProtectedTable, Row
from studyportal.research.disclosure.cells import EMPTY
from studyportal.research.disclosure.ledger import WEEKS_OF_A_COURSE, spread
from studyportal.research.results.cohort import HOW_SHARES, INTERVAL, Cohort, Finding, ranged
from studyportal.research.results.following import following, last_weeks_of
from studyportal.research.snapshot.codebook import ReleasedInstrument
from studyportal.statistics.estimates import Estimate, Members, share
from studyportal.statistics.retention import falling, still_writing

KNOWN = "Still writing, % of those followed"
LEAST = "Still writing, % of all"
BAND = "The band is Wilson's 95 % interval."
# Those who still wrote are then nearly those who were followed, and have their number.
FEW = "A few dozen who stopped can show as none, because two groups that hardly differ have one number."
LATE = "It falls also with those who joined too late to have come so far."


@dataclass(frozen=True, slots=True)
class _Week:
    """One week's numbers: who was followed so long, and who of them still wrote."""

    followed: ProtectedCell
    writing: ProtectedCell


def retention(cohort: Cohort, diary: ReleasedInstrument) -> Finding:
    """The share of those who ever wrote in `diary` who gave an entry of it in each week or a later one."""
    followed, last = following(cohort.snapshot), last_weeks_of(cohort.snapshot, diary)
    ever = last > 0
    sets = {
        week: ever & (followed.known_until >= week) if followed.is_known else ever
        for week in range(1, int((followed.known_until if followed.is_known else last).max(initial=0)) + 1)
    }
    listed = _listed(cohort, sets, last)
    known_of = cohort.counts(listed.values())
    writing = cohort.counts(still_writing(last, week, members=members) for week, members in listed.items())
    weeks = {week: _Week(*cells) for week, *cells in zip(listed, known_of, writing, strict=True)}
    shares = _shares(weeks)
    rows, points = [], []
    for week, found in weeks.items():
        known = shares.get(week)
        ends = (100 * known.low, 100 * known.high) if known and followed.is_known else (None, None)
        per_cent = ProtectedCell(round(100 * known.value), f"{100 * known.value:.0f} %") if known else EMPTY
        rows.append(Row(f"Week {week}", (found.followed, found.writing, per_cent, ranged(*ends, unit=" %"))))
        below = found.followed if followed.is_known else found.writing
        points.append(Left(week, known and 100 * known.value, below.text, *ends))
    title = f"{diary.title}: who goes on"
    heads = ("Study week", "Followed" if followed.is_known else "Ever wrote", "Still writing", "%", INTERVAL)
    method = f"{cohort.snapshot.engine.method} {HOW_SHARES}"
    picture = retained(
        points, title=title, measure=KNOWN if followed.is_known else LEAST, interval=INTERVAL,
        followed="Followed" if followed.is_known else "Writing",
        note=f"{BAND if followed.is_known else LATE} A gap is a week whose number is not shown. {FEW}",
    )  # fmt: skip
    says = (
        f"Of the {cohort.count(ever).text} people of the cohort who ever gave “{diary.title}”, how many did so in each week or a later one. "
        + (
            "Each week has those whose week was over when the snapshot was published, in whole steps of four weeks (the reduced sample of "
            "Kaplan and Meier 1958), also those who stopped taking part. Who was in a pause at the end counts up to the week before it, "
            "because prompts of a person's own pause are not due. "
            if followed.is_known
            else "This snapshot does not hold when somebody began, so the curve falls with those who stopped and with those who joined too "
            "late to have come so far: the share that goes on is at least this one. "
        )
        + "Those who withdrew with their answers are in no snapshot."
    )
    return Finding(ProtectedTable(f"{title}.", heads, tuple(rows), method), (picture,), says)


def _listed(cohort: Cohort, sets: Mapping[int, Members], last: np.ndarray) -> Mapping[int, Members]:
    """Of the weeks that are shown of everybody, as many as a course lists, evenly spread."""
    counts = cohort.everybody.counts(still_writing(last, week, members=members) for week, members in sets.items())
    shown = [week for week, count in zip(sets, counts, strict=True) if count.value is not None]
    return {week: sets[week] for week in spread(shown, WEEKS_OF_A_COURSE)}


def _shares(weeks: Mapping[int, _Week]) -> Mapping[int, Estimate]:
    """The share that goes on, which never rises, where both numbers are shown."""
    known = {
        week: (min(one.writing.value, one.followed.value), one.followed.value)
        for week, one in weeks.items()
        if one.writing.value is not None and one.followed.value
    }
    smooth = falling([part / whole for part, whole in known.values()], [float(whole) for _, whole in known.values()])
    return {week: share(part * whole, whole) for (week, (_, whole)), part in zip(known.items(), smooth, strict=True)}
