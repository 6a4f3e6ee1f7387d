"""Count how many published sets anybody can be in, so that even somebody who knows every other record stays slow.

The ledger looks at questions and never at people. A block counts for everybody whom its criteria could let in, by how
many looks it gives at one person's unknown answer: numbers that are blurred by themselves and move if that answer is
another. One in the ledger is two looks, so 50 are a hundred; the results are measured against that (decision 0013).

- A step shows one set, and counts one.
- An item of a table is a partition of its cohort. If the item is unknown, two of its cells move; if whether somebody is in the
  cohort is, one cell. It counts one, also if it stands in a table of eight; the mean of a number counts one more, and its deviation
  another. Where people give several answers, as in a diary, every two rows count one.
- A course shows, of `WEEKS_OF_A_COURSE` weeks and all together, a number of people and a mean or another number of people: two looks
  each. It counts eight.

What a cohort costs is the most that any combination of answers would then have in all. That is at
least what any one person has, and it is the same whoever answered what: with a count for each person, a refusal would
say that somebody is in fifty sets that one person alone could all be in (right every time, after 51 questions).

Nor does the ledger say who has a cohort's answers: a block costs the same if nobody is in it. What was opened once is
free, also after others had opened it; another snapshot is another set.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from studyportal.errors import NotAllowed
from studyportal.research.disclosure.protection import Protection
from studyportal.research.disclosure.query import Rules

# A course lists so many weeks at most. That of everybody as well: it is free, and the ledger would not hold what more
# of them tell.
WEEKS_OF_A_COURSE = 8
# So many steps are taken to find the most; beyond, all that is left counts as being together, which is never too
# little.
_STEPS = 500

# Who is left after a criterion; the course of one item, week by week; one item as a part of a table.
Kind = Literal["step", "course", "item"]
COUNTS: Mapping[Kind, int] = {"step": 1, "item": 1, "course": 8}


Listed = TypeVar("Listed")


class LedgerSpent(NotAllowed):
    """What is asked would tell too much of somebody, whoever that is: a reviewer decides."""


class StudySpent(NotAllowed):
    """The same for all projects together: nobody can allow it."""


@dataclass(frozen=True, slots=True)
class Block:
    """One partition over one fixed cohort: `about` is its item, "" for the cohort itself. Those who keep all rules of
    `without` are not in the cohort; who could be in it is taken from `rules` alone, which is never too few."""

    snapshot: int
    rules: Rules
    kind: Kind
    about: str = ""
    without: Rules = ()


@dataclass(frozen=True, slots=True)
class Price:
    """What a page costs before it is opened; what is used for its people by now, and would be then, of how much: in the
    project and in all."""

    units: int
    before: int
    used: int
    most: int
    used_of_all: int
    most_of_all: int

    @property
    def is_within(self) -> bool:
        """Whether nobody has to allow it. What costs nothing was opened before, also where a review had allowed it."""
        return self.units == 0 or (self.used <= self.most and self.may_be_reviewed)

    @property
    def may_be_reviewed(self) -> bool:
        """Whether a review could allow it: what all projects may open together is the end for everybody."""
        return self.used_of_all <= self.most_of_all

    @property
    def words(self) -> str:
        """The price for a page: the same for all cohorts that were asked for in the same way."""
        return f"Opening this costs {self.units} in the ledger of the project, where {self.before} of {self.most} are used for these people."

    @property
    def refusal(self) -> str:
        """What is said where the ledger does not hold this, whatever was asked for and whoever is in it."""
        return SPENT if self.may_be_reviewed else SPENT_BY_ALL

    def check(self) -> None:
        """Raise `LedgerSpent` if a reviewer has to decide, `StudySpent` if nobody can allow it."""
        if not self.is_within:
            raise (LedgerSpent if self.may_be_reviewed else StudySpent)(self.refusal)

    def check_allowed(self, reach: int) -> None:
        """The same where a reviewer allowed the project to reach so much for these people. Raises what `check` does."""
        if self.units and not self.may_be_reviewed:
            raise StudySpent(SPENT_BY_ALL)
        if self.units and self.used > reach:
            raise LedgerSpent(OUTGROWN)


SPENT = (
    "Opening this would publish more groups of the same people than one project may see. Ask the data custodian for a "
    "review, or open what was opened before."
)
SPENT_BY_ALL = (
    "Opening this would publish more groups of the same people than all projects together may see in twelve months. No "
    "review can allow that. Open what was opened before, or ask again later."
)
OUTGROWN = (
    "More was opened of the same people since the review was asked for, so this would reach further than the data custodian "
    "read. Ask for a review again."
)


def price(
    asked: Iterable[Block],
    *,
    project: Collection[Block],
    others: Collection[Block],
    protection: Protection,
    public: Collection[Block] = (),
) -> Price:
    """What these blocks cost a project that opened the blocks `project`; `others` were opened by other projects in the
    last twelve months, and `public` are free for all."""
    wanted = {*asked} - {*public}
    new, newer = wanted - {*project}, wanted - {*project} - {*others}
    used = _most([*project, *new], wanted)
    of_all = _most([*{*project, *others}, *newer], wanted)
    return Price(
        units(new), _most([*project], wanted), used, protection.project_ledger, of_all, protection.study_ledger
    )


def of_the_same(opened: Iterable[Block], asked: Iterable[Block]) -> list[Block]:
    """Those of `opened` that could be about somebody who could be in what is asked, by the questions alone."""
    cohorts = [{name: frozenset(values) for name, values in rules} for rules in {block.rules for block in asked}]
    return [block for block in opened if any(_could_be_in(block.rules, answers) for answers in cohorts)]


def units(blocks: Iterable[Block]) -> int:
    """What blocks count together."""
    return sum(COUNTS[block.kind] for block in blocks)


def _most(opened: Sequence[Block], asked: Collection[Block]) -> int:
    """The most that anybody who could be in what is asked could have in all."""
    cohorts = {block.rules for block in asked}
    return max((_deepest(_weights(opened), dict(rules)) for rules in cohorts), default=0)


def _weights(opened: Sequence[Block]) -> Mapping[Rules, int]:
    together: dict[Rules, list[Block]] = {}
    for block in opened:
        together.setdefault(block.rules, []).append(block)
    return {rules: units(blocks) for rules, blocks in together.items()}


def _deepest(weights: Mapping[Rules, int], within: Mapping[str, tuple[str, ...]]) -> int:
    """The largest sum of cohorts that one combination of answers is in, of the combinations `within` lets in."""
    best, steps = 0, 0
    open_ones: list[tuple[Mapping[str, frozenset[str]], list[Rules]]] = [
        ({name: frozenset(values) for name, values in within.items()}, [*weights])
    ]
    while open_ones:
        answers, cohorts = open_ones.pop()
        fits = [rules for rules in cohorts if _could_be_in(rules, answers)]
        total = sum(weights[rules] for rules in fits)
        if total <= best:
            continue
        steps += 1
        split = next(_splits(fits, answers), None)
        if split is None or steps > _STEPS:
            best = total
            continue
        name, choices = split
        open_ones += [({**answers, name: values}, fits) for values in choices]
    return best


def _could_be_in(rules: Rules, answers: Mapping[str, frozenset[str]]) -> bool:
    return all(name not in answers or not answers[name].isdisjoint(values) for name, values in rules)


def _splits(
    cohorts: Sequence[Rules], answers: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, list[frozenset[str]]]]:
    """A variable on which cohorts disagree, and the answers that must be told apart."""
    for name in dict.fromkeys(name for rules in cohorts for name, _ in rules):
        wanted = [
            frozenset(dict(rules)[name]) & answers.get(name, frozenset(dict(rules)[name]))
            for rules in cohorts
            if name in dict(rules)
        ]
        if frozenset.intersection(*wanted):
            continue
        yield name, [frozenset({value}) for value in sorted(frozenset.union(*wanted))]


def spread(weeks: Sequence[Listed], most: int) -> Sequence[Listed]:
    """So many of the weeks at most, the first and the last among them, as far from each other as they can be."""
    last = len(weeks) - 1
    return weeks if last < most else [weeks[round(place * last / (most - 1))] for place in range(most)]
