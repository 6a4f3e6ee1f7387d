"""Who responded: the cumulative curve and the rates of 30 % and 50 % (IMMPACT), after so many weeks."""

from studyportal.charts.responders import Reached, responder_curve
from studyportal.research.disclosure import ProtectedCell, ProtectedTable, Row, percentage
from studyportal.research.results.baseline import baseline_of
from studyportal.research.results.cohort import HOW_SHARES, INTERVAL, Cohort, Finding, ranged
from studyportal.research.results.course import weekly_numbers
from studyportal.research.results.following import following
from studyportal.research.snapshot.codebook import ReleasedItem, phrase
from studyportal.statistics.by_person import over_all, within
from studyportal.statistics.change import CURVE, MODERATE, SUBSTANTIAL, responses
from studyportal.statistics.estimates import Numbers, share
from studyportal.statistics.retention import falling

# Trials of chronic pain last 12 weeks as a rule (Dworkin et al. 2008); the outcome is the mean of the last four of
# them.
UNTIL, WEEKS = 12, 4
LOST = "Who has no outcome counts as not having responded."
LOST_OR_LATE = "Who has no outcome, or for whom these weeks are still to come, counts as not having responded."
NAMED = {MODERATE: "moderate", SUBSTANTIAL: "substantial"}


def responders(cohort: Cohort, item: ReleasedItem, *, until: int = UNTIL) -> Finding:
    """The curve of an item of which less is better, such as pain."""
    assert item.minimum is not None
    snapshot, began = cohort.snapshot, baseline_of(cohort.snapshot, item)
    followed = following(snapshot)
    baseline = within(began.values, followed.weeks >= until) if followed.is_known else began.values
    found = responses(baseline, _outcome(cohort, item, until), foot=item.minimum)
    curve = found.curve()
    asked, having, *fell = cohort.counts([found.asked, found.asked & ~found.without_outcome, *curve.values()])
    counts = dict(zip(curve, fell, strict=True))
    shown = [per_cent for per_cent, count in counts.items() if count.value is not None]
    # A group that is part of another can be shown larger, because each is protected by itself; shares never rise.
    smooth = dict(zip(shown, falling([counts[one].value for one in shown]), strict=True))  # type: ignore[misc]
    rows, points = [], []
    for per_cent, count in counts.items():
        part = smooth.get(per_cent)
        fallen = ProtectedCell(part, count.text)
        known = None if part is None or not asked.value else share(min(part, asked.value), asked.value)
        ends = (None, None) if known is None else (100 * known.low, 100 * known.high)
        rows.append(
            Row(
                f"{per_cent} % or more" + (f" ({NAMED[per_cent]})" if per_cent in NAMED else ""),
                (count, percentage(fallen, asked), ranged(*ends, unit=" %"), percentage(fallen, having)),
            )
        )
        points.append(Reached(per_cent, known and 100 * known.value, count.text, *ends, named=NAMED.get(per_cent, "")))
    title = phrase(item.ask, f"reduction from the beginning to weeks {until - WEEKS + 1} to {until}")
    heads = ("Reduction", "People", f"Of all {asked.text}, %", INTERVAL, f"Of the {having.text} with an outcome, %")
    picture = responder_curve(
        points, title=title, of=f"Share of {asked.text} people, %", interval=INTERVAL,
        note=f"{LOST if followed.is_known else LOST_OR_LATE} The band is Wilson's 95 % interval. A gap is a share that is not shown.",
    )  # fmt: skip
    says = (
        f"How many of the {asked.text} people with a beginning above the foot of the scale ({began.words}) fell by so much or more by weeks "
        f"{until - WEEKS + 1} to {until}: at least 30 % is a moderate, at least 50 % a substantial improvement (Dworkin et al. 2008). "
        f"{LOST} "
        + (
            "People for whom these weeks were still to come are not counted, those who stopped taking part before them are."
            if followed.is_known
            else "This snapshot does not hold when somebody began, so people for whom these weeks are still to come count so as well: the true share "
            "lies between the two columns."
        )
    )
    method = f"{snapshot.engine.method} {HOW_SHARES}"
    return Finding(ProtectedTable(title, heads, tuple(rows), method), (picture,), says)


def _outcome(cohort: Cohort, item: ReleasedItem, until: int) -> Numbers:
    """Each person's mean of the weekly means of the outcome's weeks."""
    weeks = weekly_numbers(cohort.snapshot, item)
    return over_all(
        [weeks[week] for week in range(until - WEEKS + 1, until + 1) if week in weeks], places=cohort.places
    )


assert set(NAMED) <= set(CURVE)
