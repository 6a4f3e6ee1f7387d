"""In which pattern people recorded doses, as a label of what was seen; beside it, if asked, what they said they
intend."""

from collections.abc import Mapping

import numpy as np

from studyportal.charts.counts import Bar, bars
from studyportal.research.disclosure import ProtectedTable, Row, percentage
from studyportal.research.results.cohort import Cohort, Finding
from studyportal.research.snapshot.codebook import ReleasedInstrument
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.variables import Variable
from studyportal.statistics.estimates import Members
from studyportal.statistics.schedules import AGREES, FEWEST, Pattern, patterns

TITLE = "Days between doses, as recorded"


def observed_schedules(cohort: Cohort, doses: ReleasedInstrument, *, intended: Variable | None = None) -> Finding:
    """How many people have each pattern; by the values of `intended`, if that is what they were asked."""
    found = cohort.snapshot.kept(("patterns", doses.name), lambda: _patterns(cohort.snapshot, doses))
    groups = {"Cohort": cohort} | (cohort.by(intended) if intended else {})
    sizes = {name: group.size for name, group in groups.items()}
    lines = []
    cells_of = {name: group.counts(found.values()) for name, group in groups.items()}
    for place, pattern in enumerate(found):
        counts = {name: cells_of[name][place] for name in groups}
        cells = (cell for name, count in counts.items() for cell in (count, percentage(count, sizes[name])))
        lines.append(Row(pattern.capitalize(), tuple(cells)))
    heads = ("Pattern", *(head for name in groups for head in (name, f"{name}, %")))
    table = ProtectedTable(f"{TITLE}.", heads, tuple(lines), cohort.snapshot.engine.method)
    shown = [Bar(row.label, row.cells[1].value, row.cells[1].text or row.cells[0].text) for row in lines]
    picture = bars(shown, title=TITLE, measure="% of the cohort", most=100, note=f"Of {cohort.size.text} people.")
    says = (
        f"What pattern the entries of “{doses.title}” make. A pattern is named if at least {AGREES:.0%} of the gaps between dose days are its own, "
        f"from {FEWEST} dose days on; everything else is irregular. It is a label of what was seen, not of what anybody should do."
    )
    return Finding(table, (picture,), says)


def _patterns(snapshot: OpenedSnapshot, doses: ReleasedInstrument) -> Mapping[Pattern, Members]:
    rows = snapshot.rows(doses.name)
    dosed, days = (rows.column(name).to_numpy().astype(np.int64) for name in ("index", "study_day"))
    return patterns(dosed, days, places=snapshot.roll.places)
