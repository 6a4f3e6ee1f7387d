"""Hold an expression as a tree of frozen values, and write a tree back as text in one canonical form.

Where a node stood in the text is kept for sentences about it and does not count when two trees are compared.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written; a whole one is an int, whatever stood behind its point."""

    value: int | float
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text between quotes: a code, a date, a time of day or words."""

    value: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Truth:
    """`yes` or `no`."""

    value: bool
    position: int = field(default=0, compare=False)


Literal = Number | Text | Truth


@dataclass(frozen=True, slots=True)
class Name:
    """An item's answer in this entry, or with a point (`baseline.pain`) its latest answer in another instrument."""

    name: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Listing:
    """Fixed values in brackets, all of one sort."""

    values: tuple[Literal, ...]
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    """The number with the other sign."""

    operand: "Node"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Numbers joined by + and -, or by * and /, from left to right."""

    first: "Node"
    rest: tuple[tuple[str, "Node"], ...]
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values compared by one of == != < <= > >= in; `position` is that of the operator."""

    operator: str
    left: "Node"
    right: "Node"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Negation:
    """`not`."""

    operand: "Node"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions joined by `and`, or by `or`."""

    operator: str
    parts: tuple["Node", ...]
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    function: str
    arguments: tuple["Node", ...]
    position: int = field(default=0, compare=False)


Node = Literal | Name | Listing | Negative | Arithmetic | Comparison | Negation | Junction | Call


def children(node: Node) -> tuple[Node, ...]:
    """The nodes that a node is made of."""
    match node:
        case Negative(operand=operand) | Negation(operand=operand):
            return (operand,)
        case Arithmetic(first=first, rest=rest):
            return (first, *(part for _, part in rest))
        case Comparison(left=left, right=right):
            return (left, right)
        case Junction(parts=parts) | Call(arguments=parts) | Listing(values=parts):
            return parts
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """A node and everything in it."""
    yield node
    for child in children(node):
        yield from walk(child)


# How tightly each form binds: a part that binds less tightly than it must is written in brackets.
_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _PRIMARY = range(8)


def written(node: Node) -> str:
    """The canonical text of a tree; reading it, if spaces have not made it too long, gives the same tree."""
    return _write(node)[0]


def _write(node: Node) -> tuple[str, int]:
    match node:
        case Number(value=value):
            return _number(value), _SIGN if value < 0 else _PRIMARY
        case Text(value=value):
            return f'"{value}"', _PRIMARY
        case Truth(value=value):
            return "yes" if value else "no", _PRIMARY
        case Name(name=name):
            return name, _PRIMARY
        case Listing(values=values):
            return f"[{', '.join(map(written, values))}]", _PRIMARY
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(map(written, arguments))})", _PRIMARY
        case Negative(operand=operand):
            return f"-{_within(operand, _SIGN)}", _SIGN
        case Arithmetic(first=first, rest=rest):
            own = _SUM if rest[0][0] in "+-" else _PRODUCT
            parts = [f" {operator} {_within(part, own + 1)}" for operator, part in rest]
            return _within(first, own + 1) + "".join(parts), own
        case Comparison(operator=operator, left=left, right=right):
            return f"{_within(left, _SUM)} {operator} {_within(right, _SUM)}", _COMPARISON
        case Negation(operand=operand):
            return f"not {_within(operand, _NOT)}", _NOT
        case Junction(operator=operator, parts=parts):
            own = _OR if operator == "or" else _AND
            return f" {operator} ".join(_within(part, own + 1) for part in parts), own


def _within(node: Node, least: int) -> str:
    text, strength = _write(node)
    return text if strength >= least else f"({text})"


def _number(value: float) -> str:
    # With the digits that were typed, never with an exponent, which the language does not have.
    return format(Decimal(repr(value)), "f")
