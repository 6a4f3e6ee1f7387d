"""Give the two parts of the language that travel: branching conditions as JSON, and cohort criteria as plain values.

Branching is comparison, and, or, not, in; the browser walks it. Criteria are `name == value` and `name in [values]`
joined by and, with at most one group of them after `not`. Whatever uses more is refused with its position.
"""

from collections.abc import Iterable
from typing import Any

from studyportal.protocol.expressions.nodes import (
    Arithmetic,
    Call,
    Comparison,
    Junction,
    Listing,
    Name,
    Negation,
    Negative,
    Node,
    Number,
    Text,
    Truth,
)
from studyportal.protocol.expressions.parsing import Expression
from studyportal.protocol.expressions.tokens import NotAnExpression

Json = Any


def branching(expression: Expression) -> Json:
    """The condition as nested lists that `static/expressions.js` reads: ["and", [">", ["name", "pain"], ["value", 6]],
    ...]."""
    return _branch(expression.tree)


def _branch(node: Node) -> Json:
    match node:
        case Name(name=name):
            return ["name", name]
        case Listing(values=values):
            return ["value", [value.value for value in values]]
        case Comparison(operator=operator, left=left, right=right):
            return [operator, _branch(left), _branch(right)]
        case Junction(operator=operator, parts=parts):
            return [operator, *map(_branch, parts)]
        case Negation(operand=operand):
            return ["not", _branch(operand)]
        case Arithmetic() | Negative() | Call():
            raise NotAnExpression(
                node.position,
                "something is calculated. What decides whether a question is shown can only compare answers with each "
                "other or with fixed values.",
            )
        case _:
            return ["value", node.value]


Value = int | float | bool | str


# Names, each once, with the published values that are wanted, in the order of the names.
Rules = tuple[tuple[str, frozenset[Value]], ...]


def criteria(expression: Expression) -> tuple[Rules, Rules]:
    """The criteria of a cohort, and those of the one group that is left out of it (none: nobody is)."""
    kept: list[Node] = []
    left_out: list[Negation] = []
    for part in _joined(expression.tree):
        if isinstance(part, Negation):
            left_out.append(part)
        else:
            kept.append(part)
    if len(left_out) > 1:
        raise NotAnExpression(
            left_out[1].position,
            "a second group is left out; a cohort leaves out one: join its rules in one pair of brackets.",
        )
    return _rules(kept), _rules([one for group in left_out for one in _joined(group.operand)])


def _joined(node: Node) -> tuple[Node, ...]:
    return node.parts if isinstance(node, Junction) and node.operator == "and" else (node,)


def _rules(parts: Iterable[Node]) -> Rules:
    rules: dict[str, frozenset[Value]] = {}
    for part in parts:
        name, values = _criterion(part)
        if name.name in rules:
            raise NotAnExpression(name.position, f"{name.name} is used a second time; name all its values in one list.")
        rules[name.name] = values
    return tuple(sorted(rules.items(), key=lambda rule: rule[0]))


def _criterion(node: Node) -> tuple[Name, frozenset[Value]]:
    match node:
        case Comparison(operator="==", left=Name() as name, right=(Number() | Text() | Truth()) as value):
            return name, frozenset({value.value})
        case Comparison(operator="in", left=Name() as name, right=Listing(values=values)):
            return name, frozenset(value.value for value in values)
    expected = 'a criterion is expected here: name == "value" or name in ["value", "value"], joined by and.'
    raise NotAnExpression(_start(node), expected)


def _start(node: Node) -> int:
    # A comparison stands where its operator is; a person looks for where it begins.
    return _start(node.left) if isinstance(node, Comparison) else node.position
