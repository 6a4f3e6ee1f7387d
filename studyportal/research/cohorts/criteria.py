"""Read criteria from a request into one canonical form, or say in a sentence what to change.

A cohort is a conjunction of at most four variables, each limited to some of its published values. There are no id
lists, no cut points of one's own and no dates, so the same people are always asked for in the same words.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from studyportal.errors import Invalid
from studyportal.research.snapshot.codebook import phrase
from studyportal.research.snapshot.variables import Variable

# Facts on disclosure: more variables in one conjunction isolate people faster than any threshold hides them.
MOST_VARIABLES = 4
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
        *first, last = (self.variable.labels[value] for value in self.values)
        return phrase(self.variable.title, f"{', '.join(first)} or {last}" if first else last, between=": ")


@dataclass(frozen=True, slots=True)
class Criteria:
    """The rules of a cohort in the protocol's order; none means everybody."""

    rules: tuple[Criterion, ...] = ()

    @property
    def terms(self) -> list[tuple[str, str]]:
        """Every (variable, value), as an address carries them."""
        return [(rule.variable.name, value) for rule in self.rules for value in rule.values]

    @property
    def canonical(self) -> str:
        """The same for the same rules, however they were asked: JSON of [variable, [values]]."""
        return json.dumps([[rule.variable.name, list(rule.values)] for rule in self.rules], separators=(",", ":"))

    def chosen(self, variable: Variable) -> frozenset[str]:
        """The values that a rule about this variable allows; empty if there is none."""
        return frozenset(value for rule in self.rules if rule.variable.name == variable.name for value in rule.values)


def read_criteria(terms: Iterable[tuple[str, str]], variables: Mapping[str, Variable]) -> Criteria:
    """The criteria that (variable, value) pairs ask for; values of one variable are alternatives.

    Raises `Invalid` for unknown variables or values, more than four variables, or a flood of terms.
    """
    wanted: dict[str, set[str]] = {}
    for count, (name, value) in enumerate(terms, 1):
        if count > MOST_TERMS:
            raise Invalid("This asks for more than one cohort can hold. Begin with fewer criteria.")
        if name not in variables:
            raise Invalid("A criterion names something that your approval does not cover, or this snapshot does not have. Choose from the list.")
        if value not in variables[name].labels:
            raise Invalid("A criterion asks for an answer that its item does not have. Choose from the list.")
        wanted.setdefault(name, set()).add(value)
    rules = [
        Criterion(variable, tuple(value for value in variable.labels if value in wanted[name]))
        for name, variable in variables.items()
        # All values together exclude nobody: that is no rule.
        if name in wanted and len(wanted[name]) < len(variable.labels)
    ]
    if len(rules) > MOST_VARIABLES:
        raise Invalid(
            f"A cohort can combine {MOST_VARIABLES} items at most; this has {len(rules)}. "
            "More would single people out. Take some away."
        )
    return Criteria(tuple(rules))


def saved_criteria(canonical: str, variables: Mapping[str, Variable]) -> Criteria:
    """The criteria of a saved cohort; raises `Invalid` if this snapshot no longer has what they ask for."""
    return read_criteria([(name, value) for name, values in json.loads(canonical) for value in values], variables)
