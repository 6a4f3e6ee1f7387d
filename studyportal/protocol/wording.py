"""Say an expression in words, with the questions as they are asked: for codebooks and for people who write studies.

Only for reading: nothing reads these words back. A name that is no known question stays as it was written.
"""

from collections.abc import Callable, Mapping
from typing import Any

from studyportal.protocol.expressions import Expression
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
from studyportal.protocol.items import Item

Known = Mapping[str, Item]

COMPARED = {
    "==": "is", "!=": "is not", "<": "is less than", "<=": "is at most", ">": "is more than", ">=": "is at least",
    "in": "is one of",
}  # fmt: skip
# `round` is said by its own rule.
FUNCTIONS = {
    "sum": "the sum of {}",
    "mean": "the mean of {}",
    "min": "the smallest of {}",
    "max": "the largest of {}",
    "count": "how many there are of {}",
    "days_between": "the days between {}",
    "minutes_between": "the minutes between {}",
}


def in_words(expression: Expression, known: Known) -> str:
    """The expression as words; `known` are the questions by the names that it may use."""
    return _said(expression.tree, known)


def _said(node: Node, known: Known) -> str:
    return WORDS[type(node)](node, known)


def _name(node: Name, known: Known) -> str:
    return f"“{known[node.name].ask}”" if node.name in known else node.name


def _comparison(node: Comparison, known: Known) -> str:
    if node.operator == "in" and not isinstance(node.right, Listing):
        return f"{_said(node.right, known)} includes {_value(node.left, node.right, known)}"
    left, right = _value(node.left, node.right, known), _value(node.right, node.left, known)
    return f"{left} {COMPARED[node.operator]} {right}"


def _value(node: Node, beside: Node, known: Known) -> str:
    """One side of a comparison: codes by the text of their choice in the question that stands beside."""
    if isinstance(node, Listing):
        return _listed([_value(value, beside, known) for value in node.values], "or")
    if isinstance(node, Text) and isinstance(beside, Name) and beside.name in known:
        return f"“{known[beside.name].choices.get(node.value, node.value)}”"
    return _said(node, known)


def _arithmetic(node: Arithmetic, known: Known) -> str:
    rest = "".join(f" {operator.translate(SIGNS)} {_inner(part, known)}" for operator, part in node.rest)
    return _inner(node.first, known) + rest


SIGNS = str.maketrans({"*": "×", "/": "÷", "-": "−"})


def _inner(node: Node, known: Known) -> str:
    """A part of a longer expression, in brackets if it is itself made of several."""
    said = _said(node, known)
    return f"({said})" if isinstance(node, Arithmetic | Call | Junction | Negation) else said


def _call(node: Call, known: Known) -> str:
    if node.function == "round":
        number, *digits = node.arguments
        to = f"decimal place {_said(digits[0], known)}" if digits else "a whole number"
        return f"{_inner(number, known)}, rounded to {to}"
    said = _listed([_said(argument, known) for argument in node.arguments], "and")
    return FUNCTIONS[node.function].format(said)


def _listed(parts: list[str], word: str) -> str:
    *first, last = parts
    return f"{', '.join(first)} {word} {last}" if first else last


# How each node of a tree is said.
WORDS: Mapping[type, Callable[[Any, Known], str]] = {
    Arithmetic: _arithmetic,
    Call: _call,
    Comparison: _comparison,
    Junction: lambda node, known: f", {node.operator} ".join(_inner(part, known) for part in node.parts),
    Listing: lambda node, known: _listed([_said(value, known) for value in node.values], "or"),
    Name: _name,
    Negation: lambda node, known: f"not {_inner(node.operand, known)}",
    Negative: lambda node, known: f"−{_inner(node.operand, known)}",
    Number: lambda node, known: f"{node.value}",
    Text: lambda node, known: f"“{node.value}”",
    Truth: lambda node, known: "yes" if node.value else "no",
}
