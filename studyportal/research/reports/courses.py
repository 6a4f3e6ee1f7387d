"""Turn protected tables into pictures: each point is a cell that may be shown, a cell that may not is a gap."""

from studyportal.charts import Chart
from studyportal.charts.counts import Bar, bars
from studyportal.charts.weekly import Week, weekly_means
from studyportal.research.cohorts.measures import Measure
from studyportal.research.disclosure import ProtectedTable

ALL_WEEKS = 1  # rows before the first week


def course(measure: Measure, found: ProtectedTable) -> Chart:
    """The weekly means of one question; `found` is its table (people, answers and mean by week)."""
    item = measure.item
    assert item is not None and item.minimum is not None and item.maximum is not None
    weeks = [
        Week(int(row.label.rpartition(" ")[2]), row.cells[2].value, people=row.cells[0].text)
        for row in found.rows[ALL_WEEKS:]
    ]
    return weekly_means(weeks, title=item.ask, measure=item.scale or "Mean", low=item.minimum, high=item.maximum)


def left(found: ProtectedTable, *, title: str) -> Chart:
    """How many are left after each criterion."""
    return bars(
        [Bar(row.label, row.cells[0].value, row.cells[0].text) for row in found.rows], title=title, measure="People"
    )
