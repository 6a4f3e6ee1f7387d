"""The manual of the language is true: every example gives what it says, and nothing of the language is left out."""

import json
import re
from pathlib import Path

import pytest

from studyportal.protocol.expressions import FUNCTIONS, NotAnExpression, check, evaluate, parse_expression
from studyportal.protocol.expressions.parsing import DEPTH
from studyportal.protocol.expressions.tokens import LENGTH, WORDS
from studyportal.protocol.expressions.values import CALCULATE, COMPARE, JOIN
from tests.protocol.expressions.names import DOMAINS

MANUAL = (Path(__file__).parents[3] / "docs" / "expressions.md").read_text()


def table(*heads: str) -> list[list[str]]:
    """The rows of the table with these heads."""
    rows = MANUAL.split(f"| {' | '.join(heads)} |\n")[1].split("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


WORDS_FOR = {"yes": True, "no": False, "missing": None}


def row_of(written: str) -> dict[str, object]:
    pairs = re.findall(r'([a-z_.]+) = ("[^"]*"|\[[^\]]*\]|[^,]+)', written)
    return {name: WORDS_FOR[value] if value in WORDS_FOR else json.loads(value) for name, value in pairs}


@pytest.mark.parametrize(("expression", "answers", "gives"), table("expression", "with", "gives"))
def test_an_example_gives_what_the_manual_says(expression, answers, gives):
    given = evaluate(parse_expression(expression.strip("`")))(row_of(answers))

    wanted = WORDS_FOR[gives] if gives in WORDS_FOR else float(gives)
    assert given == wanted and (given is None) == (wanted is None)


@pytest.mark.parametrize(("expression", "sentence"), table("expression", "sentence"))
def test_what_is_refused_is_refused_in_the_words_of_the_manual(expression, sentence):
    try:
        problems = check(parse_expression(expression.strip("`")), DOMAINS, wanted="condition")
        said = [problem.sentence for problem in problems]
    except NotAnExpression as refusal:
        said = [refusal.sentence]

    assert said == [sentence]


@pytest.mark.parametrize("sign", sorted({*WORDS, *FUNCTIONS, *CALCULATE, *COMPARE, *JOIN}))
def test_every_word_and_sign_of_the_language_is_in_the_manual(sign):
    assert any(sign in code for code in re.findall(r"`([^`\n]+)`", MANUAL))


def test_the_bounds_in_the_manual_are_those_of_the_language():
    assert f"at most {LENGTH:,} characters" in MANUAL and f"at most {DEPTH} levels" in MANUAL
