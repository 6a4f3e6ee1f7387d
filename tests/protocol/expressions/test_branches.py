"""What travels is only the part of the language that the other end has."""

import pytest

from studyportal.protocol.expressions import NotAnExpression, branching, criteria, parse_expression


@pytest.mark.parametrize(
    ("text", "position"),
    [("flare and pain + 1 > 3", 10), ("not (count(pain) == 0)", 5), ("-pain < 3", 0), ("pain > -(worst)", 7)],
)
def test_what_decides_whether_a_question_is_shown_calculates_nothing(text, position):
    with pytest.raises(NotAnExpression) as refused:
        branching(parse_expression(text))

    assert refused.value.position == position
    assert "can only compare answers" in refused.value.sentence


def test_criteria_are_names_with_their_wanted_values_in_one_order():
    first = criteria(
        parse_expression('sex == "f" and age in ["30-39", "18-29"] and evening.flare == yes and pain in [1, 2]')
    )
    second = criteria(
        parse_expression('pain in [2,1] and evening.flare==yes and (age in ["18-29","30-39"] and sex in ["f"])')
    )

    assert first == second
    assert first[1] == ()
    assert first[0] == (
        ("age", frozenset({"18-29", "30-39"})),
        ("evening.flare", frozenset({True})),
        ("pain", frozenset({1, 2})),
        ("sex", frozenset({"f"})),
    )


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ('age > 3 and sex == "f"', 0),
        ('sex == "f" or sex == "m"', 0),
        ('sex == "f" and not (age == "x" or pain == 1)', 20),
        ('sex == "f" and not (age == "x" and not (pain == 1))', 35),
        ('"f" == sex', 0),
        ('"x" in causes', 0),
        ("flare", 0),
        ("a == b", 0),
        ("a + 1 == 3", 0),
    ],
)
def test_a_cohort_is_asked_for_in_no_other_way(text, position):
    with pytest.raises(NotAnExpression) as refused:
        criteria(parse_expression(text))

    assert refused.value.position == position
    assert "a criterion is expected here" in refused.value.sentence


def test_a_criterion_stands_once():
    with pytest.raises(NotAnExpression) as refused:
        criteria(parse_expression('sex == "f" and sex == "m"'))

    assert refused.value.sentence == "At character 16, sex is used a second time; name all its values in one list."


def test_one_group_is_left_out_and_no_second_one():
    text = 'sex == "f" and not (pain in [1, 2] and age == "18-29")'

    kept, left_out = criteria(parse_expression(text))

    assert kept == (("sex", frozenset({"f"})),)
    assert left_out == (("age", frozenset({"18-29"})), ("pain", frozenset({1, 2})))
    with pytest.raises(NotAnExpression) as refused:
        criteria(parse_expression(f"{text} and not (smokes == yes)"))
    assert refused.value.position == len(text) + 5
    assert "a second group is left out" in refused.value.sentence
