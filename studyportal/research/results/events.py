"""People with adverse events: by their worst grade, and by kind. Events themselves are never counted."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow.compute as pc

from studyportal.charts.counts import Bar, bars
from studyportal.research.disclosure import ProtectedTable, Row, percentage
from studyportal.research.results.cohort import Cohort, Finding
from studyportal.research.snapshot.codebook import Codebook, ReleasedInstrument, ReleasedItem
from studyportal.statistics.by_person import anybody
from studyportal.statistics.estimates import Members
from studyportal.statistics.events import at_or_above, by_kind, worst

GRADE, SEVERE = "grade", 3
SHARE = "% of the cohort"


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
        for label, name in kinds_of(events)
    }
    grades_of = {"At least one event": anybody(person, places=cohort.places)}
    if max(by_grade) >= SEVERE:
        grades_of[f"Grade {SEVERE} or higher"] = at_or_above(by_grade, SEVERE)
    grades_of |= {f"{_label(code, grade)}, at worst": by_grade[int(code)] for code in grade.choices}
    return _found(cohort, events, grades_of, by_kind(person, kinds, members=everybody))


def kinds_of(events: ReleasedInstrument) -> Iterator[tuple[str, str]]:
    """The columns of every set of codes, such as what it was, under the words of question and code."""
    for item in events.items:
        if item.kind == "yes_no" and item.label:
            yield f"{item.question} {item.label}", item.name


def _label(code: str, grade: ReleasedItem) -> str:
    """The grade in short words: what comes before the explanation."""
    return f"Grade {code}: {grade.choices[code].removeprefix(f'{code}: ').partition(':')[0].lower()}"


def _found(
    cohort: Cohort, events: ReleasedInstrument, grades: Mapping[str, Members], kinds: Mapping[str, Members]
) -> Finding:
    by_grade, by_kind_of = (_rows(cohort, sets) for sets in (grades, kinds))
    title = f"{events.title}: people with at least one"
    table = ProtectedTable(f"{title}.", ("", "People", "%"), (*by_grade, *by_kind_of), cohort.snapshot.engine.method)
    note = f"Of {cohort.size.text} people; a number that is not shown can be none."
    pictures = [bars(_bars(by_grade), title=f"{title}, by grade", measure=SHARE, most=_end(by_grade), note=note)]
    # Of many kinds most are rare; a row of bars that cannot be drawn would hide those that can.
    if shown := [row for row in by_kind_of if row.cells[0].value is not None]:
        more = (
            f" One person can be in several bars. {len(kinds) - len(shown)} more kinds are in the table, not shown."
            if len(shown) < len(kinds)
            else ""
        )
        pictures.append(
            bars(_bars(shown), title=f"{title}, by kind", measure=SHARE, most=_end(shown), note=f"{note}{more}")
        )
    says = (
        f"How many of the {cohort.size.text} people gave “{events.title}” at least once, by their worst grade (CTCAE) and by kind. Who gave none may not "
        "have had any, or may not have told. Whether anything they took caused it is not told here."
    )
    return Finding(table, tuple(pictures), says)


def _rows(cohort: Cohort, sets: Mapping[str, Members]) -> list[Row]:
    counts = dict(zip(sets, cohort.counts(sets.values()), strict=True))
    return [Row(label, (count, percentage(count, cohort.size))) for label, count in counts.items()]


def _bars(rows: Sequence[Row]) -> list[Bar]:
    return [Bar(row.label, row.cells[1].value, row.cells[1].text or row.cells[0].text) for row in rows]


def _end(rows: Sequence[Row]) -> int:
    """The end of the axis: the next ten per cent, because few events are few also to the eye."""
    return 10 * max(1, *(-(-int(row.cells[1].value or 0) // 10) for row in rows))
