"""Bring a question into one canonical form, so that the same people are always asked for in the same words.

A question is a conjunction of at most four variables, each limited to some of its published values, without at most one
group. There are no lists of people, no cut points of one's own and no dates. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from studyportal.errors import Invalid
from studyportal.research.disclosure.people import People, Roll

# Facts on disclosure: more variables in one conjunction isolate people faster than any threshold hides them.
MOST_VARIABLES = 4
# Of a table of two variables.
MOST_CELLS = 120

NOBODY = "These criteria exclude each other, so nobody could meet them. Take one away."

# Variable -> its published values, both in published order.
Published = Mapping[str, tuple[str, ...]]
# Variable -> those of its values that are allowed, in published order.
Rules = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A variable has one of these values; `negated` as often as "not" stands before it."""

    variable: str
    values: frozenset[str]
    negated: int = 0


@dataclass(frozen=True, slots=True)
class Query:
    """Everybody who keeps all rules, but for those who keep all rules of `without` (empty: nobody)."""

    rules: Rules = ()
    without: Rules = ()

    def people(self, roll: Roll, sets: Mapping[str, Mapping[str, People]]) -> People:
        """Who is meant; `sets` has the people of every value of every variable."""
        kept = _keeping(self.rules, roll, sets)
        return kept - _keeping(self.without, roll, sets) if self.without else kept


def canonical(terms: Iterable[Term], published: Published, *, without: Iterable[Term] = ()) -> Query:
    """The one form of a question. Terms of one variable hold together, as those of different variables do.

    Raises `Invalid` for what is not published, too much at once, or rules that leave nobody whatever people answered.
    """
    kept = _together(terms, published)
    asked = {
        name: values & kept.get(name, _all(published, name)) for name, values in _together(without, published).items()
    }
    # A rule that all of the cohort keep says nothing; one that nobody in it keeps leaves the group empty.
    other = {name: values for name, values in asked.items() if values != kept.get(name, _all(published, name))}
    if asked and not other:
        raise Invalid(NOBODY)
    if not all(other.values()):
        other = {}
    if len(other) == 1:
        # Without one answer of one variable is the same as with all others of it.
        ((name, values),) = other.items()
        kept[name] = kept.get(name, _all(published, name)) - values
        other = {}
    rules = {name: values for name, values in kept.items() if values != _all(published, name)}
    if max(len(rules), len(other)) > MOST_VARIABLES:
        raise Invalid(
            f"A cohort can combine {MOST_VARIABLES} items at most. More would single people out. Take some away."
        )
    return Query(_ordered(rules, published), _ordered(other, published))


def _together(terms: Iterable[Term], published: Published) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    asked = False
    for term in terms:
        asked = True
        if term.variable not in published:
            raise Invalid("A criterion names something that cannot be asked for. Choose from the list.")
        whole = _all(published, term.variable)
        if not term.values <= whole:
            raise Invalid("A criterion asks for an answer that its item does not have. Choose from the list.")
        values = whole - term.values if term.negated % 2 else term.values
        found[term.variable] = found.get(term.variable, whole) & values
    if asked and not all(found.values()):
        raise Invalid(NOBODY)
    return found


def _all(published: Published, name: str) -> frozenset[str]:
    return frozenset(published[name])


def _ordered(rules: Mapping[str, frozenset[str]], published: Published) -> Rules:
    return tuple(
        (name, tuple(value for value in values if value in rules[name]))
        for name, values in published.items()
        if name in rules
    )


def _keeping(rules: Rules, roll: Roll, sets: Mapping[str, Mapping[str, People]]) -> People:
    people = roll.everybody
    for name, values in rules:
        people = people & roll.any_of(sets[name][value] for value in values)
    return people
