"""Make one protected table of a cohort. Every number comes from the engine, percentages from shown numbers."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np

from studyportal.errors import Invalid
from studyportal.research.cohorts.measures import Measure
from studyportal.research.disclosure import People, ProtectedCell, ProtectedTable, Row, percentage
from studyportal.research.disclosure.cells import EMPTY
from studyportal.research.snapshot.codebook import phrase
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.weeks import Weekly

# Facts on disclosure: a page of at most 8 chosen items, a table of at most 120 cells.
MOST_MEASURES = 8
MOST_CELLS = 120
MEAN = "Mean of those who answered"


def chosen_measures(names: Iterable[str], known: Mapping[str, Measure]) -> tuple[Measure, ...]:
    """The measures asked for, each once, in the protocol's order; raises `Invalid` for unknown or too many."""
    wanted = set(names)
    if not wanted <= set(known):
        raise Invalid("A table is asked for that this snapshot cannot give. Choose from the list.")
    if len(wanted) > MOST_MEASURES:
        raise Invalid(f"A page shows {MOST_MEASURES} tables at most. Choose fewer.")
    return tuple(measure for name, measure in known.items() if name in wanted)


def table(snapshot: OpenedSnapshot, people: People, measure: Measure) -> ProtectedTable:
    """The table of one measure for these people."""
    return FORMS[measure.form](snapshot, people, measure)


def _caption(title: str, what: str, snapshot: OpenedSnapshot, people: People) -> str:
    return phrase(title, f"{what}the {snapshot.engine.count(people).text} people in the cohort.", between=": ")


def _distribution(snapshot: OpenedSnapshot, people: People, measure: Measure) -> ProtectedTable:
    """How many gave each answer, beside everybody in the snapshot; of a number also the mean."""
    engine, variable = snapshot.engine, measure.variable
    assert variable is not None
    groups = [people] if people == snapshot.everybody else [people, snapshot.everybody]
    totals = [engine.count(group) for group in groups]
    rows = [Row("Everybody", tuple(cell for total in totals for cell in (total, percentage(total, total))))]
    for code, having in snapshot.sets(variable).items():
        counts = [engine.count(having & group) for group in groups]
        cells = (
            cell for count, total in zip(counts, totals, strict=True) for cell in (count, percentage(count, total))
        )
        rows.append(Row(variable.labels[code], tuple(cells)))
    if variable.source == "once" and variable.item and variable.item.is_number and variable.item.minimum is not None:
        means = [_mean_given_once(snapshot, group, variable.item) for group in groups]
        rows.append(Row(MEAN, tuple(cell for mean in means for cell in (mean, EMPTY))))
    head = ("Cohort", "Cohort, %", "All", "All, %")[: 2 * len(groups)]
    beside = f", beside all {totals[1].text} in the snapshot" if len(groups) > 1 else ""
    caption = _caption(measure.title, "", snapshot, people).removesuffix(".") + beside + "."
    return ProtectedTable(caption, (measure.title, *head), tuple(rows), engine.method)


def _mean_given_once(snapshot: OpenedSnapshot, people: People, item) -> ProtectedCell:  # type: ignore[no-untyped-def]
    values = snapshot.numbers(item)
    counted = people.mask[snapshot.index] & ~np.isnan(values)
    having = snapshot.roll.people(snapshot.index[counted])
    return snapshot.engine.mean(having, values[counted], low=item.minimum, high=item.maximum)


def _weekly_mean(snapshot: OpenedSnapshot, people: People, measure: Measure) -> ProtectedTable:
    """Who answered in each week, how often, and the mean of their weekly means."""
    item = measure.item
    assert item is not None

    def cells(week: Weekly) -> tuple[ProtectedCell, ...]:
        having = snapshot.roll.people(week.index)
        mean = snapshot.engine.mean(having, week.mean, low=item.minimum, high=item.maximum)  # type: ignore[arg-type]
        return snapshot.engine.count(having), snapshot.engine.total(having, week.answers), mean

    what = f"{item.scale}. Mean of the weekly means of "
    caption = _caption(item.ask, what, snapshot, people)
    return _by_week(snapshot, people, measure, caption, ("People", "Answers", "Mean"), cells)


def _weekly_yes(snapshot: OpenedSnapshot, people: People, measure: Measure) -> ProtectedTable:
    """Who answered in each week, and how many of them said yes at least once."""
    item = measure.item
    assert item is not None

    def cells(week: Weekly) -> tuple[ProtectedCell, ...]:
        answered = snapshot.engine.count(snapshot.roll.people(week.index))
        yes = snapshot.engine.count(snapshot.roll.people(week.index[week.mean > 0]))
        return answered, yes, percentage(yes, answered)

    caption = _caption(item.ask, "yes at least once in the week, of ", snapshot, people)
    return _by_week(snapshot, people, measure, caption, ("People", "Yes", "Yes, %"), cells)


def _by_week(
    snapshot: OpenedSnapshot,
    people: People,
    measure: Measure,
    caption: str,
    head: tuple[str, ...],
    cells: Callable[[Weekly], tuple[ProtectedCell, ...]],
) -> ProtectedTable:
    assert measure.item is not None
    everybody = snapshot.weekly(measure.instrument.name, measure.item.name)
    ours = everybody.of(people.mask)
    weeks = dict(ours.each())
    nobody = ours.of(snapshot.roll.nobody().mask)
    rows = [Row("All weeks", cells(ours.by_person))]
    # Which weeks are listed depends on everybody, never on the cohort.
    listed = list(_shown_weeks(snapshot, everybody))[: MOST_CELLS // len(head) - 1]
    rows += [Row(f"Week {week}", cells(weeks.get(week, nobody))) for week in listed]
    return ProtectedTable(caption, ("Study week", *head), tuple(rows), snapshot.engine.method)


def _shown_weeks(snapshot: OpenedSnapshot, everybody: Weekly) -> Iterator[int]:
    for week, rows in everybody.each():
        if snapshot.engine.count(snapshot.roll.people(rows.index)).value is not None:
            yield week


def _ever(snapshot: OpenedSnapshot, people: People, measure: Measure) -> ProtectedTable:
    """How many gave each answer at least once; one person can be in several rows."""
    item, engine = measure.item, snapshot.engine
    assert item is not None
    given = {code: having & people for code, having in snapshot.ever(item).items()}
    answered = engine.count(snapshot.roll.any_of(given.values()))
    rows = [Row("Answered at all", (answered, percentage(answered, answered)))]
    for code, having in given.items():
        count = engine.count(having)
        rows.append(Row(item.choices[code], (count, percentage(count, answered))))
    caption = _caption(item.ask, "who gave each answer at least once, of ", snapshot, people)
    return ProtectedTable(caption, (measure.title, "People", "%"), tuple(rows), engine.method)


FORMS: Mapping[str, Callable[[OpenedSnapshot, People, Measure], ProtectedTable]] = {
    "distribution": _distribution,
    "ever": _ever,
    "weekly_mean": _weekly_mean,
    "weekly_yes": _weekly_yes,
}
