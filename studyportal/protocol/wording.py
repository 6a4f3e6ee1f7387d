"""Say an expression in words, with the questions as they are asked: for codebooks and for people who write studies.

Only for reading: nothing reads these words back. A name that is no known question stays as it was written.
"""

from collections.abc import Callable, Mapping
from functools import reduce
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
from studyportal.saying import said, said_together

Known = Mapping[str, Item]

COMPARED = {
    "==": said("%(left)s is %(right)s"),
    "!=": said("%(left)s is not %(right)s"),
    "<": said("%(left)s is less than %(right)s"),
    "<=": said("%(left)s is at most %(right)s"),
    ">": said("%(left)s is more than %(right)s"),
    ">=": said("%(left)s is at least %(right)s"),
    "in": said("%(left)s is one of %(right)s"),
}
# `round` is said by its own rule.
FUNCTIONS = {
    "sum": said("the sum of %(parts)s"),
    "mean": said("the mean of %(parts)s"),
    "min": said("the smallest of %(parts)s"),
    "max": said("the largest of %(parts)s"),
    "count": said("how many there are of %(parts)s"),
    "days_between": said("the days between %(parts)s"),
    "minutes_between": said("the minutes between %(parts)s"),
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
        several, one = _said(node.right, known), _value(node.left, node.right, known)
        return said("%(several)s includes %(one)s", several=several, one=one)
    left, right = _value(node.left, node.right, known), _value(node.right, node.left, known)
    return COMPARED[node.operator] % {"left": left, "right": right}


def _value(node: Node, beside: Node, known: Known) -> str:
    """One side of a comparison: codes by the text of their choice in the question that stands beside."""
    if isinstance(node, Listing):
        return _any_of([_value(value, beside, known) for value in node.values])
    if isinstance(node, Text) and isinstance(beside, Name) and beside.name in known:
        return f"“{known[beside.name].choices.get(node.value, node.value)}”"
    return _said(node, known)


def _arithmetic(node: Arithmetic, known: Known) -> str:
    rest = (word for operator, part in node.rest for word in (operator.translate(SIGNS), _inner(part, known)))
    return said_together((_inner(node.first, known), *rest), " ")


SIGNS = str.maketrans({"*": "×", "/": "÷", "-": "−"})


def _inner(node: Node, known: Known) -> str:
    """A part of a longer expression, in brackets if it is itself made of several."""
    inner = _said(node, known)
    return said("(%(inner)s)", inner=inner) if isinstance(node, Arithmetic | Call | Junction | Negation) else inner


def _call(node: Call, known: Known) -> str:
    if node.function == "round":
        number, *digits = node.arguments
        shown = _inner(number, known)
        if not digits:
            return said("%(number)s, rounded to a whole number", number=shown)
        return said("%(number)s, rounded to decimal place %(place)s", number=shown, place=_said(digits[0], known))
    return FUNCTIONS[node.function] % {"parts": _all_of([_said(argument, known) for argument in node.arguments])}


def _any_of(parts: list[str]) -> str:
    *first, last = parts
    return said("%(first)s or %(last)s", first=said_together(first, ", "), last=last) if first else last


def _all_of(parts: list[str]) -> str:
    *first, last = parts
    return said("%(first)s and %(last)s", first=said_together(first, ", "), last=last) if first else last


JOINED: Mapping[str, Callable[[str, str], str]] = {
    "and": lambda first, then: said("%(first)s, and %(then)s", first=first, then=then),
    "or": lambda first, then: said("%(first)s, or %(then)s", first=first, then=then),
}
# How each node of a tree is said.
WORDS: Mapping[type, Callable[[Any, Known], str]] = {
    Arithmetic: _arithmetic,
    Call: _call,
    Comparison: _comparison,
    Junction: lambda node, known: reduce(JOINED[node.operator], (_inner(part, known) for part in node.parts)),
    Listing: lambda node, known: _any_of([_said(value, known) for value in node.values]),
    Name: _name,
    Negation: lambda node, known: said("not %(inner)s", inner=_inner(node.operand, known)),
    Negative: lambda node, known: said_together(("−", _inner(node.operand, known)), ""),
    Number: lambda node, known: f"{node.value}",
    Text: lambda node, known: f"“{node.value}”",
    Truth: lambda node, known: said("yes") if node.value else said("no"),
}
