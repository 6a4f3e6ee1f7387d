"""The one small language of a study document: branching, alerts, computed items, eligibility and cohort criteria.

Read once into a tree, checked against what the names may hold, worked out in Python, and its branching part also in
the browser. Refuses by position and says what was expected. No text is ever run as code. The manual is
`docs/expressions.md`.
"""

from studyportal.protocol.expressions.branches import branching, criteria
from studyportal.protocol.expressions.checking import Problem, check
from studyportal.protocol.expressions.domains import TYPES, Domain
from studyportal.protocol.expressions.evaluating import evaluate, is_true
from studyportal.protocol.expressions.functions import FUNCTIONS
from studyportal.protocol.expressions.parsing import Expression, parse_expression
from studyportal.protocol.expressions.reaching import Steps, may_hold
from studyportal.protocol.expressions.tokens import WORDS, NotAnExpression

# What no item may be called.
RESERVED = WORDS | FUNCTIONS.keys()

__all__ = [
    "FUNCTIONS", "RESERVED", "TYPES", "Domain", "Expression", "NotAnExpression", "Problem", "Steps", "branching", "check",
    "criteria", "evaluate", "is_true", "may_hold", "parse_expression",
]  # fmt: skip
