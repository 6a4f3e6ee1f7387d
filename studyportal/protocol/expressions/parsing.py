"""Read an expression: one small grammar, by recursive descent.

    or < and < not < comparison < + - < * / < minus sign < number, "text", yes, no, name, (...), function(...)

Comparisons are not chained, lists stand only after `in`, and nothing is nested deeper than `DEPTH`, so the longest
text costs bounded time. What cannot be read is refused with its position and what was expected there.
"""

from collections.abc import Callable
from dataclasses import dataclass

from studyportal.protocol.expressions.functions import FUNCTIONS
from studyportal.protocol.expressions.nodes import (
    Arithmetic,
    Call,
    Comparison,
    Junction,
    Listing,
    Literal,
    Name,
    Negation,
    Negative,
    Node,
    Number,
    Text,
    Truth,
    walk,
    written,
)
from studyportal.protocol.expressions.tokens import NotAnExpression, Token, tokens

DEPTH = 20

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
_A_VALUE = "a number, a text in quotes or a name is expected here."
_SORTS = {Number: "numbers", Text: "texts in quotes", Truth: "yes and no"}


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A formula or a condition. Two are equal if they mean the same tree, however they were spaced and bracketed."""

    source: str
    tree: Node
    names: frozenset[str]
    canonical: str

    def __str__(self) -> str:
        return self.source

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self.canonical == other.canonical

    def __hash__(self) -> int:
        return hash(self.canonical)


def parse_expression(text: str) -> Expression:
    """The expression that a text says; raises `NotAnExpression`."""
    tree = _Reader(tokens(text)).whole()
    names = frozenset(node.name for node in walk(tree) if isinstance(node, Name))
    return Expression(text, tree, names, written(tree))


class _Reader:
    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.at = 0
        self.depth = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def is_sign(self, *values: str) -> bool:
        return self.next.kind == "sign" and self.next.value in values

    def expect(self, value: str, expected: str) -> None:
        if not self.is_sign(value):
            raise NotAnExpression(self.next.position, expected)
        self.take()

    def deeper(self, read: Callable[[], Node], position: int) -> Node:
        if self.depth == DEPTH:
            raise NotAnExpression(position, f"this is nested more than {DEPTH} levels deep; write it more simply.")
        self.depth += 1
        node = read()
        self.depth -= 1
        return node

    def whole(self) -> Node:
        tree = self.either()
        if self.is_sign(*COMPARISONS):
            raise NotAnExpression(self.next.position, "a second comparison follows; join comparisons with and.")
        if self.next.kind != "end":
            raise NotAnExpression(self.next.position, "a sign such as ==, + or and is expected, or the end.")
        return tree

    def either(self) -> Node:
        return self.junction("or", self.both)

    def both(self) -> Node:
        return self.junction("and", self.negation)

    def junction(self, operator: str, read: Callable[[], Node]) -> Node:
        position, parts = self.next.position, [read()]
        while self.is_sign(operator):
            self.take()
            parts.append(read())
        if len(parts) == 1:
            return parts[0]
        # What joins alike in brackets is one junction: the order of the parts stays, the brackets add nothing.
        flat = [
            inner
            for part in parts
            for inner in (part.parts if isinstance(part, Junction) and part.operator == operator else (part,))
        ]
        return Junction(operator, tuple(flat), position)

    def negation(self) -> Node:
        if self.is_sign("not"):
            position = self.take().position
            return Negation(self.deeper(self.negation, position), position)
        return self.comparison()

    def comparison(self) -> Node:
        left = self.chain("+-", self.product)
        if not self.is_sign(*COMPARISONS):
            return left
        operator = self.take()
        right = self.collection() if operator.value == "in" else self.chain("+-", self.product)
        if self.is_sign(*COMPARISONS):
            raise NotAnExpression(self.next.position, "a second comparison follows; join comparisons with and.")
        return Comparison(operator.value, left, right, operator.position)

    def product(self) -> Node:
        return self.chain("*/", self.signed)

    def chain(self, operators: str, read: Callable[[], Node]) -> Node:
        position, first, rest = self.next.position, read(), []
        while self.is_sign(*operators):
            operator = self.take().value
            rest.append((operator, read()))
        if rest and isinstance(first, Arithmetic) and first.rest[0][0] in operators:
            first, rest = first.first, [*first.rest, *rest]  # (a + b) + c is a + b + c
        return Arithmetic(first, tuple(rest), position) if rest else first

    def signed(self) -> Node:
        if not self.is_sign("-"):
            return self.primary()
        position = self.take().position
        operand = self.deeper(self.signed, position)
        if isinstance(operand, Number) and operand.value >= 0:
            return Number(-operand.value, position)
        return Negative(operand, position)

    def primary(self) -> Node:
        token = self.next
        if self.is_sign("("):
            self.take()
            inner = self.deeper(self.either, token.position)
            self.expect(")", "a closing bracket ) is expected here.")
            return inner
        if token.kind == "name":
            self.take()
            return self.call(token) if self.is_sign("(") else self.name(token)
        if self.is_sign("["):
            raise NotAnExpression(token.position, "a list can stand only after in.")
        return self.literal(_A_VALUE)

    def name(self, token: Token) -> Node:
        if token.value in FUNCTIONS:
            raise NotAnExpression(token.position, f"the function {token.value} needs brackets: {token.value}(...).")
        return Name(token.value, token.position)

    def literal(self, expected: str) -> Literal:
        token = self.next
        if token.kind == "number":
            self.take()
            value = float(token.value)
            return Number(int(value) if value.is_integer() else value, token.position)
        if token.kind == "text":
            self.take()
            return Text(token.value[1:-1], token.position)
        if self.is_sign("yes", "no"):
            self.take()
            return Truth(token.value == "yes", token.position)
        raise NotAnExpression(token.position, expected)

    def call(self, token: Token) -> Node:
        function = FUNCTIONS.get(token.value)
        if function is None:
            known = ", ".join(FUNCTIONS)
            raise NotAnExpression(token.position, f"there is no function of this name. Functions are {known}.")
        self.take()
        arguments = [] if self.is_sign(")") else [self.deeper(self.either, token.position)]
        while self.is_sign(","):
            self.take()
            arguments.append(self.deeper(self.either, token.position))
        self.expect(")", "a comma or a closing bracket ) is expected here.")
        if not function.least <= len(arguments) <= function.most:
            raise NotAnExpression(token.position, f"{token.value} is used wrongly; write {function.example}.")
        return Call(token.value, tuple(arguments), token.position)

    def collection(self) -> Node:
        token = self.next
        if token.kind == "name":
            self.take()
            return self.name(token)
        self.expect("[", 'a list such as ["a", "b"] or a name is expected here.')
        values = [self.element()]
        while self.is_sign(","):
            self.take()
            values.append(self.element())
        self.expect("]", "a comma or a closing bracket ] is expected here.")
        for value in values:
            if type(value) is not type(values[0]):
                raise NotAnExpression(value.position, f"this list begins with {_SORTS[type(values[0])]}; go on so.")
        return Listing(tuple(values), token.position)

    def element(self) -> Literal:
        if self.is_sign("-"):
            position = self.take().position
            if self.next.kind != "number":
                raise NotAnExpression(self.next.position, "a number is expected here.")
            number = self.literal(_A_VALUE)
            return Number(-number.value, position)
        return self.literal("a number, a text in quotes, yes or no is expected here.")
