"""Answers are checked once, at the door; what comes out cannot be invalid, and nothing shows it."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.protocol import Answers, InvalidAnswers
from tests.protocol.documents import EVERY_KIND, study

EVENING = study(EVERY_KIND).instruments["evening"]
FORM = {
    "how": "7", "how_many": "12", "hours": "6.5", "calm": "yes", "where": "012", "day": "2026-03-31", "clock": "21:40",
    "note": "a walk",
}  # fmt: skip
APP = FORM | {"how": 7, "how_many": 12, "hours": 6.5, "calm": True}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
item_names = st.sampled_from(list(EVENING.items))


def test_a_form_and_an_app_that_say_the_same_give_the_same_answers():
    from_form, from_app = EVENING.parse(FORM), EVENING.parse(APP)

    assert dict(from_form) == dict(from_app)
    assert from_form.to_wire() == from_app.to_wire() == APP
    assert (from_form["day"], from_form["clock"]) == (date(2026, 3, 31), time(21, 40))


def test_what_is_left_empty_is_absent():
    answers = EVENING.parse({"how": "", "calm": None, "note": "  \n", "how_many": "0"})

    assert dict(answers) == {"how_many": 0}


def test_a_required_question_needs_an_answer():
    evening = study("calm: {ask: Calm?, kind: yes_no, required: true, release: keep}").instruments["evening"]

    with pytest.raises(InvalidAnswers) as refusal:
        evening.parse({"calm": ""})

    assert refusal.value.problems == {"calm": "This question needs an answer."}
    assert refusal.value.sentence == "One answer needs another look. Nothing has been saved."


def test_every_problem_is_told_at_once():
    wrong = {"how": "11", "day": "2026-02-30", "where": "nowhere", "shoe_size": "42", "how_many": "3"}

    with pytest.raises(InvalidAnswers) as refusal:
        EVENING.parse(wrong)

    assert refusal.value.problems == {
        "how": "Choose a number from 0 to 10.",
        "day": "This day is not in the calendar.",
        "where": "Choose one of the answers offered.",
        "shoe_size": "This is not asked here.",
    }


def test_a_name_that_could_be_somebodys_words_is_not_repeated():
    with pytest.raises(InvalidAnswers) as refusal:
        EVENING.parse({"I took too much": "1"})

    assert refusal.value.problems == {"answers": "This is not asked here."}


def test_a_date_after_today_is_refused_where_today_is_known():
    with pytest.raises(InvalidAnswers) as refusal:
        EVENING.parse({"day": "2026-04-01"}, latest=date(2026, 3, 31))

    assert refusal.value.problems == {"day": "This date is in the future."}
    assert EVENING.parse({"day": "2026-03-31"}, latest=date(2026, 3, 31))


@pytest.mark.parametrize("raw", [None, [], "how=7", 7, True, [["how", 7]]])
def test_what_is_no_set_of_answers_is_refused(raw):
    with pytest.raises(InvalidAnswers):
        EVENING.parse(raw)


def test_answers_do_not_show_themselves():
    answers = EVENING.parse(FORM)

    assert repr(answers) == str(answers) == f"{answers}" == "Answers(...)"


def test_answers_cannot_be_changed():
    answers = EVENING.parse(FORM)

    with pytest.raises(TypeError):
        answers["how"] = 3
    assert "how" in answers


@given(json_values | st.dictionaries(item_names | st.text(max_size=5), json_values, max_size=8))
def test_anything_is_either_answers_or_a_list_of_problems(raw):
    try:
        answers = EVENING.parse(raw)
    except InvalidAnswers as refusal:
        assert refusal.problems
        assert all(sentence.endswith(".") for sentence in refusal.problems.values())
    else:
        assert isinstance(answers, Answers)
        assert answers.keys() <= EVENING.items.keys()


@given(json_values | st.dictionaries(item_names, json_values, max_size=8))
def test_answers_that_were_taken_once_are_taken_again_unchanged(raw):
    try:
        wire = EVENING.parse(raw).to_wire()
    except InvalidAnswers:
        return

    assert EVENING.parse(wire).to_wire() == wire
