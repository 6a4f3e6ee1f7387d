"""Formulas and functions give known answers, whatever a row holds, and never fail on one."""

import operator
from math import isfinite

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from studyportal.protocol.expressions import evaluate, is_true, parse_expression
from studyportal.protocol.expressions.evaluating import TABLES, compiled
from studyportal.protocol.expressions.values import CALCULATE
from tests.protocol.expressions.cases import ANYTHING, NAMES

ROW = {
    "a": 7, "b": 2, "c": 2.5, "zero": 0, "flare": True, "sick": False, "cause": "cold", "causes": ["cold", "heat"],
    "nowhere": ["none"], "day": "2026-03-01", "leap": "2024-02-28", "slept": "23:30", "woke": "07:00",
    "dose_at": "2026-03-29T01:30+01:00[Europe/Berlin]", "felt_at": "2026-03-29T03:30+02:00[Europe/Berlin]",
    "medicines": [{"name": "x"}, {"name": "none"}], "note": "calm", "empty": None, "rows": [],
}  # fmt: skip

KNOWN = [
    ("a + b", 9), ("a - b", 5), ("a * b", 14), ("a / b", 3.5), ("-a", -7), ("a - b - c", 2.5), ("a + b * c", 12),
    ("(a + b) * c", 22.5), ("a / b / c", 1.4), ("a - -b", 9), ("a / zero", None), ("a + empty", None), ("-cause", None),
    ("a + flare", None), ("a * note", None), ("1 + 2 == 3", True), ("0.1 + 0.2 == 0.3", False),
    ("round(0.1 + 0.2, 9) == 0.3", True), ("a - b >= 5", True), ("a / b > 3.5", False),
    ("sum(a, b, c)", 11.5), ("sum(a, empty)", None), ("mean(a, b)", 4.5), ("mean(a, b, empty)", None), ("min(a, c)", 2.5),
    ("max(a, c)", 7), ("max(a, cause)", None), ("sum(0.1, 0.2, 0.3, 0.4) == 1", True), ("sum(flare)", None),
    ("count(a, b, empty, other)", 2), ("count(flare, sick)", 1), ("count(causes)", 2), ("count(nowhere)", 0),
    ("count(medicines)", 2), ("count(rows)", 0), ("count(cause, note, day)", 3), ("count(a > 5, b > 5, empty > 5)", 1),
    ("count(zero)", 1), ("count(empty) == 0", True),
    ("round(c)", 3), ("round(-c)", -3), ("round(a / 3, 2)", 2.33), ("round(2.675, 2)", 2.68), ("round(1.005, 2)", 1.01),
    ("round(empty)", None), ("round(a, c)", None), ("round(a, -1)", None), ("round(a * 100000000000000 * 100)", 70000000000000000),
    ("days_between(leap, day)", 732), ("days_between(day, leap)", -732), ("days_between(dose_at, day)", -28),
    ("days_between(day, cause)", None), ("days_between(day, empty)", None), ("days_between(day, a)", None),
    ("minutes_between(slept, woke)", 450), ("minutes_between(woke, slept)", 990), ("minutes_between(woke, woke)", 0),
    ("minutes_between(dose_at, felt_at)", 60), ("minutes_between(felt_at, dose_at)", -60),
    ("minutes_between(slept, felt_at)", None), ("minutes_between(slept, causes)", None), ("minutes_between(slept, a)", None),
    ("flare == a", None), ("cause == a", None), ("causes == cause", None), ("cause in causes", True), ("note in causes", False),
    ("cause in note", None), ("cause < note", None), ("slept > woke", True), ("day > slept", None), ("flare < sick", None),
    ("not a", None), ("a and sick", False), ("a or flare", True), ("flare", True), ("other", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "known"), KNOWN)
def test_an_expression_gives_its_known_answer(text, known):
    given = evaluate(parse_expression(text))(ROW)

    assert given == known and (type(given) is bool) == (type(known) is bool)


@pytest.mark.parametrize("sign", CALCULATE)
@pytest.mark.parametrize(
    "other", [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod]
)
def test_one_changed_sign_of_calculation_is_noticed_by_the_known_answers(sign, other):
    own = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}[sign]
    changed = {**CALCULATE, sign: lambda left, right: None if None in (left, right) else other(left, right)}
    numbers = [(text, known) for text, known in KNOWN if not {"zero", "flare", "note"} & parse_expression(text).names]

    noticed = [
        text
        for text, known in numbers
        if compiled(parse_expression(text).tree, TABLES._replace(calculate=changed))(ROW) != known
    ]

    assert bool(noticed) is (other is not own)


def test_a_condition_is_met_only_if_it_is_surely_met():
    answers = [is_true(parse_expression(text), ROW) for text in ("a > 6", "a > 7", "empty > 6", "a", "cause")]

    assert answers == [True, False, False, False, False]


def test_a_number_too_large_for_the_computer_is_missing():
    huge = " * ".join(["999999999999999"] * 30)

    assert [
        evaluate(parse_expression(text))({}) for text in (huge, f"-({huge})", f"sum({huge}, 1)", f"{huge} > 1")
    ] == [None] * 4
    assert evaluate(parse_expression("sum(a, a)"))({"a": 1e308}) is None


functions = st.sampled_from(
    ["sum({},{})", "mean({},{})", "min({},{})", "max({},{})", "count({},{})", "round({},{})", "days_between({},{})",
     "minutes_between({},{})", "{} + {}", "{} / {}", "{} == {}", "{} <= {}", "{} and {}", "not ({} in {})", "-{} > {}"]
)  # fmt: skip
values = st.sampled_from(
    [*ANYTHING, None, [{}], "2026-13-45", "25:61", "99:99", "2026-03-03T21:40", "T", "\ud800", 10**400]
)


@given(functions, st.sampled_from([*NAMES]), st.sampled_from([*NAMES]), st.data())
@example("round({},{})", "pain", "worst", None)
def test_no_row_makes_an_expression_fail(form, one, other, data):
    expression = parse_expression(form.format(one, other))
    row = {one: 10**400, other: 3} if data is None else {one: data.draw(values), other: data.draw(values)}

    given_out = evaluate(expression)(row)

    assert given_out is None or type(given_out) in (int, float, bool)
    assert type(given_out) is not float or isfinite(given_out)
