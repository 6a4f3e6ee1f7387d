"""The weekly course of an outcome by group, and how it changed from the beginning, with intervals."""

from collections.abc import Mapping, Sequence
from math import ceil, floor

import numpy as np

from studyportal.charts.groups import MOST, Group, courses
from studyportal.charts.weekly import Week
from studyportal.research.disclosure import Measured, ProtectedTable, Row
from studyportal.research.disclosure.ledger import WEEKS_OF_A_COURSE, spread
from studyportal.research.results.baseline import Baseline, baseline_of
from studyportal.research.results.cohort import (
    CUT_OFF,
    HOW_INTERVALS,
    INTERVAL,
    MOST_CELLS,
    Cohort,
    Finding,
    Mean,
    ask,
    said,
)
from studyportal.research.snapshot.codebook import ReleasedItem, phrase
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.variables import Variable
from studyportal.statistics.by_person import by_place
from studyportal.statistics.change import change
from studyportal.statistics.estimates import Numbers

HOW = (
    "Each person's answers of a week are averaged first, then the people, so that who writes more counts no more. Nothing is "
    "imputed: a week has those who answered in it."
)


def weekly_course(cohort: Cohort, item: ReleasedItem, *, by: Variable | None = None, is_whole: bool = False) -> Finding:
    """The mean of every study week, drawn on the whole scale if `is_whole`. `item` is a number with limits, asked again
    and again."""
    low, high = _limits(item)
    weeks = weekly_numbers(cohort.snapshot, item)
    title = phrase(item.ask, f"by week{_each(by)}")
    says = f"The mean of “{item.ask}” in each study week, of the {cohort.size.text} people of the cohort. {HOW}"
    cells = {week: Measured(f"{item.address} {week} mean", values, low, high) for week, values in weeks.items()}
    return _found(
        cohort, cells, by=by, title=title, measure=item.scale or "Mean", says=says, is_change=False, is_whole=is_whole
    )


def weekly_change(cohort: Cohort, item: ReleasedItem, *, by: Variable | None = None, is_whole: bool = False) -> Finding:
    """The mean of every week's difference from each person's own beginning; of those only who have both."""
    low, high = _limits(item)
    began: Baseline = baseline_of(cohort.snapshot, item)
    weeks = {
        week: change(began.values, values)
        for week, values in weekly_numbers(cohort.snapshot, item).items()
        if week >= began.first_week
    }
    title = phrase(item.ask, f"change from the beginning{_each(by)}")
    says = (
        f"How “{item.ask}” differs in each study week from the beginning ({began.words}), within each person; below 0 it is "
        f"lower than at the beginning. {CUT_OFF} {HOW}"
    )
    most = (high - low) / 2
    cells = {week: Measured(f"{item.address} change {week}", values, -most, most) for week, values in weeks.items()}
    return _found(
        cohort, cells, by=by, title=title, measure="Change, points", says=says, is_change=True, is_whole=is_whole
    )


def weekly_numbers(snapshot: OpenedSnapshot, item: ReleasedItem) -> Mapping[int, Numbers]:
    """Every person's own mean in every week with any answer."""
    found = snapshot.weekly(item.instrument, item.name)
    return {week: by_place(rows.index, rows.mean, places=snapshot.roll.places) for week, rows in found.each()}


def _each(by: Variable | None) -> str:
    return f", for each answer to “{by.title}”" if by else ""


def _limits(item: ReleasedItem) -> tuple[float, float]:
    assert item.minimum is not None and item.maximum is not None, "only numbers with limits have a mean"
    return item.minimum, item.maximum


def _found(
    cohort: Cohort,
    weeks: Mapping[int, Measured],
    *,
    by: Variable | None,
    title: str,
    measure: str,
    says: str,
    is_change: bool,
    is_whole: bool,
) -> Finding:
    groups = cohort.by(by)
    listed = _listed(cohort, weeks, groups=len(groups))
    ask([*groups.values()], (~np.isnan(weeks[week].values) for week in listed))
    found = {name: _means(group, [weeks[week] for week in listed]) for name, group in groups.items()}
    rows = [
        Row(f"Week {week}", (said(name), *one.cells)) if by else Row(f"Week {week}", one.cells)
        for name, means in found.items()
        for week, one in zip(listed, means, strict=True)
    ]
    heads = ("Study week", *(("Group",) if by else ()), "People", "Mean", INTERVAL)
    method = f"{cohort.snapshot.engine.method} {HOW_INTERVALS}"
    lines = [
        Group(
            name,
            [
                Week(week, one.mean.value, one.low, one.high, one.people.text)
                for week, one in zip(listed, means, strict=True)
            ],
        )
        for name, means in found.items()
    ]
    drawn = [one for one in lines if any(week.mean is not None for week in one.weeks)][:MOST]
    left_out = (
        f" The picture has {len(drawn)} of {len(lines)} groups, the table all." if len(drawn) < len(lines) else ""
    )
    low, high = next(((of.low, of.high) for of in weeks.values()), (0.0, 10.0))
    bottom, top = (low, high) if is_whole else _scale(drawn, low, high, is_change=is_change)
    part = (
        f" The axis shows {bottom:g} to {top:g} of {low:g} to {high:g}."
        if not is_change and (bottom, top) != (low, high)
        else ""
    )
    picture = courses(
        drawn, title=title, measure=measure, low=bottom, high=top,
        middle=0 if is_change else None, interval=INTERVAL,
        note=f"Bands are 95 % intervals. A gap is a week whose number is not shown.{part}{left_out}",
    )  # fmt: skip
    return Finding(ProtectedTable(title, heads, tuple(rows), method), (picture,), says)


def _means(group: Cohort, weeks: Sequence[Measured]) -> list[Mean]:
    """One deviation for all weeks: a week's own would be as many more protected numbers."""
    deviation = group.deviation(*weeks)
    return [group.measured(one, deviation=deviation) for one in weeks]


def _listed(cohort: Cohort, weeks: Mapping[int, Measured], *, groups: int) -> list[int]:
    """Of the weeks that are shown of everybody, as many as a course lists, evenly spread."""
    counts = cohort.everybody.counts(~np.isnan(of.values) for of in weeks.values())
    shown = [week for week, count in zip(weeks, counts, strict=True) if count.value is not None]
    return list(spread(shown, min(WEEKS_OF_A_COURSE, MOST_CELLS // groups)))


def _scale(groups: Sequence[Group], low: float, high: float, *, is_change: bool) -> tuple[float, float]:
    """Half of the scale or more, so that no small difference looks large; of a change, which has two sides, as much as
    is shown to both."""
    shown = [
        one for group in groups for week in group.weeks for one in (week.low, week.high, week.mean) if one is not None
    ]
    if is_change:
        reach = min(high, float(np.ceil(max([*map(abs, shown), 1.0]))))
        return -reach, reach
    step = (high - low) / 10
    least, most = (floor(min(shown) / step), ceil(max(shown) / step)) if shown else (0, 10)
    first, last = round(low / step), round(high / step)
    while most - least < (last - first) / 2:
        least, most = max(first, least - 1), min(last, most + 1)
    return least * step, most * step
