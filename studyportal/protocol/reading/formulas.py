"""Read a formula or a condition. Whether its names exist and fit is seen when the whole document has been read."""

from dataclasses import dataclass
from typing import Any

from studyportal.protocol.expressions import NotAnExpression, branching, parse_expression
from studyportal.protocol.expressions.tokens import LENGTH
from studyportal.protocol.reading.fields import Reader, Schema
from studyportal.protocol.reading.places import WRONG, Place
from studyportal.protocol.reading.tree import Node
from studyportal.protocol.reading.values import SCALARS, typed


@dataclass(frozen=True, slots=True)
class Formula(Reader):
    """An expression; a `branch` may only use what a browser can work out."""

    branch: bool = False

    def read(self, node: Node, place: Place) -> Any:
        value = typed(node, place)
        if value is WRONG:
            return WRONG
        try:
            expression = parse_expression(value)
            if self.branch:
                branching(expression)
        except NotAnExpression as refusal:
            return place.refuse(refusal.sentence)
        return expression

    def schema(self, shared: dict[str, Schema]) -> Schema:
        return {"type": SCALARS, "minLength": 1, "maxLength": LENGTH}
