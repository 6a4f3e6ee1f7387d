"""Work out an expression over a row: a mapping from names to answers as they are on the wire.

A tree becomes nested functions once, so a row costs a few calls. Nothing here can fail on a row: what does not fit
counts as missing. What a sign means is looked up in the tables given; nothing else knows it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

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
)
from studyportal.protocol.expressions.parsing import Expression
from studyportal.protocol.expressions.values import CALCULATE, COMPARE, JOIN, Wire, negative, opposite

Row = Mapping[str, Wire]
Compiled = Callable[[Row], Wire]


class Tables(NamedTuple):
    """What the signs of the language mean."""

    compare: Mapping[str, Callable] = COMPARE
    join: Mapping[str, Callable] = JOIN
    calculate: Mapping[str, Callable] = CALCULATE
    opposite: Callable = opposite
    negative: Callable = negative


TABLES = Tables()


@lru_cache(maxsize=8192)
def evaluate(expression: Expression) -> Compiled:
    """The expression as a function of a row; it gives a number, true or false, or None for missing."""
    return compiled(expression.tree)


def is_true(expression: Expression, row: Row) -> bool:
    """Whether the condition is met; a missing one is not."""
    return evaluate(expression)(row) is True


def compiled(tree: Node, tables: Tables = TABLES) -> Compiled:
    """A tree as a function of a row."""
    make = partial(compiled, tables=tables)
    match tree:
        case Name(name=name):
            return lambda row: row.get(name)
        case Listing(values=values):
            fixed = [value.value for value in values]
            return lambda row: fixed
        case Comparison(operator=operator, left=left, right=right):
            return _comparison(tables.compare[operator], make(left), make(right), right)
        case Junction(operator=operator, parts=parts):
            return _junction(tables.join[operator], [make(part) for part in parts])
        case Negation(operand=operand):
            return _after(tables.opposite, make(operand))
        case Negative(operand=operand):
            return _after(tables.negative, make(operand))
        case Arithmetic(first=first, rest=rest):
            steps = [(tables.calculate[operator], make(part)) for operator, part in rest]
            return _arithmetic(make(first), steps)
        case Call(function=function, arguments=arguments):
            return _call(function, [make(argument) for argument in arguments])
        case _:
            value = tree.value
            return lambda row: value


def _comparison(compare: Callable, left: Compiled, right: Compiled, shown: Node) -> Compiled:
    if isinstance(shown, Literal):  # the usual case, a call cheaper
        fixed = shown.value
        return lambda row: compare(left(row), fixed)
    return lambda row: compare(left(row), right(row))


def _junction(join: Callable, parts: Sequence[Compiled]) -> Compiled:
    return lambda row: join(part(row) for part in parts)


def _after(work: Callable, operand: Compiled) -> Compiled:
    return lambda row: work(operand(row))


def _arithmetic(first: Compiled, steps: Sequence[tuple[Callable, Compiled]]) -> Compiled:
    def calculate(row: Row) -> Wire:
        value = first(row)
        for work, part in steps:
            value = work(value, part(row))
        return value

    return calculate


def _call(name: str, arguments: Sequence[Compiled]) -> Compiled:
    function = FUNCTIONS[name]

    def call(row: Row) -> Wire:
        values = [argument(row) for argument in arguments]
        if not function.counts_missing and None in values:
            return None
        return function.apply(values)

    return call
