"""Answers are checked once, at the door; what comes out cannot be invalid, and nothing shows it."""

import json
from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.protocol import Answers, InvalidAnswers
from studyportal.protocol.expressions import parse_expression
from tests.protocol.documents import study
from tests.protocol.every_kind import INSTRUMENT as EVENING

FORM = {
    "rating": "7", "integer": "12", "decimal": "6.5", "yes_no": "yes", "choice": "012", "date": "2026-03-31",
    "time": "21:40", "notes": "a walk", "duration": "7:30", "choices": ["walk", "rest"],
    "date_time": "2026-03-31T21:40", "group": [{"name": "Aspirin", "dose": "100"}, {"name": ""}],
}  # fmt: skip
APP = FORM | {
    "rating": 7, "integer": 12, "decimal": 6.5, "yes_no": True, "duration": 450, "choices": ["rest", "walk"],
    "date_time": "2026-03-31T21:40+02:00[Europe/Berlin]", "group": [{"name": "Aspirin", "dose": 100.0}],
}  # fmt: skip

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
item_names = st.sampled_from(list(EVENING.items))


def problems(instrument, raw, **about):
    with pytest.raises(InvalidAnswers) as refusal:
        instrument.parse(raw, **about)
    with pytest.raises(InvalidAnswers) as quick:
        instrument.parse_json(json.dumps(raw).encode(), **about)
    assert quick.value.problems == refusal.value.problems
    return refusal.value.problems


def wire(instrument, raw, **about):
    found = instrument.parse(raw, **about).to_wire()
    assert instrument.parse_json(json.dumps(raw).encode(), **about).to_wire() == found
    return found


def asking(items):
    return study(items).instruments["evening"]


def test_a_form_and_an_app_that_say_the_same_give_the_same_answers():
    from_form, from_app = EVENING.parse(FORM, zone="Europe/Berlin"), EVENING.parse(APP)

    assert from_form == from_app
    assert from_form.to_wire() == from_app.to_wire() == APP
    assert (from_form["date"], from_form["time"]) == (date(2026, 3, 31), time(21, 40))


def test_answers_stand_in_the_order_of_the_instrument():
    answers = EVENING.parse({"score": "", "phq_2": 2, "phq_1": 1, "analogue": 50, "rating": 1})

    assert list(answers) == ["rating", "analogue", "computed", "phq_1", "phq_2", "score"]


def test_what_is_left_empty_is_absent():
    answers = EVENING.parse(
        {"rating": "", "yes_no": None, "notes": "  \n", "choices": [], "group": [{}], "integer": "0"}
    )

    assert dict(answers) == {"integer": 0}
    assert len(answers) == 1


def test_an_empty_list_is_no_answer_only_where_several_could_be_given():
    assert problems(EVENING, {"rating": [], "yes_no": []}).keys() == {"rating", "yes_no"}


def test_a_required_question_needs_an_answer():
    evening = asking("calm: {ask: Calm?, kind: yes_no, required: true, release: keep}")

    with pytest.raises(InvalidAnswers) as refusal:
        evening.parse({"calm": ""})

    assert refusal.value.problems == {"calm": "This question needs an answer."}
    assert refusal.value.sentence == "One answer needs another look. Nothing has been saved."


def test_every_problem_is_told_at_once_in_the_order_of_the_instrument():
    wrong = {"date": "2026-02-30", "rating": "11", "choice": "nowhere", "shoe_size": "42", "integer": "3"}

    found = problems(EVENING, wrong)

    assert list(found.items()) == [
        ("rating", "Choose a number from 0 to 10."),
        ("choice", "Choose one of the answers offered."),
        ("date", "This day is not in the calendar."),
        ("shoe_size", "This is not asked here."),
    ]


def test_a_name_that_could_be_somebodys_words_is_not_repeated():
    assert problems(EVENING, {"I took too much": "1"}) == {"answers": "This is not asked here."}


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("date", "2026-04-01"),
        ("date_time", "2026-04-01T00:00"),
        ("group", [{"name": "A", "since": "2026-03-31"}, {"name": "B", "since": "2026-04-01"}]),
    ],
)
def test_a_date_after_today_is_refused_where_today_is_known(name, raw):
    assert problems(EVENING, {name: raw}, latest=date(2026, 3, 31)) == {name: "This date is in the future."}
    assert wire(EVENING, {name: raw}, latest=date(2026, 4, 1))


BRANCH = """\
flare: {ask: A flare-up?, kind: yes_no, release: keep}
cause: {ask: What set it off?, kind: text, max_length: 40, when: flare == yes, required: true, release: drop}
sure: {ask: How sure?, kind: rating, low: Not, high: Very, when: cause != "", release: keep}
"""
HIDDEN = "This is not asked after your other answers. Clear it, or change the answer that it hangs on."


def test_a_question_that_is_not_asked_takes_no_answer():
    assert problems(asking(BRANCH), {"flare": False, "cause": "rain"}) == {"cause": HIDDEN}
    assert problems(asking(BRANCH), {"cause": "rain"}) == {"cause": HIDDEN}


def test_a_required_question_needs_an_answer_only_where_it_is_asked():
    assert problems(asking(BRANCH), {"flare": True}) == {"cause": "This question needs an answer."}
    assert wire(asking(BRANCH), {"flare": True, "cause": "rain"}) == {"flare": True, "cause": "rain"}
    assert wire(asking(BRANCH), {"flare": False}) == {"flare": False}
    assert wire(asking(BRANCH), {}) == {}


def test_what_hangs_on_an_answer_with_a_problem_is_not_held_against_anybody():
    found = problems(asking(BRANCH), {"flare": "perhaps", "cause": "rain"})

    assert found == {"flare": "Choose yes or no."}


def test_what_hangs_on_such_an_answer_is_still_read_for_itself():
    found = problems(asking(BRANCH), {"flare": "perhaps", "cause": "x" * 41})

    assert found.keys() == {"flare", "cause"}


REASONS = """\
gender: {ask: Gender?, kind: choice, choices: {w: Woman, m: Man}, missing: [not_said], required: true, release: keep}
pregnant: {ask: Pregnant?, kind: yes_no, missing: [not_applicable], when: gender == "w", release: keep}
calm: {ask: Calm?, kind: yes_no, release: keep}
"""


def test_a_reason_stands_in_place_of_an_answer():
    answers = asking(REASONS).parse({"calm": True}, missing={"gender": "not_said", "pregnant": ""})

    assert answers.to_wire() == {"calm": True}
    assert dict(answers.missing) == {"gender": "not_said"}


@pytest.mark.parametrize(
    ("raw", "missing", "name", "sentence"),
    [
        ({"gender": "w"}, {"gender": "not_said"}, "gender", "Give an answer or a reason for not giving one, not both."),
        ({}, {"gender": "not_applicable"}, "gender", "Choose one of the reasons offered."),
        ({}, {"gender": ["not_said"]}, "gender", "Choose one of the reasons offered."),
        ({"gender": "w"}, {"calm": "not_said"}, "calm", "Choose one of the reasons offered."),
        ({"gender": "m"}, {"pregnant": "not_applicable"}, "pregnant", HIDDEN),
        ({"gender": "m"}, {"shoe_size": "not_said"}, "shoe_size", "This is not asked here."),
        ({"gender": "m"}, ["pregnant"], "answers", "Send the answers as one object with a value per item."),
    ],
)
def test_a_reason_that_is_not_offered_here_is_a_problem(raw, missing, name, sentence):
    assert problems(asking(REASONS), raw, missing=missing) == {name: sentence}


def test_answers_without_reasons_have_none():
    assert dict(asking(REASONS).parse_json(b'{"gender":"m"}').missing) == {}


WORKED_OUT = """\
double: {ask: Twice the sum, kind: computed, formula: total * 2, minimum: 0, maximum: 30, release: keep}
total: {ask: Sum, kind: computed, formula: first + second, minimum: 0, maximum: 20, release: keep}
first: {ask: First?, kind: integer, minimum: -10, maximum: 10, release: keep}
second: {ask: Second?, kind: integer, minimum: -10, maximum: 10, release: keep}
much: {ask: Much, kind: computed, formula: "count(first, second)", minimum: 0, maximum: 9, when: first > 5, release: keep}
why: {ask: Why?, kind: text, max_length: 20, required: true, when: first > 5, release: drop}
there: {ask: There, kind: computed, formula: "count(first, second)", minimum: 0, maximum: 9, release: keep}
"""


def test_what_is_worked_out_may_hang_on_what_is_worked_out_later_in_the_document():
    assert wire(asking(WORKED_OUT), {"first": 2, "second": 3}) == {
        "double": 10.0, "total": 5.0, "first": 2, "second": 3, "there": 2.0,
    }  # fmt: skip


def test_a_result_outside_its_limits_or_from_something_missing_is_missing():
    assert wire(asking(WORKED_OUT), {"first": 2, "second": -3}) == {"first": 2, "second": -3, "there": 2.0}
    assert wire(asking(WORKED_OUT), {"first": 2}) == {"first": 2, "there": 1.0}


def test_what_is_worked_out_may_have_a_branch():
    assert wire(asking(WORKED_OUT), {"first": 7, "second": 8, "why": "rain"})["much"] == 2.0
    assert "much" not in wire(asking(WORKED_OUT), {"first": 5, "second": 8})


def test_a_branch_may_hang_on_what_is_worked_out():
    evening = asking(WORKED_OUT)
    why = replace(evening.items["why"], when=parse_expression("total > 12"))
    evening = replace(evening, items={**evening.items, "why": why})

    assert problems(evening, {"first": 7, "second": 8}) == {"why": "This question needs an answer."}
    assert problems(evening, {"first": 1, "second": 8, "why": "rain"}) == {"why": HIDDEN}
    assert wire(evening, {"first": 5, "second": 8, "why": "rain"})["total"] == 13.0


def test_from_no_answer_nothing_is_worked_out():
    assert not asking(WORKED_OUT).parse({"first": ""})
    assert wire(asking(WORKED_OUT), {}) == {}


def test_what_is_worked_out_or_only_read_is_never_sent():
    found = problems(EVENING, {"computed": 3, "score": "1", "about": "yes", "phq_1": 1})

    assert found == {
        "about": "This is no question. Leave it out.",
        "computed": "This is worked out from other answers. Leave it out.",
        "score": "This is worked out from other answers. Leave it out.",
    }


def test_a_score_follows_its_published_rule():
    assert EVENING.parse({"phq_1": 3, "phq_2": 2})["score"] == 5.0
    assert "score" not in EVENING.parse({"phq_1": 3})


@pytest.mark.parametrize("raw", [None, [], "how=7", 7, True, [["how", 7]]])
def test_what_is_no_set_of_answers_is_refused(raw):
    assert problems(EVENING, raw) == {"answers": "Send the answers as one object with a value per item."}


def test_answers_do_not_show_themselves():
    for answers in (EVENING.parse(FORM), EVENING.parse_json(b'{"notes":"a walk"}')):
        assert repr(answers) == str(answers) == f"{answers}" == "Answers(...)"
        assert "walk" not in f"{[answers]!r}"


def test_answers_cannot_be_changed():
    answers = EVENING.parse(FORM, zone="Europe/Berlin")

    with pytest.raises(TypeError):
        answers["rating"] = 3
    with pytest.raises(TypeError):
        answers.missing["rating"] = "not_said"
    answers.to_wire()["choices"].append("heat")
    answers.to_wire()["group"][0]["name"] = "B"
    assert answers.to_wire() == APP


@given(json_values | st.dictionaries(item_names | st.text(max_size=5), json_values, max_size=8), json_values)
def test_anything_is_either_answers_or_a_list_of_problems(raw, missing):
    try:
        answers = EVENING.parse(raw, missing=missing)
    except InvalidAnswers as refusal:
        assert refusal.problems
        assert all(sentence.endswith(".") for sentence in refusal.problems.values())
    else:
        assert isinstance(answers, Answers)
        assert answers.keys() <= EVENING.items.keys()
