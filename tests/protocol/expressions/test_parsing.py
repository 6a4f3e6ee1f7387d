"""An expression is read into one tree, or refused with its position; no text is too hostile for that."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from studyportal.protocol.expressions import FUNCTIONS, RESERVED, NotAnExpression, parse_expression
from studyportal.protocol.expressions.nodes import Arithmetic, Comparison, Junction, Name, Negation, Number, Text
from studyportal.protocol.expressions.parsing import DEPTH
from studyportal.protocol.expressions.tokens import LENGTH


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2 * 3", Arithmetic(Number(1), (("+", Arithmetic(Number(2), (("*", Number(3)),))),))),
        ("1 - 2 - 3", Arithmetic(Number(1), (("-", Number(2)), ("-", Number(3))))),
        ("-3 < a", Comparison("<", Number(-3), Name("a"))),
        ("2.50 < a", Comparison("<", Number(2.5), Name("a"))),
        ("not a == b", Negation(Comparison("==", Name("a"), Name("b")))),
        ("not a and b", Junction("and", (Negation(Name("a")), Name("b")))),
        ("a or b and c", Junction("or", (Name("a"), Junction("and", (Name("b"), Name("c")))))),
        ("a or (b or c)", Junction("or", (Name("a"), Name("b"), Name("c")))),
        ('other.a\n  == "x y"', Comparison("==", Name("other.a"), Text("x y"))),
    ],
)
def test_signs_bind_as_the_manual_says(text, tree):
    assert parse_expression(text).tree == tree


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("", 0, "a number, a text in quotes or a name is expected here."),
        ("pain > ", 6, "a number, a text in quotes or a name is expected here."),
        ("pain pain", 5, "a sign such as ==, + or and is expected, or the end."),
        ("(pain", 5, "a closing bracket ) is expected here."),
        ("pain in 3", 8, 'a list such as ["a", "b"] or a name is expected here.'),
        ("pain in []", 9, "a number, a text in quotes, yes or no is expected here."),
        ("pain in [1, b]", 12, "a number, a text in quotes, yes or no is expected here."),
        ('pain in [1, "b"]', 12, "this list begins with numbers; go on so."),
        ("pain in [1 2]", 11, "a comma or a closing bracket ] is expected here."),
        ("pain in [-yes]", 10, "a number is expected here."),
        ("pain == [1]", 8, "a list can stand only after in."),
        ("total(pain)", 0, f"there is no function of this name. Functions are {', '.join(FUNCTIONS)}."),
        ("sum + 1", 0, "the function sum needs brackets: sum(...)."),
        ("days_between(a)", 0, "days_between is used wrongly; write days_between(first, second)."),
        ("a == b == c", 7, "a second comparison follows; join comparisons with and."),
        ("(a == b) == c < 3", 14, "a second comparison follows; join comparisons with and."),
        ("a <> b", 2, "write != for not equal and not for the opposite."),
        ("!a", 0, "write != for not equal and not for the opposite."),
        ("a || b", 2, "write or."),
        ("Pain > 3", 0, "names are written in small letters, digits and _, as in pain_worst or baseline.pain."),
        ("a.b.c > 3", 0, "names are written in small letters, digits and _, as in pain_worst or baseline.pain."),
        ("a > .5", 4, "write a number in digits, with a point for decimals and digits on both sides of it, as in 0.5."),
        (
            "a > 1e5",
            4,
            "write a number in digits, with a point for decimals and digits on both sides of it, as in 0.5.",
        ),
        ("a > 007", 4, "a number begins with 0; leave the 0 out, or put a code between quotes."),
        ("a > 1234567890123456", 4, "a number is too long: at most 15 digits are kept exactly."),
        ('a == "x', 5, "a text begins that is never closed; it ends with a straight double quote on the same line."),
        ("a == “x”", 5, 'put texts between straight double quotes, as in "this".'),
        ("a ; b", 2, "there is a character that has no meaning in an expression."),
        ("a" * (LENGTH + 1), LENGTH, f"this expression becomes too long: at most {LENGTH} characters are read."),
        ("(" * 500, DEPTH, f"this is nested more than {DEPTH} levels deep; write it more simply."),
        ("not " * 200, 4 * DEPTH, f"this is nested more than {DEPTH} levels deep; write it more simply."),
        ("-" * 900, DEPTH, f"this is nested more than {DEPTH} levels deep; write it more simply."),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place_and_what_was_expected(text, position, expected):
    with pytest.raises(NotAnExpression) as refused:
        parse_expression(text)

    assert refused.value.position == position
    assert refused.value.sentence == f"At character {position + 1}, {expected}"


def test_an_expression_knows_its_names_and_keeps_its_text():
    expression = parse_expression('  worst -baseline.pain>= 4 and count(flare, "x" in causes) > 0')

    assert expression.names == {"worst", "baseline.pain", "flare", "causes"}
    assert str(expression) == '  worst -baseline.pain>= 4 and count(flare, "x" in causes) > 0'
    assert expression.canonical == 'worst - baseline.pain >= 4 and count(flare, "x" in causes) > 0'


def test_the_same_tree_is_the_same_expression_and_yes_is_not_one():
    assert (
        parse_expression("(a==1.0)") == parse_expression("a == 1")
        and len({parse_expression("a"), parse_expression("(a)")}) == 1
    )
    assert parse_expression("a == yes") != parse_expression("a == 1")


names = st.sampled_from(["a", "pain_worst", "baseline.pain", "no_sleep", "constructor"])
numbers = st.integers(0, 10**15 - 1).map(str) | st.decimals(0, 9999, places=3).map(str)
texts = st.text(st.characters(codec="utf-8", exclude_characters='"\r\n'), max_size=8).map('"{}"'.format)


def larger(inner):
    lists = st.lists(texts, min_size=1, max_size=3) | st.lists(numbers, min_size=1, max_size=3)
    signs = st.sampled_from(["+", "-", "*", "/", "==", "!=", "<", "<=", ">", ">=", "and", "or"])
    return st.one_of(
        st.tuples(inner, signs, inner).map(lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"),
        st.tuples(names, signs, inner, signs, names).map(
            lambda parts: f"{parts[0]} {parts[1]} ({parts[2]} {parts[3]} {parts[4]})"
        ),
        st.tuples(st.sampled_from(["not", "-"]), inner).map(lambda parts: f"{parts[0]} ({parts[1]})"),
        st.tuples(inner, lists).map(lambda parts: f"({parts[0]}) in [{', '.join(parts[1])}]"),
        st.tuples(texts, names).map(lambda parts: f"{parts[0]} in {parts[1]}"),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"count({', '.join(parts)})"),
    )


expressions = st.recursive(names | numbers | texts | st.sampled_from(["yes", "no"]), larger, max_leaves=8)


@given(expressions)
@example("-(2)")
@example("--2 - -2")
@example("(a + b) + (c + d)")
@example("a - (b - c)")
@example("not (not a) and not (a and b)")
@example("(a == b) == (c < d)")
def test_an_expression_written_canonically_is_the_same_expression(text):
    try:
        expression = parse_expression(text)
    except NotAnExpression:
        return  # a comparison beside a comparison, for example

    again, kept = parse_expression(expression.canonical), parse_expression(str(expression))

    assert again.tree == expression.tree == kept.tree
    assert again.canonical == expression.canonical and len(again.canonical) <= 3 * len(text)


signs = st.sampled_from(
    [*"()[],+-*/<>=!&.\"' \n0123456789aZ_é\0", "==", " and ", " or ", "not ", " in ", "yes", "sum(", "1.5"]
)


@given(st.text(max_size=200) | st.lists(signs, max_size=400).map("".join))
@example("a + " * 249 + "a")
@example("a and " * 165 + "a")
@example("sum(" + "1," * 99 + "1)")
@example("((((((((((((((((((((a))))))))))))))))))))")
@example('"' * 999)
@example("\ud800")
def test_any_text_is_an_expression_or_is_refused_within_itself(text):
    try:
        expression = parse_expression(text)
    except NotAnExpression as refusal:
        assert 0 <= refusal.position <= len(text)
        assert refusal.sentence.startswith(f"At character {refusal.position + 1}, ") and refusal.sentence.endswith(".")
    else:
        assert all("." not in name or name.count(".") == 1 for name in expression.names)
        assert not expression.names & RESERVED


def test_the_time_to_read_grows_with_the_length_only(monkeypatch):
    from studyportal.protocol.expressions import parsing

    asked = 0
    inner = parsing._Reader.is_sign

    def counting(self, *values):
        nonlocal asked
        asked += 1
        return inner(self, *values)

    monkeypatch.setattr(parsing._Reader, "is_sign", counting)
    for text in (
        "(" * 19 + "a" + ")" * 19 + "+a" * 470,
        "a+" * 499 + "a",
        "not a or " * 110 + "a",
        "max(a,a)*" * 100 + "a",
    ):
        parse_expression(text[:LENGTH])

    assert asked < 4 * LENGTH * 20
