"""Turn protected tables into pictures: each point is a cell that may be shown, a cell that may not is a gap. Pure."""

from collections.abc import Callable, Mapping, Sequence

from studyportal.charts import Chart
from studyportal.charts.counts import Bar, bars, next_ten
from studyportal.charts.flow import Step, flow
from studyportal.charts.weekly import Week, weekly_means
from studyportal.research.cohorts.measures import Measure
from studyportal.research.cohorts.tables import MEAN
from studyportal.research.disclosure import ProtectedCell, ProtectedTable, Row

# Rows over the answers and over the weeks: of everybody, of all weeks.
ALL = 1
LEFT_NOTE = "Numbers are blurred and rounded; how much, the page and the report of the cohort say."
GAPS = "A gap is a week whose number is not shown."
SHARE = "% of the cohort"


def picture(measure: Measure, found: ProtectedTable, *, is_whole: bool = False) -> Chart:
    """The picture of one measure's table; shares reach to 100 % if `is_whole`, else a little beyond the largest."""
    return PICTURES[measure.form](measure, found, is_whole)


def left(found: ProtectedTable, *, title: str) -> Chart:
    """How many are left after each criterion, as boxes."""
    return flow([Step(row.label, row.cells[0].text) for row in found.rows], title=title, note=LEFT_NOTE)


def _distribution(measure: Measure, found: ProtectedTable, is_whole: bool) -> Chart:
    shown = [row for row in found.rows[ALL:] if row.label != MEAN]
    whole = found.rows[0].cells
    beside = f" The marks are all {whole[2].text} in the snapshot." if len(whole) > 2 else ""
    return _shares(measure, shown, SHARE, f"Of {whole[0].text} people.{beside}", is_whole)


def _ever(measure: Measure, found: ProtectedTable, is_whole: bool) -> Chart:
    note = f"Of {found.rows[0].cells[0].text} people who answered. One person can be in several bars."
    return _shares(measure, found.rows[ALL:], "% of those who answered", note, is_whole)


def _shares(measure: Measure, rows: Sequence[Row], share: str, note: str, is_whole: bool) -> Chart:
    items = [
        Bar(row.label, row.cells[1].value, _words(row.cells), row.cells[3].value if len(row.cells) > 3 else None)
        for row in rows
    ]
    beside = "Everybody, %" if any(len(row.cells) > 3 for row in rows) else ""
    most = 100 if is_whole else next_ten(*(one.value for one in items), *(one.beside for one in items))
    return bars(items, title=measure.title, measure=share, beside=beside, most=most, note=note)


def _words(cells: Sequence[ProtectedCell]) -> str:
    """The share; the count's own words where there is none."""
    return cells[1].text or cells[0].text


def _weekly_mean(measure: Measure, found: ProtectedTable, is_whole: bool) -> Chart:
    item = measure.item
    assert item is not None and item.minimum is not None and item.maximum is not None
    return weekly_means(
        _weeks(found), title=item.ask, measure=item.scale or "Mean", low=item.minimum, high=item.maximum, note=GAPS
    )


def _weekly_yes(measure: Measure, found: ProtectedTable, is_whole: bool) -> Chart:
    assert measure.item is not None
    said = "Yes at least once, %"
    weeks = _weeks(found)
    most = 100 if is_whole else next_ten(*(week.mean for week in weeks))
    return weekly_means(weeks, title=measure.item.ask, measure=said, low=0, high=most, note=GAPS)


def _weeks(found: ProtectedTable) -> Sequence[Week]:
    """The people and the number that is drawn, of each week."""
    return [
        Week(int(row.label.rpartition(" ")[2]), row.cells[-1].value, people=row.cells[0].text)
        for row in found.rows[ALL:]
    ]


# One for each of `tables.FORMS`.
PICTURES: Mapping[str, Callable[[Measure, ProtectedTable, bool], Chart]] = {
    "distribution": _distribution,
    "ever": _ever,
    "weekly_mean": _weekly_mean,
    "weekly_yes": _weekly_yes,
}
