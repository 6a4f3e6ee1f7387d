"""Write criteria as text, and read them back: the same cohort whether it was ticked or typed.

The text is the canonical subset of the study's expressions: `name == value` or `name in [values]`, joined by `and`,
over published values; whom `not (...)` describes is left out. A mistake is a sentence that says at which character it
stands.
"""

from collections.abc import Mapping
from difflib import get_close_matches

from studyportal.protocol.expressions import NotAnExpression, criteria, parse_expression
from studyportal.protocol.expressions.nodes import Literal, Name, Number, Text, Truth, walk
from studyportal.research.cohorts.criteria import NOT, Criteria, Criterion, read_criteria
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.variables import Variable

TRUTHS = {True: "yes", False: "no"}


def written(asked: Criteria) -> str:
    """The criteria as text, in their canonical order; "" for everybody."""
    parts = [_rule(rule) for rule in asked.rules]
    if asked.without:
        parts.append(f"not ({' and '.join(map(_rule, asked.without))})")
    return " and ".join(parts)


def _rule(rule: Criterion) -> str:
    variable, values = rule.variable, rule.values
    bare = variable.item is not None and variable.item.kind == "yes_no" and set(values) <= set(TRUTHS.values())
    said = [value if bare else f'"{value}"' for value in values]
    return f"{variable.name} == {said[0]}" if len(said) == 1 else f"{variable.name} in [{', '.join(said)}]"


def read_text(text: str, snapshot: OpenedSnapshot) -> Criteria:
    """The criteria that a text asks for, of whole bins; blank asks for everybody.

    Raises `Invalid`, mostly `NotAnExpression`.
    """
    if not text.strip():
        return Criteria()
    expression = parse_expression(text)
    rules, left_out = criteria(expression)
    # In the order of the text, so that the first mistake is told first.
    variable: Variable | None = None
    for node in walk(expression.tree):
        if isinstance(node, Name):
            variable = _known(node, snapshot.variables)
        elif isinstance(node, Literal) and variable is not None:
            _check_value(node, variable)
    both = ((before + name, values) for before, found in (("", rules), (NOT, left_out)) for name, values in found)
    return read_criteria([(name, _code(value)) for name, values in both for value in values], snapshot)


def _known(node: Name, variables: Mapping[str, Variable]) -> Variable:
    if node.name not in variables:
        near = get_close_matches(node.name, variables, n=1)
        meant = (
            f"Did you mean {near[0]}?" if near else "The names of what your approval covers stand beside the criteria."
        )
        raise NotAnExpression(node.position, f"{node.name} is not in this snapshot, or not in your approval. {meant}")
    return variables[node.name]


def _check_value(node: Number | Text | Truth, variable: Variable) -> None:
    if _code(node.value) not in variable.labels:
        known = ", ".join(f'"{code}"' for code in list(variable.labels)[:12])
        more = " and more" if len(variable.labels) > 12 else ""
        raise NotAnExpression(node.position, f"{variable.name} does not have this value. It has {known}{more}.")


def _code(value: float | bool | str) -> str:
    return TRUTHS[value] if isinstance(value, bool) else str(value)
