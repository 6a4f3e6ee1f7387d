"""Python and the browser give the same answer to every condition and row, and the cases would notice if they did
not."""

import re
from collections import Counter

import pytest

from studyportal.protocol.expressions import branching, parse_expression
from studyportal.protocol.expressions.evaluating import TABLES, Tables, compiled
from studyportal.protocol.expressions.values import COMPARE, JOIN
from tests.protocol.expressions.cases import cases
from tests.protocol.expressions.engine import SCRIPT, in_chromium

CASES = cases(3000, seed=20260303)
TREES = [parse_expression(case.condition).tree for case in CASES]


def in_python(tables: Tables = TABLES) -> list[bool | None]:
    answers = [compiled(tree, tables)(case.row) for tree, case in zip(TREES, CASES, strict=True)]
    return [answer if type(answer) is bool else None for answer in answers]


# What one slip of the hand makes of a sign in the script.
SLIPS = {
    "===": ["!=="], "!==": ["==="], "<=": ["<", ">=", ">"], ">=": [">", "<=", "<"], "<": ["<=", ">", ">="],
    ">": [">=", "<", "<="], "&&": ["||"], "||": ["&&"], "!": [""], "every": ["some"], "some": ["every"],
    "true": ["false", "null"], "false": ["true", "null"], "null": ["true", "false"],
}  # fmt: skip
_CODE = re.sub(
    r"/\*.*?\*/|//[^\n]*|\"[^\"\n]*\"|/\^.*?\$/", lambda match: "\0" * len(match[0]), SCRIPT, flags=re.DOTALL
)
_SIGNS = re.compile(r"===|!==|=>|<=|>=|&&|\|\||[<>!]|\b(?:every|some|true|false|null)\b")


def slips() -> dict[str, str]:
    """Every version of the script with one sign changed, outside comments and texts, by what was changed."""
    found = {}
    for sign in _SIGNS.finditer(_CODE):
        for other in SLIPS.get(sign[0], ()):
            line = SCRIPT.count("\n", 0, sign.start()) + 1
            column = sign.start() - SCRIPT.rfind("\n", 0, sign.start())
            found[f"{line}:{column} {sign[0]} -> {other}"] = SCRIPT[: sign.start()] + other + SCRIPT[sign.end() :]
    return found


@pytest.fixture(scope="module")
def answers() -> dict[str, list[bool | None]]:
    """What the script and each of its slips answer."""
    versions = {"the script": SCRIPT, **slips()}
    return dict(zip(versions, in_chromium([*versions.values()], CASES), strict=True))


def test_both_evaluators_agree_on_every_case(answers):
    python = in_python()

    differing = [
        (case, one, other)
        for case, one, other in zip(CASES, python, answers["the script"], strict=True)
        if one is not other
    ]

    assert differing == []
    assert len(CASES) >= 2000


def test_the_cases_are_of_all_sorts():
    outcomes, signs = Counter(in_python()), Counter(sign for case in CASES for sign in case.condition.split())

    assert min(outcomes[outcome] for outcome in (True, False, None)) > 300
    assert min(signs[sign] for sign in ("==", "!=", "<", "<=", ">", ">=", "in", "and", "or", "not")) > 100
    assert sum(None in case.row.values() for case in CASES) > 300


def test_one_changed_sign_in_the_script_is_noticed(answers):
    right = answers["the script"]

    unnoticed = [slip for slip, given in answers.items() if slip != "the script" and given == right]

    assert unnoticed == []
    assert len(answers) > 50


CHANGED = [
    *((f"{sign} as {other}", TABLES._replace(compare={**COMPARE, sign: COMPARE[other]}))
      for sign in COMPARE for other in COMPARE if sign != other),
    *((f"{sign} as {other}", TABLES._replace(join={**JOIN, sign: JOIN[other]}))
      for sign in JOIN for other in JOIN if sign != other),
    ("not as nothing", TABLES._replace(opposite=lambda value: value if type(value) is bool else None)),
    ("not of missing as yes", TABLES._replace(opposite=lambda value: value is not True)),
    *((f"missing as no in {sign}", TABLES._replace(join={**JOIN, sign: lambda values, test=test: test(v is True for v in values)}))
      for sign, test in (("and", all), ("or", any))),
]  # fmt: skip


@pytest.mark.parametrize("tables", [tables for _, tables in CHANGED], ids=[name for name, _ in CHANGED])
def test_one_changed_operator_in_python_is_noticed(tables, answers):
    assert in_python(tables) != answers["the script"]


def test_a_tree_for_the_browser_is_plain_json():
    expression = parse_expression('not (pain > 6 and "cold" in causes) or cause in ["heat", "cold"] or -1 < pain')

    tree = branching(expression)

    assert tree == [
        "or",
        ["not", ["and", [">", ["name", "pain"], ["value", 6]], ["in", ["value", "cold"], ["name", "causes"]]]],
        ["in", ["name", "cause"], ["value", ["heat", "cold"]]],
        ["<", ["value", -1], ["name", "pain"]],
    ]
