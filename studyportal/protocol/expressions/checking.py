"""Find what is wrong with an expression before anybody answers: names that are not there, values that do not fit.

Every problem is found at once, each with its place and a sentence that says what to change.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Literal as OneOf
from typing import NamedTuple

from studyportal.protocol.expressions.domains import ORDERED, TYPES, Domain
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
    children,
    walk,
)
from studyportal.protocol.expressions.parsing import Expression
from studyportal.protocol.expressions.ranges import may_compare, range_of

QUOTED = "quoted"  # the type of a text in quotes, before it is known what it is compared with
_WORDS = {**TYPES, QUOTED: "a text in quotes"}
_WANTED = {"number": "a number", "yes_no": "a condition, or an item with yes or no,"}
_ORDERS = frozenset({"<", "<=", ">", ">="})
_EXAMPLES = {"date": "2026-03-31", "time": "21:40"}
# What a quoted text can stand for.
_QUOTABLE = frozenset({"code", "date", "time", "text"})
_IN_OTHER_LANGUAGES = {"true": "yes", "false": "no", "null": "count(...) == 0", "none": '"none"'}


class Problem(NamedTuple):
    """`position` counts from 0."""

    position: int
    sentence: str


def check(
    expression: Expression, domains: Mapping[str, Domain], *, wanted: OneOf["number", "condition"]
) -> list[Problem]:
    """What is wrong with the expression where these names can be used; [] if nothing is."""
    checker = _Checker(domains)
    checker.want("number" if wanted == "number" else "yes_no", [expression.tree])
    return sorted(set(checker.problems))


class _Checker:
    def __init__(self, domains: Mapping[str, Domain]) -> None:
        self.domains = domains
        self.problems: list[Problem] = []

    def note(self, node: Node, sentence: str) -> None:
        self.problems.append(Problem(node.position, f"At character {node.position + 1}, {sentence}"))

    def want(self, wanted: str, nodes: Iterable[Node]) -> None:
        for node in nodes:
            found = self.type_of(node)
            if found not in (wanted, None):
                self.note(node, f"{_WANTED[wanted]} is expected here, but {_subject(node)} is {_WORDS[found]}.")

    def type_of(self, node: Node) -> str | None:
        """The type of a node, its problems noted; None if it cannot be told."""
        match node:
            case Number():
                return "number"
            case Truth():
                return "yes_no"
            case Text() | Listing():
                return QUOTED
            case Name():
                return self.type_of_name(node)
            case Negative() | Arithmetic():
                self.want("number", children(node))
                return "number"
            case Negation() | Junction():
                self.want("yes_no", children(node))
                return "yes_no"
            case Call():
                self.call(node)
                return "number"
            case Comparison(operator="in"):
                self.membership(node)
            case Comparison():
                self.comparison(node)
        return "yes_no"

    def type_of_name(self, node: Name) -> str | None:
        if domain := self.domains.get(node.name):
            return domain.type
        if meant := _IN_OTHER_LANGUAGES.get(node.name):
            self.note(node, f"there is no item {node.name} here. Write {meant}.")
        else:
            self.note(node, f"there is no item {node.name} here." + _did_you_mean(node.name, self.domains))
        return None

    def call(self, node: Call) -> None:
        function = FUNCTIONS[node.function]
        types = {}
        for argument in node.arguments:
            found = self.type_of(argument)
            if found is None:
                continue
            types.setdefault(found, argument)
            if found not in function.takes:
                takes = " or ".join(_WORDS[one] for one in function.takes[:2])
                self.note(argument, f"{node.function} takes {takes}, but {_subject(argument)} is {_WORDS[found]}.")
        if node.function == "minutes_between" and {"time", "moment"} <= types.keys():
            self.note(node, "minutes_between takes two times of day or two dates with times, not one of each.")
        if node.function == "round" and len(node.arguments) == 2:
            digits = node.arguments[1]
            if not (isinstance(digits, Number) and digits.value in range(10)):
                self.note(digits, "the number of decimals is expected, 0 to 9.")

    def comparison(self, node: Comparison) -> None:
        left, right = self.type_of(node.left), self.type_of(node.right)
        if left is None or right is None:
            return
        if not any(isinstance(part, Name) for side in (node.left, node.right) for part in walk(side)):
            self.note(node, "two fixed values are compared; one side needs an item.")
            return
        type_ = right if left == QUOTED else left
        for side, found in ((node.left, left), (node.right, right)):
            if found == "codes":
                self.note(side, f'{_called(side)} holds several choices; write "code" in {_called(side)}.')
                return
            if found in ("moment", "rows"):
                self.note(side, f"{_WORDS[found]} cannot be compared; use {_INSTEAD[found]}.")
                return
        if {left, right} != {type_} and not (QUOTED in (left, right) and type_ in _QUOTABLE):
            self.misfit(node, left, right)
        elif node.operator in _ORDERS and type_ not in ("number", "date", "time"):
            self.note(node, f"{_WORDS[type_]} has no order; compare with == or !=.")
        else:
            self.values(node, type_)

    def membership(self, node: Comparison) -> None:
        left = self.type_of(node.left)
        if isinstance(node.right, Name):
            right = self.type_of(node.right)
            if right is None or left is None:
                return
            if right != "codes":
                self.note(
                    node.right, f"{node.right.name} is {_WORDS[right]}; after in stands a list, or several choices."
                )
            elif left not in (QUOTED, "code"):
                self.note(
                    node.left, f"a code in quotes is expected before in, but {_subject(node.left)} is {_WORDS[left]}."
                )
            elif isinstance(node.left, Text):
                self.code(node.left, node.right)
            return
        if left is None:
            return
        if left == "codes":
            self.note(node.left, f'{_called(node.left)} holds several choices; write "code" in {_called(node.left)}.')
        elif left in ("moment", "rows"):
            self.note(node.left, f"{_WORDS[left]} cannot be compared; use {_INSTEAD[left]}.")
        elif isinstance(node.left, Literal):
            self.note(node.left, "two fixed values are compared; one side needs an item.")
        else:
            for value in node.right.values:
                found = self.type_of(value)
                if found != left and not (found == QUOTED and left in _QUOTABLE):
                    self.misfit(Comparison("==", node.left, value, value.position), left, found)
                else:
                    self.values(Comparison("==", node.left, value, value.position), left)

    def misfit(self, node: Comparison, left: str, right: str) -> None:
        sides = ((node.left, left), (node.right, right))
        (one, found), (_, other) = sides if isinstance(node.left, Name) else sides[::-1]
        self.note(node, f"{_subject(one)} is {_WORDS[found]} and cannot be compared with {_WORDS[other]}.")

    def values(self, node: Comparison, type_: str) -> None:
        """The types of a comparison fit; now its values."""
        if type_ == "code":
            self.codes(node)
        elif type_ in ORDERED:
            self.days_and_times(node, type_)
        elif type_ == "number":
            self.numbers(node)

    def codes(self, node: Comparison) -> None:
        sides = (node.left, node.right)
        for side, other in (sides, sides[::-1]):
            if isinstance(side, Text) and isinstance(other, Name):
                self.code(side, other)
        known = [self.domains[side.name].codes for side in sides if isinstance(side, Name)]
        if len(known) == 2 and None not in known and not known[0] & known[1]:
            self.note(node, "these two have no choice in common.")

    def code(self, text: Text, name: Name) -> None:
        codes = self.domains[name.name].codes
        if codes is None or text.value in codes:
            return
        known = _did_you_mean(text.value, codes) or f" Its choices are {', '.join(sorted(codes)[:12])}."
        self.note(text, f'{name.name} has no choice "{text.value}".{known}')

    def days_and_times(self, node: Comparison, type_: str) -> None:
        as_number = ORDERED[type_][0]
        for side in (node.left, node.right):
            if isinstance(side, Text) and as_number(side.value) is None:
                self.note(side, f'{TYPES[type_]} is expected, written as "{_EXAMPLES[type_]}".')

    def numbers(self, node: Comparison) -> None:
        left, right = range_of(node.left, self.domains), range_of(node.right, self.domains)
        if not may_compare(node.operator, left, right):
            subject, (low, high) = (node.right, right) if isinstance(node.left, Number) else (node.left, left)
            self.note(node, f"this can never be: {_called(subject)} is from {low:.15g} to {high:.15g}.")
            return
        for side, other in ((node.left, node.right), (node.right, node.left)):
            equal = node.operator == "==" and isinstance(side, Name) and isinstance(other, Number)
            if equal and self.domains[side.name].whole and isinstance(other.value, float):
                self.note(node, f"this can never be: {side.name} is a whole number.")


_INSTEAD = {"moment": "days_between or minutes_between", "rows": "count(...)"}


def _called(node: Node) -> str:
    return node.name if isinstance(node, Name) else "what is calculated"


def _subject(node: Node) -> str:
    return node.name if isinstance(node, Name) else "this"


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    # A slip leaves the first letter and nearly the length; comparing with all of 10,000 names would take too long.
    similar = [one for one in known if one[:1] == name[:1] and abs(len(one) - len(name)) <= 2][:50]
    near = get_close_matches(name, similar, n=1)
    return f" Did you mean {near[0]}?" if near else ""
