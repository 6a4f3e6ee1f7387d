"""A condition that can never be met is found, and none that can is called so."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.protocol.expressions import Domain, Steps, evaluate, is_true, may_hold, parse_expression
from tests.protocol.expressions.names import DOMAINS


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("pain > 6", True),
        ("pain == 3 and pain == 4", False),
        ("pain > 3 and pain < 4", False),
        ("temperature > 36 and temperature < 37", True),
        ("temperature > 36 and temperature < 37 and temperature in [36, 37]", False),
        ("weight > 3 and weight < 3.5", True),
        ("weight < -1000000000", True),
        ("pain < 0 or flare", True),
        ("flare and not flare", False),
        ("not (flare or not flare)", False),
        ("pain < worst and worst < pain", False),
        ("pain < worst and worst < baseline.pain_usual and baseline.pain_usual < 3", True),
        ("pain < worst and worst < baseline.pain_usual and baseline.pain_usual < 2", False),
        ("temperature < pain", False),
        ("weight < pain and weight > worst and worst > 8", True),
        ("weight < pain and weight > worst and worst >= 9 and pain < 10", False),
        ("worst < weight and weight < pain and pain < 2 and worst > 0", False),
        ('flare == no and cause == "cold"', False),
        ('flare == yes and cause == "cold"', True),
        ('cause != "cold" and cause != "heat" and cause != "stress"', False),
        ('cause in ["cold", "heat"] and not (cause == "cold")', True),
        ('"cold" in causes and "heat" in causes', True),
        ('"cold" in causes and "none" in causes', False),
        ('not ("cold" in causes or "heat" in causes or "stress" in causes)', True),
        ("cause in causes and not flare", False),
        ('cause in causes and "heat" in causes and cause == "cold"', True),
        ('begun > "2026-03-01" and begun < "2026-03-02"', False),
        ('begun > "2026-03-01" and begun < "2026-03-03"', True),
        ("begun < ended and ended < begun", False),
        ('slept > "23:58" and woke < "00:01" and slept > woke', True),
        ('slept > "23:59"', False),
        ('note == "calm" and note == "wild"', False),
        ('note != "calm" and note != "wild"', True),
        ("pain - worst > 4", None),
        ("pain - worst > 10", False),
        ("pain - worst > 4 and flare and not flare", False),
        ("count(pain, worst) > 2 or pain > 9", None),
        ("(pain > 3) == flare", None),
        ("unknown > 3", None),
    ],
)
def test_whether_a_condition_can_be_met_is_known(text, answer):
    assert may_hold(parse_expression(text), DOMAINS) is answer


def test_conditions_upon_conditions_count():
    chain = {
        f"q{number}": Domain(type="yes_no", asked_when=parse_expression(f"q{number - 1} == yes"))
        for number in range(1, 8)
    }
    chain["q0"] = Domain(type="yes_no")

    assert may_hold(parse_expression("q7 and q0"), chain) is True
    assert may_hold(parse_expression("q7 and not q0"), chain) is False
    assert may_hold(parse_expression("q7 or not q3"), chain) is True


@pytest.mark.parametrize("when", ["a > 3", "b > 3", "c > 3", "a - b > 3"])
def test_names_that_wait_for_each_other_give_no_answer_and_no_endless_search(when):
    domains = {
        "a": Domain(type="number", asked_when=parse_expression("b > 3")),
        "b": Domain(type="number", asked_when=parse_expression(when)),
    }

    assert may_hold(parse_expression("b > 1 and a > 1"), domains) is None


def test_conditions_of_one_document_share_their_steps():
    expression, steps = parse_expression("pain < worst and worst < pain"), Steps(10_000)
    alone = may_hold(expression, DOMAINS)

    answers = [may_hold(expression, DOMAINS, steps=steps) for _ in range(1_000)]

    assert alone is False
    assert answers[0] is False
    assert answers[-1] is None
    assert steps.left >= 0


def test_a_search_ends_after_a_bounded_number_of_steps(monkeypatch):
    from studyportal.protocol.expressions import reaching

    steps = 0
    inner = reaching._Search._try

    def counting(self, *values):
        nonlocal steps
        steps += 1
        return inner(self, *values)

    monkeypatch.setattr(reaching._Search, "_try", counting)
    domains = {f"q{number}": Domain(type="codes", codes=frozenset("abcde")) for number in range(30)}
    text = " and ".join(
        f'("a" in q{number} or "b" in q{number + 1}) and not ("c" in q{number})' for number in range(15)
    )

    answer = may_hold(parse_expression(f'({text}) and not ("a" in q0 or "b" in q1)'), domains, most=500)

    assert answer in (False, None) and steps <= 501


# A study so small that every row can be tried.
SMALL = {
    "a": Domain(type="number", minimum=0, maximum=3, whole=True),
    "b": Domain(type="number", minimum=1, maximum=2, whole=True, asked_when=parse_expression("a > 1")),
    "t": Domain(type="yes_no"),
    "u": Domain(type="yes_no", asked_when=parse_expression('t == no or c == "x"')),
    "c": Domain(type="code", codes=frozenset("xyz"), asked_when=parse_expression("t")),
    "s": Domain(type="codes", codes=frozenset({"x", "y", "none"})),
}
EVERY = {
    "a": [0, 1, 2, 3], "b": [1, 2], "t": [True, False], "u": [True, False], "c": ["x", "y", "z"],
    "s": [["x"], ["y"], ["x", "y"], ["none"]],
}  # fmt: skip


def every_row():
    order = ["a", "b", "t", "c", "u", "s"]
    for values in product(*([*EVERY[name], None] for name in order)):
        row = dict(zip(order, values, strict=True))
        if all(row[name] is None or not (when := SMALL[name].asked_when) or is_true(when, row) for name in order):
            yield row


ROWS = list(every_row())
plain = st.sampled_from(
    ["a > 1", "a <= 2", "a == 3", "a != 0", "b == 2", "b < a", "a < b", "a == b", "t", "u == no", "t == u", 'c == "x"',
     'c != "y"', 'c in ["y", "z"]', '"x" in s', '"none" in s', "c in s", "a in [1, 2]", "b >= 1"]
)  # fmt: skip
calculated = st.sampled_from(["a + b > 4", "a - b >= 2", "count(a, b) == 1", "-a < -2", "max(a, b) == 3", "a + b > 5"])


def joined(inner):
    return st.tuples(inner, st.sampled_from(["and", "and", "and not", "or"]), inner).map(
        lambda parts: "({}) {} ({})".format(*parts)
    )


@settings(max_examples=300)
@given(st.recursive(plain, joined, max_leaves=7))
def test_trying_few_answers_finds_what_trying_all_of_them_finds(text):
    expression = parse_expression(text)
    met = evaluate(expression)

    assert may_hold(expression, SMALL) is any(met(row) is True for row in ROWS)


@settings(max_examples=200)
@given(st.recursive(plain | calculated, joined, max_leaves=7))
def test_never_is_said_only_of_what_no_answers_meet(text):
    expression = parse_expression(text)
    met = evaluate(expression)

    if may_hold(expression, SMALL) is False:
        assert not any(met(row) is True for row in ROWS)
