"""Find the people of a cohort, and show how many remain after each criterion (STROBE 13)."""

from collections.abc import Iterator
from functools import reduce

from studyportal.research.cohorts.criteria import Criteria, Criterion
from studyportal.research.disclosure import People, ProtectedTable, Row
from studyportal.research.snapshot.opened import OpenedSnapshot


def selected(snapshot: OpenedSnapshot, criteria: Criteria) -> People:
    """Everybody in the snapshot who meets all criteria and is not left out. A set, not a number: only the engine may
    look into it."""
    *_, (_, people) = _steps(snapshot, criteria)
    return people


def attrition(snapshot: OpenedSnapshot, criteria: Criteria) -> ProtectedTable:
    """How many are left after each criterion, in the order of the protocol; every number protected."""
    engine, steps = snapshot.engine, [*_steps(snapshot, criteria)]
    cells = engine.counts([people for _, people in steps])
    rows = tuple(Row(words, (cell,)) for (words, _), cell in zip(steps, cells, strict=True))
    return ProtectedTable("Who is in, step by step.", ("Criterion", "People left"), rows, engine.method)


def _steps(snapshot: OpenedSnapshot, criteria: Criteria) -> Iterator[tuple[str, People]]:
    people = snapshot.everybody
    yield "In the snapshot, sharing agreed", people
    for rule in criteria.rules:
        people = people & _keeping(snapshot, rule)
        yield rule.words, people
    if criteria.without:
        yield (
            criteria.words_of_without,
            people - reduce(People.__and__, (_keeping(snapshot, rule) for rule in criteria.without)),
        )


def _keeping(snapshot: OpenedSnapshot, rule: Criterion) -> People:
    sets = snapshot.sets(rule.variable)
    return snapshot.roll.any_of(sets[value] for value in rule.values)
