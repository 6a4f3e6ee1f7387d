"""Make one protected table of a cohort. Every number comes from the engine, percentages from shown numbers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate

from studyportal.errors import Invalid
from studyportal.research.cohorts.measures import Measure
from studyportal.research.disclosure import People, ProtectedCell, ProtectedTable, Row, percentage
from studyportal.research.disclosure.cells import EMPTY
from studyportal.research.disclosure.ledger import WEEKS_OF_A_COURSE, spread
from studyportal.research.snapshot.codebook import Codebook, ReleasedInstrument, phrase
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.weeks import Weekly

# Facts on disclosure: a page of at most 8 chosen items, a table of at most 120 cells.
MOST_MEASURES = 8
MOST_CELLS = 120
# More courses are not read in a report.
MOST_COURSES = 12
# So much is in the report of a cohort, items as far as they cost so much together: with its steps it costs 40 of the
# ledger at most.
COURSES_OF_COHORT, ITEMS_OF_COHORT, PROMPTS_OF_COHORT = 2, 12, 1
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


def is_everybody(snapshot: OpenedSnapshot, people: People) -> bool:
    """Whether everybody was asked about. Criteria that happen to let all in are a cohort: a table that looked otherwise
    for them would say exactly that nobody is left out."""
    return people is snapshot.everybody


def _caption(title: str, what: str, snapshot: OpenedSnapshot, people: People) -> str:
    return phrase(title, f"{what}the {snapshot.engine.count(people).text} people in the cohort.", between=": ")


def _distribution(snapshot: OpenedSnapshot, people: People, measure: Measure) -> ProtectedTable:
    """How many gave each answer, beside everybody in the snapshot; of a number also the mean."""
    engine, variable = snapshot.engine, measure.variable
    assert variable is not None
    groups = [people] if is_everybody(snapshot, people) else [people, snapshot.everybody]
    totals = engine.counts(groups)
    rows = [Row("Everybody", tuple(cell for total in totals for cell in (total, percentage(total, total))))]
    cells_of = [engine.counts([having & group for having in snapshot.sets(variable).values()]) for group in groups]
    for place, code in enumerate(snapshot.sets(variable)):
        counts = [cells[place] for cells in cells_of]
        cells = (
            cell for count, total in zip(counts, totals, strict=True) for cell in (count, percentage(count, total))
        )
        rows.append(Row(variable.labels[code], tuple(cells)))
    if variable.has_mean:
        means = [_mean_given_once(snapshot, group, variable.item) for group in groups]
        rows.append(Row(MEAN, tuple(cell for mean in means for cell in (mean, EMPTY))))
    head = ("Cohort", "Cohort, %", "All", "All, %")[: 2 * len(groups)]
    beside = f", beside all {totals[1].text} in the snapshot" if len(groups) > 1 else ""
    caption = _caption(measure.title, "", snapshot, people).removesuffix(".") + beside + "."
    return ProtectedTable(caption, (measure.title, *head), tuple(rows), engine.method)


def _mean_given_once(snapshot: OpenedSnapshot, people: People, item) -> ProtectedCell:  # type: ignore[no-untyped-def]
    of = snapshot.measured(item.address, snapshot.index, snapshot.numbers(item), low=item.minimum, high=item.maximum)
    return snapshot.engine.mean(people, of)


def _weekly_mean(snapshot: OpenedSnapshot, people: People, measure: Measure) -> ProtectedTable:
    """Who answered in each week, and the mean of their weekly means."""
    item, engine = measure.item, snapshot.engine
    assert item is not None
    low, high = float(item.minimum), float(item.maximum)  # type: ignore[arg-type]

    def asked(rows: Weekly) -> list[People]:
        return [people & snapshot.roll.people(rows.index)]

    def cells(name: str, rows: Weekly) -> tuple[ProtectedCell, ...]:
        (having,) = asked(rows)
        means = snapshot.measured(f"{name} mean", rows.index, rows.mean, low=low, high=high)
        return engine.count(having), engine.mean(people, means)

    what = f"{item.scale}. Mean of the weekly means of "
    caption = _caption(item.ask, what, snapshot, people)
    return _by_week(snapshot, people, measure, caption, ("People", "Mean"), asked, cells)


def _weekly_yes(snapshot: OpenedSnapshot, people: People, measure: Measure) -> ProtectedTable:
    """Who answered in each week, and how many of them said yes at least once."""
    item = measure.item
    assert item is not None

    def asked(rows: Weekly) -> list[People]:
        return _answering(snapshot, people, rows)

    def cells(name: str, rows: Weekly) -> tuple[ProtectedCell, ...]:
        return _yes(snapshot, people, rows)

    caption = _caption(item.ask, "yes at least once in the week, of ", snapshot, people)
    return _by_week(snapshot, people, measure, caption, ("People", "Yes", "Yes, %"), asked, cells)


def yes_at_all(snapshot: OpenedSnapshot, people: People, measure: Measure) -> Row:
    """Who answered a yes-or-no question of a diary at all, and how many of them said yes at least once."""
    assert measure.item is not None
    everybody = snapshot.weekly(measure.instrument.name, measure.item.name)
    return Row("All weeks", _yes(snapshot, people, everybody.by_person))


def was_answered(snapshot: OpenedSnapshot, measure: Measure) -> bool:
    """Whether enough people of the whole snapshot answered a question of a diary for a number to be shown."""
    assert measure.item is not None
    if measure.form == "ever":
        people = snapshot.roll.any_of(snapshot.ever(measure.item).values())
    else:
        people = snapshot.roll.people(snapshot.weekly(measure.instrument.name, measure.item.name).by_person.index)
    return snapshot.engine.count(people).value is not None


def reported(snapshot: OpenedSnapshot, known: Mapping[str, Measure], *, is_cohort: bool) -> Mapping[str, Measure]:
    """What a report tells of, in the protocol's order; of a cohort the first courses, and before other items those that
    describe people."""
    courses = courses_of(snapshot, known.values())
    items = [one for one in known.values() if one.form != "weekly_mean"]
    if is_cohort:
        describing = [one for one in items if one.variable and one.variable.item and one.variable.item.quasi_identifier]
        first = [*describing, *(one for one in items if one not in describing)]
        # Of a yes or no question of the diary a report has no weeks, so that each of its parts is an item.
        costs = accumulate(len(one.parts) for one in first)
        items = [one for one, cost in zip(first, costs, strict=True) if cost <= ITEMS_OF_COHORT]
        courses = courses[:COURSES_OF_COHORT]
    return {name: one for name, one in known.items() if one in courses or one in items}


def prompted(codebook: Codebook, *, is_cohort: bool) -> Sequence[ReleasedInstrument]:
    """The instruments of which a report tells how fully people wrote; of a cohort the first."""
    found = [one for one in codebook.instruments if one.rhythm is not None]
    return found[:PROMPTS_OF_COHORT] if is_cohort else found


def courses_of(snapshot: OpenedSnapshot, known: Iterable[Measure]) -> Sequence[Measure]:
    """The weekly means that a report draws: the first that enough people of the whole snapshot answered."""
    found = [one for one in known if one.form == "weekly_mean" and was_answered(snapshot, one)]
    return found[:MOST_COURSES]


def _yes(snapshot: OpenedSnapshot, people: People, rows: Weekly) -> tuple[ProtectedCell, ...]:
    answered, yes = snapshot.engine.counts(_answering(snapshot, people, rows))
    return answered, yes, percentage(yes, answered)


def _answering(snapshot: OpenedSnapshot, people: People, rows: Weekly) -> list[People]:
    """Those who answered, and those who said yes."""
    return [people & snapshot.roll.people(index) for index in (rows.index, rows.index[rows.mean > 0])]


def _by_week(
    snapshot: OpenedSnapshot,
    people: People,
    measure: Measure,
    caption: str,
    head: tuple[str, ...],
    asked: Callable[[Weekly], list[People]],
    cells: Callable[[str, Weekly], tuple[ProtectedCell, ...]],
) -> ProtectedTable:
    """`asked` says of whom a week counts, of the rows of everybody; `cells` gets a name for what is measured and these
    rows."""
    item = measure.item
    assert item is not None
    everybody = snapshot.weekly(measure.instrument.name, item.name)
    # Which weeks are listed depends on everybody, never on the cohort.
    listed = spread(_shown_weeks(snapshot, everybody), WEEKS_OF_A_COURSE)
    # All at once, so that what is new is kept in one transaction.
    snapshot.engine.counts([one for _, rows in listed for one in asked(rows)])
    rows = [Row("All weeks", cells(item.address, everybody.by_person))]
    rows += [Row(f"Week {week}", cells(f"{item.address} {week}", found)) for week, found in listed]
    return ProtectedTable(caption, ("Study week", *head), tuple(rows), snapshot.engine.method)


def _shown_weeks(snapshot: OpenedSnapshot, everybody: Weekly) -> Sequence[tuple[int, Weekly]]:
    weeks = [*everybody.each()]
    cells = snapshot.engine.counts([snapshot.roll.people(rows.index) for _, rows in weeks])
    return [week for week, cell in zip(weeks, cells, strict=True) if cell.value is not None]


def _ever(snapshot: OpenedSnapshot, people: People, measure: Measure) -> ProtectedTable:
    """How many gave each answer at least once; one person can be in several rows."""
    item, engine = measure.item, snapshot.engine
    assert item is not None
    given = {code: having & people for code, having in snapshot.ever(item).items()}
    answered, *counts = engine.counts([snapshot.roll.any_of(given.values()), *given.values()])
    rows = [Row("Answered at all", (answered, percentage(answered, answered)))]
    for code, count in zip(given, counts, strict=True):
        rows.append(Row(item.choices[code], (count, percentage(count, answered))))
    caption = _caption(item.ask, "who gave each answer at least once, of ", snapshot, people)
    return ProtectedTable(caption, (measure.title, "People", "%"), tuple(rows), engine.method)


FORMS: Mapping[str, Callable[[OpenedSnapshot, People, Measure], ProtectedTable]] = {
    "distribution": _distribution,
    "ever": _ever,
    "weekly_mean": _weekly_mean,
    "weekly_yes": _weekly_yes,
}
