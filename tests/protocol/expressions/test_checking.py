"""What cannot mean anything is found before anybody answers, all of it at once, each with its place."""

import pytest

from studyportal.protocol.expressions import FUNCTIONS, TYPES, Domain, check, parse_expression
from tests.protocol.expressions.names import DOMAINS

RIGHT = {
    "condition": [
        "pain > 6", "6 < pain", "pain >= worst", "pain == 3 and not flare", "flare", "flare == yes", "(pain > 3) == flare",
        'cause == "cold"', '"cold" != cause', 'cause in ["cold", "heat"]', '"cold" in causes', "cause in causes",
        '"none" in causes', 'begun < "2026-03-31"', "begun <= ended", 'slept in ["21:00", "22:00"]', 'note == "calm"',
        'note in ["calm", "wild"]', "pain - baseline.pain_usual >= 4", "pain in [0, 10]", "count(medicines) > 2",
        'count(pain, flare, causes, begun, note, dose_at, pain > 3, "cold" in causes) > 4', "temperature == 37.5",
        "days_between(begun, dose_at) <= 14", "minutes_between(slept, woke) < 1439", "weight / pain > 1000000",
        "minutes_between(dose_at, felt_at) > 2000", "round(mean(pain, worst)) == 10", "mean(pain, temperature) > 26",
    ],
    "number": [
        "pain", "-weight", "sum(pain, worst) / 2", "count(causes)", "max(pain, 3) - min(worst, 2.5)", "round(weight, 2)", "3",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [(text, wanted) for wanted, texts in RIGHT.items() for text in texts])
def test_what_makes_sense_has_no_problem(text, wanted):
    assert check(parse_expression(text), DOMAINS, wanted=wanted) == []


@pytest.mark.parametrize(
    ("text", "position", "sentence"),
    [
        ("note > 3", 5, "note is a text and cannot be compared with a number."),
        ("3 == note", 2, "note is a text and cannot be compared with a number."),
        ("pain == yes", 5, "pain is a number and cannot be compared with yes or no."),
        ('pain == "3"', 5, "pain is a number and cannot be compared with a text in quotes."),
        ("flare == 1", 6, "flare is yes or no and cannot be compared with a number."),
        ("cause == note", 6, "cause is one choice of several and cannot be compared with a text."),
        ("begun < slept", 6, "begun is a date and cannot be compared with a time of day."),
        ("flare > no", 6, "yes or no has no order; compare with == or !=."),
        ('cause < "cold"', 6, "one choice of several has no order; compare with == or !=."),
        ('note >= "calm"', 5, "a text has no order; compare with == or !=."),
        ('cause == "cald"', 9, 'cause has no choice "cald". Did you mean cold?'),
        ('cause in ["heat", "rain"]', 18, 'cause has no choice "rain". Its choices are cold, heat, stress.'),
        ('"rain" in causes', 0, 'causes has no choice "rain". Its choices are cold, heat, none, stress.'),
        ("cause == diagnosis", 6, "these two have no choice in common."),
        ("pain in causes", 0, "a code in quotes is expected before in, but pain is a number."),
        ("3 in causes", 0, "a code in quotes is expected before in, but this is a number."),
        ("cause in pain", 9, "pain is a number; after in stands a list, or several choices."),
        ('causes in ["cold"]', 0, 'causes holds several choices; write "code" in causes.'),
        ("causes != causes", 0, 'causes holds several choices; write "code" in causes.'),
        ("dose_at > felt_at", 0, "a date with a time cannot be compared; use days_between or minutes_between."),
        ("medicines == 2", 0, "a group of answers cannot be compared; use count(...)."),
        ('medicines in ["x"]', 0, "a group of answers cannot be compared; use count(...)."),
        ('begun > "31.3.2026"', 8, 'a date is expected, written as "2026-03-31".'),
        ('begun == "2026-02-30"', 9, 'a date is expected, written as "2026-03-31".'),
        ('slept in ["7:00"]', 10, 'a time of day is expected, written as "21:40".'),
        ('slept < "24:00"', 8, 'a time of day is expected, written as "21:40".'),
        ("pain in [1, 2.5]", 12, "this can never be: pain is a whole number."),
        ("pain in [1, 11]", 12, "this can never be: pain is from 0 to 10."),
        ("pain < 0", 5, "this can never be: pain is from 0 to 10."),
        ("10 < pain", 3, "this can never be: pain is from 0 to 10."),
        ("temperature < worst", 12, "this can never be: temperature is from 34 to 43."),
        ("pain - worst > 10", 13, "this can never be: what is calculated is from -10 to 10."),
        ("mean(pain, worst) == 10.5", 18, "this can never be: what is calculated is from 0 to 10."),
        ("round(pain / 4, 1) > 2.5", 19, "this can never be: what is calculated is from 0 to 2.5."),
        ("count(causes) == 5", 14, "this can never be: what is calculated is from 0 to 4."),
        ("minutes_between(slept, woke) > 1439", 29, "this can never be: what is calculated is from 0 to 1439."),
        ("3 == 3", 2, "two fixed values are compared; one side needs an item."),
        ('"a" in ["a"]', 0, "two fixed values are compared; one side needs an item."),
        ("flare and pain", 10, "a condition, or an item with yes or no, is expected here, but pain is a number."),
        ("not cause", 4, "a condition, or an item with yes or no, is expected here, but cause is one choice of several."),
        ("flare or pain + 1", 9, "a condition, or an item with yes or no, is expected here, but this is a number."),
        ("flare + 1 > 2", 0, "a number is expected here, but flare is yes or no."),
        ('-"a" > pain', 1, "a number is expected here, but this is a text in quotes."),
        ("pain", 0, "a condition, or an item with yes or no, is expected here, but pain is a number."),
        ("sum(pain, cause) > 3", 10, "sum takes a number, but cause is one choice of several."),
        ("days_between(begun, slept) > 3", 20, "days_between takes a date or a date with a time, but slept is a time of day."),
        ("minutes_between(slept, felt_at) > 3", 0,
         "minutes_between takes two times of day or two dates with times, not one of each."),
        ('count("cold") > pain', 6, "count takes a number or yes or no, but this is a text in quotes."),
        ("round(pain, worst) > 3", 12, "the number of decimals is expected, 0 to 9."),
        ("round(pain, 10) > 3", 12, "the number of decimals is expected, 0 to 9."),
        ("pian > 3", 0, "there is no item pian here. Did you mean pain?"),
        ("baseline.pain_usal > 3", 0, "there is no item baseline.pain_usal here. Did you mean baseline.pain_usual?"),
        ("zebra > 3", 0, "there is no item zebra here."),
        ("flare == true", 9, "there is no item true here. Write yes."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_found_with_its_place(text, position, sentence):
    (problem,) = check(parse_expression(text), DOMAINS, wanted="condition")

    assert problem == (position, f"At character {position + 1}, {sentence}")


def test_a_formula_must_be_a_number():
    problems = check(parse_expression("pain > 3"), DOMAINS, wanted="number")

    assert [problem.sentence for problem in problems] == [
        "At character 6, a number is expected here, but this is yes or no."
    ]


def test_every_problem_is_reported_at_once_in_the_order_of_their_places():
    problems = check(
        parse_expression('pian > 3 and note < 4 or cause == "cald" and pain > 12'), DOMAINS, wanted="condition"
    )

    assert [problem.position for problem in problems] == [0, 18, 34, 50]


def test_every_type_can_be_used_in_some_way_and_every_function_takes_known_types():
    used = {DOMAINS[name].type for texts in RIGHT.values() for text in texts for name in parse_expression(text).names}

    assert used == TYPES.keys()
    assert all(set(function.takes) <= TYPES.keys() for function in FUNCTIONS.values())


def test_a_name_is_sought_among_ten_thousand_without_comparing_it_with_all():
    domains = {f"item_{number}": Domain(type="number") for number in range(10_000)}

    (problem,) = check(parse_expression("itme_77 > 3"), domains, wanted="condition")

    assert problem.sentence.startswith("At character 1, there is no item itme_77 here. Did you mean item_")
