"""Say which blocks a page or a report publishes, and which of them are free for all. Made from the questions alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from studyportal.research.cohorts.catalogue import BY, Division, Result
from studyportal.research.cohorts.criteria import Criteria, as_rules
from studyportal.research.cohorts.measures import measures
from studyportal.research.cohorts.request import Asked
from studyportal.research.cohorts.tables import prompted, reported
from studyportal.research.disclosure.bins import Bin
from studyportal.research.disclosure.ledger import Block, Kind
from studyportal.research.disclosure.query import Rules
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.public import PROMPTS


def block(number: int, criteria: Criteria, kind: Kind, about: str) -> Block:
    """One partition over the whole cohort."""
    return Block(number, as_rules(criteria.rules), kind, about, as_rules(criteria.without))


def steps(number: int, criteria: Criteria) -> Iterator[Block]:
    """How many are left after each criterion, and in the end."""
    rules = as_rules(criteria.rules)
    for last in range(len(rules) + 1):
        yield Block(number, rules[:last], "step")
    if criteria.without:
        yield block(number, criteria, "step", "")


def results(number: int, criteria: Criteria, chosen: Iterable[Result], divided: Division) -> list[Block]:
    """What these results publish."""
    return [block(number, criteria, *part) for one in chosen for part in one.parts(divided)]


def opening(asked: Asked) -> list[Block]:
    """All that the page of a question publishes: how many are left, and its results."""
    number = asked.snapshot.number
    return [*steps(number, asked.criteria), *results(number, asked.criteria, asked.results, asked.division)]


def report(snapshot: OpenedSnapshot, criteria: Criteria) -> list[Block]:
    """What a report publishes: the courses that it draws and how fully people wrote, and of everything else one number
    a question."""
    number, is_cohort = snapshot.number, not criteria.is_everybody
    told = reported(snapshot, measures(snapshot.codebook), is_cohort=is_cohort).values()
    # Of a yes or no question of the diary a report has no weeks.
    shown = (
        block(number, criteria, "item" if one.form == "weekly_yes" else kind, name)
        for one in told
        for kind, name in one.parts
    )
    prompts = prompted(snapshot.codebook, is_cohort=is_cohort)
    written = (block(number, criteria, "course", PROMPTS.format(one.name)) for one in prompts)
    return [*steps(number, criteria), *shown, *written]


def unopened(number: int, criteria: Criteria) -> Block:
    """One of these people that nobody can open: its price says what is used for them by now."""
    return block(number, criteria, "course", "")


def is_free(block: Block, *, courses: frozenset[str], bins: Mapping[str, Sequence[Bin]]) -> bool:
    """Whether it was worked out for all: each margin and bin of everybody, and the courses that are public."""
    if block.kind == "step":
        return not block.without and _is_public(block.rules, bins)
    # What is divided is no margin.
    is_public = block.about in courses or (block.kind == "item" and BY not in block.about)
    return not block.rules and not block.without and is_public


def _is_public(rules: Rules, bins: Mapping[str, Sequence[Bin]]) -> bool:
    """Whether they let everybody in, or those of one bin."""
    return not rules or (len(rules) == 1 and all(values in bins[name] for name, values in rules))
