"""Published scores are counted as their publications say, and by nothing that was not published."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.protocol.scores import SCORES, label_of, score_of

NONE = None


@pytest.mark.parametrize(
    ("name", "answers", "total"),
    [
        # Krebs 2009: the average of the three items.
        ("PEG", [7, 5, 6], 6.0),
        ("PEG", [10, 0, 0], 10 / 3),
        ("PEG", [7, None, 6], NONE),
        # Kroenke 2003: the sum of two items, 0 to 6.
        ("PHQ-2", [3, 2], 5.0),
        ("PHQ-2", [3, None], NONE),
        # Kroenke 2009: the sum of eight items, 0 to 24, of people who answered all of them.
        ("PHQ-8", [3, 3, 3, 3, 3, 3, 3, 3], 24.0),
        ("PHQ-8", [3, 3, 3, 3, 3, 3, 3, None], NONE),
        # Kroenke 2001: the sum of nine items, 0 to 27. Arrieta 2017: up to two may be missing.
        ("PHQ-9", [0, 1, 2, 3, 0, 1, 2, 3, 0], 12.0),
        ("PHQ-9", [1, 1, 1, 1, 1, 1, 1, 1, None], 9.0),
        ("PHQ-9", [2, 1, 1, 1, 0, 1, 1, None, None], 9.0),
        ("PHQ-9", [3, 3, 3, 3, 3, 3, 3, None, None], 27.0),
        ("PHQ-9", [3, 3, 3, 3, 3, 3, None, None, None], NONE),
        # Kroenke 2007 and Spitzer 2006: sums of two and seven items.
        ("GAD-2", [1, 2], 3.0),
        ("GAD-2", [None, None], NONE),
        ("GAD-7", [1, 2, 3, 0, 1, 2, 3], 12.0),
        ("GAD-7", [1, 2, 3, 0, 1, 2, None], NONE),
    ],
)
def test_answers_make_the_published_total(name, answers, total):
    assert score_of(name, answers) == total


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("PEG", {0: None, 10: None}),
        ("PHQ-2", {2: "below the screening cut-off", 3: "screens positive for depression"}),
        ("PHQ-8", {4: "no significant depressive symptoms", 9: "mild depressive symptoms", 20: "severe depressive symptoms"}),
        (
            "PHQ-9",
            {
                0: "minimal depression", 4: "minimal depression", 5: "mild depression", 9.9: "mild depression",
                10: "moderate depression", 15: "moderately severe depression", 20: "severe depression",
                27: "severe depression",
            },
        ),
        ("GAD-2", {2: "below the screening cut-off", 3: "screens positive for anxiety"}),
        ("GAD-7", {4: "minimal anxiety", 5: "mild anxiety", 10: "moderate anxiety", 15: "severe anxiety"}),
    ],
)  # fmt: skip
def test_a_total_is_called_what_its_publication_calls_it(name, labels):
    assert {value: label_of(name, value) for value in labels} == labels


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("PEG", (0, 10)),
        ("PHQ-2", (0, 6)),
        ("PHQ-8", (0, 24)),
        ("PHQ-9", (0, 27)),
        ("GAD-2", (0, 6)),
        ("GAD-7", (0, 21)),
    ],
)
def test_a_score_has_its_published_limits(name, limits):
    assert (SCORES[name].minimum, SCORES[name].maximum) == limits


def test_every_score_is_spoken_of_and_cites_its_source():
    assert list(SCORES) == ["PEG", "PHQ-2", "PHQ-8", "PHQ-9", "GAD-2", "GAD-7"]
    for score in SCORES.values():
        assert "doi:10." in score.source and score.missing.endswith(".")
        assert score.may_miss == 0 or "doi:10." in score.missing
        assert [cutoff.least for cutoff in score.cutoffs] == sorted({cutoff.least for cutoff in score.cutoffs})
        assert not score.cutoffs or score.cutoffs[0].least == score.minimum


@pytest.mark.parametrize("answers", [[1], [1, 4], [1, -1], [1, 1.0], [1, True], [1, "1"]])
def test_answers_that_the_questionnaire_does_not_have_are_never_counted(answers):
    with pytest.raises(ValueError, match=r"^PHQ-2 is made of 2 whole numbers from 0 to 3\.$"):
        score_of("PHQ-2", answers)


@given(st.data())
def test_a_total_stays_within_its_limits_and_is_there_exactly_if_few_enough_are_missing(data):
    score = data.draw(st.sampled_from([*SCORES.values()]))
    one = st.none() | st.integers(score.low, score.high)
    answers = data.draw(st.lists(one, min_size=score.items, max_size=score.items))

    total = score_of(score.name, answers)

    assert (total is None) == (answers.count(None) > score.may_miss)
    if total is not None:
        assert type(total) is float and score.minimum <= total <= score.maximum
        assert None in answers or score.combines == "mean" or total == ceil(total) == sum(answers)
