"""Read criteria from a request into one canonical form, or say in a sentence what to change.

A cohort is a conjunction of at most four variables, each limited to some of the bins of its snapshot (`snapshot.bins`),
without at most one group that is described in the same way. Who names a part of a bin gets the whole of it, and is
told. There are no id lists, no cut points of one's own and no dates, and one form of each question
(`disclosure.query`), so the same people are always asked for in the same words.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from studyportal.errors import Invalid
from studyportal.research.disclosure.bins import BIN_NEEDS
from studyportal.research.disclosure.query import Rules, Term, canonical
from studyportal.research.snapshot.codebook import phrase
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.public import published
from studyportal.research.snapshot.variables import Variable

# What stands before a name, in an address, if its answers lead out. No name holds a hyphen.
NOT = "not-"
# What stands between the answers of one bin where they are one value, as of a box. No code holds it.
WITH = "|"
# Every published value of four large variables fits; more is not a question but a flood.
MOST_TERMS = 400


@dataclass(frozen=True, slots=True)
class Criterion:
    """One rule: a variable has one of these values (codes, in published order)."""

    variable: Variable
    values: tuple[str, ...]

    @property
    def words(self) -> str:
        """The rule for a page: "Sex: Female or Other"."""
        return phrase(self.variable.title, self.variable.words_of(self.values), between=": ")


@dataclass(frozen=True, slots=True)
class Widening:
    """A rule that named a part of a bin, and the rule of whole bins that stands for it."""

    asked: Criterion
    meant: Criterion

    @property
    def words(self) -> str:
        """What became of it, for a page."""
        if len(self.meant.values) == len(self.meant.variable.labels):
            became = "all answers to that are put together, so it tells nobody apart."
        else:
            became = (
                f"that is put together with other answers, because fewer than {BIN_NEEDS} people gave one of them, "
                f"so “{self.meant.words}” is meant."
            )
        return f"“{self.asked.words}” was asked for. In this snapshot {became}"


@dataclass(frozen=True, slots=True)
class Criteria:
    """The rules of a cohort in the protocol's order, and those of the one group that is left out; no rules mean
    everybody, and nobody is left out. A group that one answer describes has no rules of its own: the cohort has the
    other answers.

    `widened` says how they came about, and is no part of what they ask."""

    rules: tuple[Criterion, ...] = ()
    without: tuple[Criterion, ...] = ()
    widened: tuple[Widening, ...] = field(default=(), compare=False)

    @property
    def is_everybody(self) -> bool:
        """Whether nothing is asked of anybody: by the question, not by who happens to meet it."""
        return not self.rules and not self.without

    @property
    def terms(self) -> list[tuple[str, str]]:
        """Every (variable, value), as an address carries them."""
        kept = [(rule.variable.name, value) for rule in self.rules for value in rule.values]
        return kept + [(NOT + rule.variable.name, value) for rule in self.without for value in rule.values]

    @property
    def canonical(self) -> str:
        """The same for the same people, however they were asked for: JSON of [variable, [values]], or with a group that
        is left out of both lists."""
        kept, gone = as_rules(self.rules), as_rules(self.without)
        return json.dumps({"rules": kept, "without": gone} if gone else kept, separators=(",", ":"))

    @property
    def words(self) -> list[str]:
        """Each rule as a sentence's part, and the group that is left out."""
        return [*(rule.words for rule in self.rules), *([self.words_of_without] if self.without else [])]

    @property
    def words_of_without(self) -> str:
        return f"But not those with {' and '.join(f'({rule.words})' for rule in self.without)}"

    def chosen(self, variable: Variable) -> frozenset[str]:
        """The values that a rule about this variable allows; empty if there is none."""
        return _chosen(self.rules, variable)

    def left_out(self, variable: Variable) -> frozenset[str]:
        """The values that describe the group that is left out."""
        return _chosen(self.without, variable)


def _chosen(rules: Iterable[Criterion], variable: Variable) -> frozenset[str]:
    return frozenset(value for rule in rules if rule.variable.name == variable.name for value in rule.values)


def as_rules(rules: Iterable[Criterion]) -> Rules:
    """Rules as the engine and the ledger have them."""
    return tuple((rule.variable.name, rule.values) for rule in rules)


def read_criteria(terms: Iterable[tuple[str, str]], snapshot: OpenedSnapshot) -> Criteria:
    """The criteria that (variable, value) pairs ask for, of whole bins; values of one variable are alternatives.

    Raises `Invalid` for unknown variables or values, more than four variables, rules that exclude each other, or a
    flood of terms.
    """
    variables = snapshot.variables
    kept: dict[str, set[str]] = {}
    gone: dict[str, set[str]] = {}
    for count, (term, value) in enumerate(terms, 1):
        if count > MOST_TERMS:
            raise Invalid("This asks for more than one cohort can hold. Begin with fewer criteria.")
        name = term.removeprefix(NOT)
        if name not in variables:
            raise Invalid(
                "A criterion names something that your approval does not cover, or this snapshot does not have. Choose from the list."
            )
        values = {value} if value in variables[name].labels else {*value.split(WITH)}
        if not values <= variables[name].labels.keys():
            raise Invalid("A criterion asks for an answer that its item does not have. Choose from the list.")
        (kept if term == name else gone).setdefault(name, set()).update(values)
    widened = [*_widen(kept, snapshot), *_widen(gone, snapshot)]
    try:
        query = canonical(_terms(kept), published(variables), without=_terms(gone))
    except Invalid as refusal:
        raise Invalid(" ".join([refusal.sentence, *(one.words for one in widened)])) from None
    return Criteria(_criteria(query.rules, variables), _criteria(query.without, variables), tuple(widened))


def _widen(wanted: dict[str, set[str]], snapshot: OpenedSnapshot) -> Iterator[Widening]:
    """Put whole bins in the place of their parts, leave out what one bin holds, and say where."""
    for name, values in [*wanted.items()]:
        bins = snapshot.bins[name]
        whole = {value for one in bins if not values.isdisjoint(one) for value in one}
        wanted[name] = whole
        if len(bins) == 1:
            del wanted[name]
        if whole != values or len(bins) == 1:
            yield Widening(*(_criterion(snapshot.variables[name], some) for some in (values, whole)))


def _criterion(variable: Variable, values: Collection[str]) -> Criterion:
    return Criterion(variable, tuple(value for value in variable.labels if value in values))


def _terms(wanted: Mapping[str, set[str]]) -> list[Term]:
    return [Term(name, frozenset(values)) for name, values in wanted.items()]


def _criteria(rules: Rules, variables: Mapping[str, Variable]) -> tuple[Criterion, ...]:
    return tuple(Criterion(variables[name], values) for name, values in rules)


def saved_criteria(canonical: str, snapshot: OpenedSnapshot) -> Criteria:
    """Those of a saved cohort, of whole bins of this snapshot; raises `Invalid` if it lacks what they ask for."""
    kept, gone = saved_rules(canonical)
    terms = [
        (before + name, value)
        for before, rules in (("", kept), (NOT, gone))
        for name, values in rules
        for value in values
    ]
    return read_criteria(terms, snapshot)


def saved_rules(canonical: str) -> tuple[Rules, Rules]:
    """What `Criteria.canonical` and the ledger keep: the rules, and those of the group that is left out."""
    found = json.loads(canonical)
    kept, gone = (found["rules"], found["without"]) if isinstance(found, dict) else (found, [])
    return _rules(kept), _rules(gone)


def _rules(found: Iterable[tuple[str, list[str]]]) -> Rules:
    return tuple((name, tuple(values)) for name, values in found)
