"""What the release of a question takes out does not come back by way of another question."""

import pytest

from studyportal.protocol import read_protocol
from tests.protocol.documents import document, mistakes_in

ANSWERS = """\
age: {ask: Your age?, kind: integer, minimum: 18, maximum: 90, release: {band: [18, 30, 40]}}
pain: {ask: Pain?, kind: rating, low: None, high: Worst, release: drop}
worst: {ask: Worst pain?, kind: rating, low: None, high: Worst, release: drop}
sleep: {ask: Sleep?, kind: rating, low: None, high: Worst, release: keep}
flare: {ask: A flare?, kind: yes_no, release: drop}
sex: {ask: Sex?, kind: choice, choices: {f: Female, m: Male}, release: drop}
drugs: {ask: Which?, kind: choices, choices: {a: One, b: Two}, release: drop}
born: {ask: Born when?, kind: date, release: drop}
today: {ask: Which day?, kind: date, release: relative_day}
note: {ask: What else?, kind: notes, max_length: 80, release: drop}
"""
MADE = "it: {{ask: It?, kind: computed, formula: '{formula}', minimum: -100000, maximum: 100000, release: {release}}}\n"


def _made(formula, release="keep"):
    return document(ANSWERS + MADE.format(formula=formula, release=release))


@pytest.mark.parametrize(
    "formula",
    ["age", "age * 2 - 36", "pain + sleep", "count(flare)", 'count(sex == "f")', 'count("a" in drugs)',
     "max(pain, pain)", "count(sleep > pain)"],
)  # fmt: skip
def test_a_number_made_of_one_hidden_answer_is_refused(formula):
    (mistake,) = mistakes_in(_made(formula))

    assert mistake[1] == "instruments.evening.items.it.release"
    assert "would give it away" in mistake[2]


@pytest.mark.parametrize("release", ["{top_code: 99999}", "{bottom_code: -99999}"])
def test_cutting_a_number_does_not_make_it_another(release):
    assert mistakes_in(_made("age", release))


@pytest.mark.parametrize("release", ["drop", "{band: [0, 30, 60]}"])
def test_a_number_that_is_coarse_itself_may_be_made_of_hidden_answers(release):
    assert mistakes_in(_made("age", release)) == []


@pytest.mark.parametrize(
    "formula", ["sleep * 2", "count(drugs)", "count(note)", "count(pain)", "days_between(born, today)"]
)
def test_what_does_not_say_the_answer_is_free(formula):
    assert read_protocol(_made(formula), name="any").warnings == ()


def test_a_number_made_of_several_hidden_answers_is_worth_a_look():
    (warning,) = read_protocol(_made("pain + worst"), name="any").warnings

    assert "pain, worst" in warning.sentence


def test_a_number_between_hides_nothing():
    between = MADE.format(formula="pain * 2", release="drop").replace("it:", "twice:", 1)

    (mistake,) = mistakes_in(document(ANSWERS + between + MADE.format(formula="twice", release="keep")))

    assert "pain" in mistake[2]


def test_a_hidden_question_of_a_score_can_be_subtracted_if_it_is_the_only_one():
    questions = "".join(
        f"p{number}: {{{{ask: P?, kind: integer, minimum: 0, maximum: 3, release: {{{number}}}}}}}\n"
        for number in (0, 1)
    )
    score = "phq: {ask: PHQ-2, kind: score, score: PHQ-2, of: [p0, p1], release: keep}\n"

    one = mistakes_in(document(questions.format("keep", "drop") + score))
    both = mistakes_in(document(questions.format("drop", "drop") + score))

    assert [place for _, place, _ in one] == ["instruments.evening.items.phq.release"]
    assert both == []


def test_a_question_asked_after_a_hidden_answer_is_worth_a_look():
    later = "later: {ask: Since when?, kind: integer, minimum: 0, maximum: 9, release: keep, when: flare == yes}\n"

    (warning,) = read_protocol(document(ANSWERS + later), name="any").warnings

    assert "flare" in warning.sentence
