"""Say which blocks a page or a report publishes, and which of them are free for all. Made from the questions alone."""

from collections.abc import Iterable, Iterator, Mapping

from studyportal.research.cohorts.criteria import Criteria
from studyportal.research.cohorts.measures import Measure, measures
from studyportal.research.cohorts.tables import courses_of
from studyportal.research.disclosure.ledger import Block
from studyportal.research.disclosure.query import Rules
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.public import PROMPTS

# How a measure counts: its course week by week, or one item of a table.
KINDS: Mapping[str, str] = {"distribution": "item", "ever": "item", "weekly_mean": "course", "weekly_yes": "course"}


def rules_of(criteria: Criteria) -> Rules:
    return tuple((rule.variable.name, rule.values) for rule in criteria.rules)


def steps(number: int, criteria: Criteria) -> Iterator[Block]:
    """How many are left after each criterion."""
    rules = rules_of(criteria)
    for last in range(len(rules) + 1):
        yield Block(number, rules[:last], "step")


def page(number: int, criteria: Criteria, chosen: Iterable[Measure]) -> list[Block]:
    """What the page of a cohort publishes."""
    rules = rules_of(criteria)
    shown = (Block(number, rules, KINDS[one.form], one.name) for one in chosen)  # type: ignore[arg-type]
    return [*steps(number, criteria), *shown]


def report(snapshot: OpenedSnapshot, criteria: Criteria) -> list[Block]:
    """What a report publishes: the courses that it draws and how fully people wrote, and of everything else one number a question."""
    number, rules, known = snapshot.number, rules_of(criteria), measures(snapshot.codebook).values()
    items = (Block(number, rules, "item", one.name) for one in known if one.form != "weekly_mean")
    drawn = (Block(number, rules, "course", one.name) for one in courses_of(snapshot, known))
    prompts = (one for one in snapshot.codebook.instruments if one.rhythm is not None)
    written = (Block(number, rules, "course", PROMPTS.format(one.name)) for one in prompts)
    return [*steps(number, criteria), *items, *drawn, *written]


def is_free(block: Block, *, courses: frozenset[str]) -> bool:
    """Whether it was worked out for all: every margin of everybody, and the courses of everybody that are public."""
    if block.kind == "step":
        # One answer of one question is a cell of its margin.
        return not block.rules or (len(block.rules) == 1 and len(block.rules[0][1]) == 1)
    return not block.rules and (block.kind == "item" or block.about in courses)
