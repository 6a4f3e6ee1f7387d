"""Criteria as text: the same cohort as when they are ticked, and a sentence with a position for what is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.errors import Invalid
from studyportal.protocol.expressions import NotAnExpression
from studyportal.research.cohorts.criteria import Criteria, read_criteria
from studyportal.research.cohorts.wording import read_text, written
from studyportal.research.snapshot.opened import OpenedSnapshot
from tests.research.conftest import Researcher
from tests.research.study import alone, hand_made

SNAPSHOT = OpenedSnapshot(hand_made(1_200), alone)
VALUES = [(name, value) for name, one in SNAPSHOT.variables.items() for value in one.labels]
TERMS = [(before + name, value) for before in ("", "not-") for name, value in VALUES]
TYPED = 'baseline.age in ["30-39", "40-49"] and baseline.diagnosis == "fm"'


@settings(deadline=None)
@given(st.lists(st.sampled_from(TERMS), max_size=12))
def test_what_is_written_is_read_as_the_same_criteria(terms: list[tuple[str, str]]) -> None:
    try:
        asked = read_criteria(terms, SNAPSHOT)
    except Invalid:
        return

    again = read_text(written(asked), SNAPSHOT)

    assert again == asked
    assert written(again) == written(asked)


def test_typed_and_ticked_criteria_are_one() -> None:
    ticked = read_criteria(
        [("baseline.diagnosis", "fm"), ("baseline.age", "40-49"), ("baseline.age", "30-39")], SNAPSHOT
    )

    assert read_text(TYPED, SNAPSHOT) == ticked
    assert written(ticked) == TYPED


@pytest.mark.parametrize(
    ("text", "criteria"),
    [
        ("", Criteria()),
        ("  \n ", Criteria()),
        ("baseline.smokes == yes", read_criteria([("baseline.smokes", "yes")], SNAPSHOT)),
        ('baseline.smokes == "no"', read_criteria([("baseline.smokes", "no")], SNAPSHOT)),
        (
            'baseline.smokes in ["yes", "not answered"]',
            read_criteria([("baseline.smokes", "yes"), ("baseline.smokes", "not answered")], SNAPSHOT),
        ),
        ("baseline.smokes in [yes, no]", read_criteria([("baseline.smokes", "yes"), ("baseline.smokes", "no")], SNAPSHOT)),
        ('evening.weeks__given == "none"', read_criteria([("evening.weeks__given", "none")], SNAPSHOT)),
    ],
)  # fmt: skip
def test_the_forms_of_a_criterion(text: str, criteria: Criteria) -> None:
    assert read_text(text, SNAPSHOT) == criteria


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ('baseline.agee == "30-39"', 0, "Did you mean baseline.age?"),
        ('baseline.sex == "f" and colour == "blue"', 24, "colour is not in this snapshot"),
        ('baseline.sex == "x"', 16, '"f", "m", "o"'),
        ('baseline.age in ["30-39", "31-32"]', 26, "does not have this value"),
        ('baseline.sex == "f" or baseline.sex == "m"', 0, "joined by and"),
        ("baseline.worst > 4", 0, "a criterion is expected here"),
        ('baseline.sex == "f" and baseline.sex == "m"', 24, "a second time"),
        ('baseline.sex = "f"', 13, "write == to compare"),
    ],
)
def test_a_mistake_is_a_sentence_with_its_position(text: str, position: int, said: str) -> None:
    with pytest.raises(NotAnExpression) as refusal:
        read_text(text, SNAPSHOT)

    assert refusal.value.position == position
    assert f"At character {position + 1}" in refusal.value.sentence
    assert said in refusal.value.sentence


def test_no_more_can_be_combined_by_typing_than_by_ticking() -> None:
    names = ["sex", "age", "diagnosis", "smokes", "worst"]
    text = " and ".join(f'baseline.{name} == "not answered"' for name in names[2:])

    with pytest.raises(Invalid, match="at most"):
        read_text(f'baseline.sex == "f" and baseline.age == "18-29" and {text}', SNAPSHOT)


def test_the_page_shows_the_text_and_takes_another(researcher: Researcher) -> None:
    page = researcher.get("/projects/P-1/cohort?baseline.sex=f&show=baseline.age")
    answer = researcher.get(f"/projects/P-1/cohort?show=baseline.age&criteria={TYPED}")

    assert "baseline.sex == &#34;f&#34;" in page.text
    assert answer.status_code == 303
    assert answer.headers["Location"] == (
        "/projects/P-1/cohort?baseline.age=30-39&baseline.age=40-49&baseline.diagnosis=fm&show=baseline.age"
    )


def test_a_text_that_is_none_stays_in_its_field_with_what_to_do(researcher: Researcher) -> None:
    answer = researcher.get('/projects/P-1/cohort?criteria=baseline.sexx+%3D%3D+"f"&show=baseline.age')

    assert answer.status_code == 422
    assert "baseline.sexx == &#34;f&#34;</textarea>" in answer.text
    assert "Did you mean baseline.sex?" in answer.text
    assert 'href="#criteria"' in answer.text
