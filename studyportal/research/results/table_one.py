"""Table 1: what the people of a cohort are like, up to eight items at a time; not having answered is an answer."""

from collections.abc import Iterator, Mapping, Sequence

from studyportal.errors import Invalid
from studyportal.research.disclosure import Measured, ProtectedCell, ProtectedTable, Row, percentage
from studyportal.research.disclosure.cells import EMPTY
from studyportal.research.results.cohort import MOST_CELLS, Cohort, Finding, ask, said
from studyportal.research.snapshot.variables import Variable
from studyportal.statistics.by_person import by_place

MOST_ITEMS = 8
MEAN = "Mean (standard deviation)"


def table_one(cohort: Cohort, variables: Sequence[Variable], *, by: Variable | None = None) -> Finding:
    """A row for each answer of each item, beside each other for the values of `by`. Raises `Invalid` for too much at
    once."""
    groups = {"Cohort": cohort} | (cohort.by(by) if by else {})
    if len(variables) > MOST_ITEMS:
        raise Invalid(f"Table 1 holds {MOST_ITEMS} items at most. Choose fewer.")
    if len(groups) * sum(len(one.labels) for one in variables) > MOST_CELLS:
        raise Invalid(
            f"A table holds {MOST_CELLS} groups of people at most. Choose fewer items, or divide by one with fewer answers."
        )
    columns = [*groups.values()]
    ask(columns, [cohort.members, *(members for one in variables for members in cohort.asked_of(one).values())])
    sizes = {name: group.size for name, group in groups.items()}
    everybody = Row("People", (EMPTY, *(cell for size in sizes.values() for cell in (size, percentage(size, size)))))
    rows = [everybody, *(row for variable in variables for row in _rows(groups, sizes, variable))]
    heads = ("Item", "Answer", *(head for name in groups for head in (name, f"{name}, %")))
    words = f"The people of the cohort at the beginning{f', for each answer to “{by.title}”' if by else ''}."
    table = ProtectedTable(words, heads, tuple(rows), cohort.snapshot.engine.method)
    says = (
        f"What the {cohort.size.text} people of the cohort told at the beginning. Percentages are of all people of the column, also of "
        "those who did not answer."
    )
    return Finding(table, (), says)


def _rows(groups: Mapping[str, Cohort], sizes: Mapping[str, ProtectedCell], variable: Variable) -> Iterator[Row]:
    answers = next(iter(groups.values())).asked_of(variable)
    for label, members in answers.items():
        counts = {name: group.count(members) for name, group in groups.items()}
        cells = (cell for name, count in counts.items() for cell in (count, percentage(count, sizes[name])))
        yield Row(variable.title, (said(label), *cells))
    if variable.has_mean:
        cells = (cell for group in groups.values() for cell in (_mean(group, variable), EMPTY))
        yield Row(variable.title, (said(MEAN), *cells))


def _mean(group: Cohort, variable: Variable) -> ProtectedCell:
    item = variable.item
    assert item is not None and item.minimum is not None and item.maximum is not None
    values = by_place(group.snapshot.index, group.snapshot.numbers(item), places=group.places)
    of = Measured(item.address, values, item.minimum, item.maximum)
    mean, deviation = group.mean(of), group.deviation(of)
    return mean if deviation is None else ProtectedCell(mean.value, f"{mean.text} ({deviation:#.2g})")
