"""People with adverse events: by their worst grade, and by kind. Events themselves are never counted."""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow.compute as pc

from studyportal.charts.counts import Bar, bars
from studyportal.research.disclosure import ProtectedTable, Row, percentage
from studyportal.research.results.cohort import Cohort, Finding
from studyportal.research.snapshot.codebook import Codebook, ReleasedInstrument, ReleasedItem
from studyportal.statistics.estimates import Members
from studyportal.statistics.events import at_or_above, by_kind, worst

GRADE = "grade"
SEVERE = 3


def event_instruments(codebook: Codebook) -> list[ReleasedInstrument]:
    """The instruments that grade adverse events: on demand, with a choice of whole numbers called `grade`."""
    return [one for one in codebook.instruments if one.is_on_demand and graded(one) is not None]


def graded(instrument: ReleasedInstrument) -> ReleasedItem | None:
    """The item that holds the grade, if there is one."""
    found = next((one for one in instrument.items if one.name == GRADE), None)
    return found if found and found.choices and all(code.isdecimal() for code in found.choices) else None


def adverse_events(cohort: Cohort, events: ReleasedInstrument) -> Finding:
    """How many told of any event, with each grade as their worst, and with each kind at least once."""
    grade = graded(events)
    assert grade is not None, "`event_instruments` lists those that have a grade"
    rows = cohort.snapshot.rows(events.name)
    person = rows.column("index").to_numpy().astype(np.int64)
    known = rows.column(GRADE).is_valid().to_numpy()
    grades = np.where(known, pc.fill_null(rows.column(GRADE), "0").to_numpy(zero_copy_only=False).astype(np.int64), 0)
    everybody = np.ones(cohort.places, np.bool_)
    by_grade = worst(person[known], grades[known], grades=[int(code) for code in grade.choices], members=everybody)
    kinds = {
        label: pc.fill_null(rows.column(name), False).to_numpy(zero_copy_only=False).astype(np.bool_)
        for label, name in _kinds(events)
    }
    sets: dict[str, Members] = {"At least one event": at_or_above(by_grade, 1)}
    if max(by_grade) >= SEVERE:
        sets[f"At least one of grade {SEVERE} or higher"] = at_or_above(by_grade, SEVERE)
    sets |= {f"Worst grade {_label(code, grade)}": by_grade[int(code)] for code in grade.choices}
    sets |= by_kind(person, kinds, members=everybody)
    return _found(cohort, events, sets)


def _kinds(events: ReleasedInstrument) -> Iterator[tuple[str, str]]:
    """The columns of every set of codes, such as what it was, under the words of question and code."""
    for item in events.items:
        if item.kind == "yes_no" and item.label:
            yield f"{item.question} {item.label}", item.name


def _label(code: str, grade: ReleasedItem) -> str:
    words = grade.choices[code]
    return words if words.startswith(code) else f"{code}: {words}"


def _found(cohort: Cohort, events: ReleasedInstrument, sets: Mapping[str, Members]) -> Finding:
    counts = {label: cohort.count(members) for label, members in sets.items()}
    rows = tuple(Row(label, (count, percentage(count, cohort.size))) for label, count in counts.items())
    title = f"{events.title}: people with at least one"
    table = ProtectedTable(f"{title}.", ("", "People", "%"), rows, cohort.snapshot.engine.method)
    shown = [Bar(row.label, row.cells[1].value, row.cells[1].text or row.cells[0].text) for row in rows]
    note = f"Of {cohort.size.text} people. One person can be in several bars; a hidden number can be none."
    picture = bars(shown, title=title, measure="% of the cohort", note=note)
    says = (
        f"How many of the {cohort.size.text} people gave “{events.title}” at least once, by their worst grade (CTCAE) and by kind. Who gave none may not have had any, or may "
        "not have told. Whether anything they took caused it is not told here."
    )
    return Finding(table, (picture,), says)
