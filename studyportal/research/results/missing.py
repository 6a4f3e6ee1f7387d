"""How much of a diary is there: the share of its prompts that were answered, item by item and week by week, and the
pattern of what is missing.

Counted are weeks that are known to be over and that no pause touched (`following`), and no other: what nobody can know,
or asked for, is not called missing.
"""

from collections.abc import Sequence

import numpy as np

from studyportal.charts.counts import Bar, bars
from studyportal.charts.tiles import Line, tiles
from studyportal.errors import Invalid
from studyportal.research.disclosure import Measured, ProtectedCell, ProtectedTable, Row, percentage
from studyportal.research.disclosure.ledger import WEEKS_OF_A_COURSE, spread
from studyportal.research.results.cohort import Cohort, Finding
from studyportal.research.results.following import Following, following
from studyportal.research.snapshot.codebook import ReleasedInstrument, ReleasedItem
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.statistics.adherence import patterns, shares

ANY = "Any entry"


def missing_by_week(cohort: Cohort, diary: ReleasedInstrument, items: Sequence[ReleasedItem]) -> Finding:
    """The mean share of prompts to which people answered each of these items; `items` are numbers or yes and no."""
    snapshot = cohort.snapshot
    followed = following(snapshot)
    due = _due(diary, followed.asked.shape[1])
    lines = {ANY: _shares(snapshot, diary, None, due, followed)}
    lines |= {item.ask: _shares(snapshot, diary, item, due, followed) for item in items}
    weeks = _listed(cohort, lines[ANY], due)
    cells = {
        name: [
            cohort.mean(Measured(f"{diary.name} answered {name} {week}", found[:, week - 1], 0, 1)) for week in weeks
        ]
        for name, found in lines.items()
    }
    title = f"{diary.title}: what was answered, of the prompts due"
    table = ProtectedTable(
        f"{title}, in %.",
        ("Item", *(f"Week {week}" for week in weeks)),
        tuple(Row(name, tuple(_per_cent(cell) for cell in found)) for name, found in cells.items()),
        snapshot.engine.method,
    )
    drawn = [Line(name, [_per_cent(cell).value for cell in found]) for name, found in cells.items()]  # type: ignore[misc]
    note = "The darker, the more was answered. An empty frame is a number that is not shown."
    picture = tiles(drawn, weeks, title=title, measure="Mean of the people, %", hidden="too few", note=note)
    says = (
        f"The mean share of the prompts of “{diary.title}” to which the people of the cohort gave any entry, and an answer to each item. {followed.words} "
        "An item that is asked only sometimes is answered less often."
    )
    return Finding(table, (picture,), says)


def missing_patterns(cohort: Cohort, diary: ReleasedInstrument) -> Finding:
    """How many people have gaps, and how many stopped this diary while they went on with something else."""
    snapshot, followed = cohort.snapshot, following(cohort.snapshot)
    places, weeks = followed.asked.shape
    # A week without a prompt, because the diary comes more seldom or has ended, is no gap.
    asked = followed.asked & (_due(diary, weeks) > 0)
    found = patterns(snapshot.weekly(diary.name, None).answered(places=places, weeks=weeks), asked)
    whole = cohort.count(asked.any(axis=1))
    rows = []
    for pattern, count in zip(found, cohort.counts(found.values()), strict=True):
        rows.append(Row(pattern.capitalize(), (count, percentage(count, whole))))
    title = f"{diary.title}: weeks without an entry"
    table = ProtectedTable(f"{title}.", ("Pattern", "People", "%"), tuple(rows), snapshot.engine.method)
    shown = [Bar(row.label, row.cells[1].value, row.cells[1].text or row.cells[0].text) for row in rows]
    measure = "% of those with a week that counts"
    picture = bars(shown, title=title, measure=measure, most=100, note=f"Of {whole.text} people.")
    says = f"In which weeks people gave no entry of “{diary.title}”: never, from some week on (monotone), or in between (intermittent; Little and Rubin 2019). {followed.words}"
    return Finding(table, (picture,), says)


def _due(diary: ReleasedInstrument, weeks: int) -> np.ndarray:
    if diary.rhythm is None:
        raise Invalid(
            "The prompts of this instrument cannot be counted: it comes on demand, or by months. Choose a diary."
        )
    return np.diff([diary.rhythm.due_by(7 * week) for week in range(weeks + 1)])


def _shares(
    snapshot: OpenedSnapshot, diary: ReleasedInstrument, item: ReleasedItem | None, due: np.ndarray, followed: Following
) -> np.ndarray:
    found = snapshot.weekly(diary.name, item and item.name)
    answered = found.answered(places=snapshot.roll.places, weeks=len(due))
    return shares(answered, due, followed.asked)


def _listed(cohort: Cohort, found: np.ndarray, due: np.ndarray) -> list[int]:
    """Of the weeks with prompts that are shown of everybody, as many as a course lists, evenly spread."""
    weeks = [week for week in range(1, len(due) + 1) if due[week - 1]]
    counts = cohort.everybody.counts(~np.isnan(found[:, week - 1]) for week in weeks)
    shown = [week for week, count in zip(weeks, counts, strict=True) if count.value is not None]
    return list(spread(shown, WEEKS_OF_A_COURSE))


def _per_cent(cell: ProtectedCell) -> ProtectedCell:
    if cell.value is None:
        return cell
    per_cent = round(100 * cell.value)
    return ProtectedCell(per_cent, f"{per_cent} %")
