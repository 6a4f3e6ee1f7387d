"""Rows become entries; a value that fits nowhere is named by its row, and every value is accounted for."""

import pytest

from studyportal.errors import Invalid
from studyportal.portal.importing.gathering import MOST_MISTAKES, gather
from studyportal.portal.importing.mistakes import SHOWN, ImportMistakes
from studyportal.portal.importing.occasions import TimePoint
from studyportal.portal.importing.reading import read_mapping
from studyportal.portal.importing.rows import read_rows
from tests.importing.examples import HEADER, PACUTES, example_mapping, example_protocol, row, written


def gathered(file, mapping=None):
    protocol = example_protocol()
    read = read_mapping(mapping or example_mapping(), name="mapping.yaml", protocol=protocol)
    return gather(read_rows(file), read, protocol)


def test_rows_of_one_time_point_become_one_entry(tmp_path):
    file = written(
        tmp_path, row("1", "PANAS", "w1s1", "15"), row("1", "mood", "w1s1", "70"), row("1", "QIDS", "w1s2", "9")
    )

    people, account = gathered(file)

    (person,) = people
    assert set(person.entries) == {TimePoint("acute", 1), TimePoint("baseline", 1), TimePoint("post_acute", 4)}
    assert person.entries[TimePoint("acute", 1)].answers == {
        "condition": "MD",
        "guess": "PL",
        "panas": "15",
        "mood": "70",
    }
    assert (account.rows, account.scores_placed, account.balanced) == (3, 3, True)


def test_substances_and_doses_are_taken_as_they_are(tmp_path):
    file = written(tmp_path, row("1", "PANAS", "w1s1", "15"))

    people, _ = gathered(file)

    answers = people[0].entries[TimePoint("baseline", 1)].answers
    assert (answers["substance"], answers["dose"]) == ("Psilocybin mushroom", "500000")


def test_an_empty_value_is_listed_with_its_reason(tmp_path):
    file = written(tmp_path, row("1", "PANAS", "w1s1", ""), row("1", "mood", "w1s1", "70"))

    _, account = gathered(file)

    assert (account.scores_placed, account.scores_not_placed, account.balanced) == (1, 1, True)
    assert "Not placed: 1 (the field is empty)" in list(account.lines())


def test_a_score_that_is_left_out_is_listed_with_its_reason(tmp_path):
    file = written(tmp_path, row("1", "PANAS", "w1s1", "15"), row("1", "CPS", "w1s1", "0.5"))
    mapping = (
        example_mapping()
        .replace("    CPS: cps\n", "")
        .replace(
            "\n# The same in every row of one participant and",
            "  left_out: {CPS: composites are computed again}\n\n# The same in every row of one participant and",
        )
    )

    _, account = gathered(file, mapping)

    assert account.scores_not_placed == 1
    assert "Not placed: 1 (composites are computed again)" in list(account.lines())


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([row("1", "PANAS", "w9s9", "15")], "row 2, column tp: The mapping has no instrument"),
        ([row("1", "PANAS", "w5s1", "15")], "row 2, column tp: The instrument is not due"),
        ([row("", "PANAS", "w1s1", "15")], "row 2, column trial_id: This row does not say whose it is"),
        ([row("1", "PANAS", "w1s1", "41")], "row 2, column value: Give a whole number from -40 to 40"),
        ([row("1", "PANAS", "w1s1", "15.5")], "row 2, column value: Give a whole number"),
        ([row("1", "PANAS", "w1s1", "1e1")], "row 2, column value"),
        ([row("1", "CPS", "w1s1", "0,5")], "There are 16 fields"),
        ([row("1", "CPS", "w1s1", "nan")], "row 2, column value"),
        ([row("1", "panas", "w1s1", "1")], "row 2, column test_name: The mapping does not know this score"),
        ([row("1", "QIDS", "w1s1", "1")], "row 2, column test_name: This score does not belong to acute"),
        ([row("1", "PANAS", "w1s1", "1")] * 2, "row 3, column test_name: Row 2 has the same score"),
        ([row("1", "PANAS", "w1s1", "1"), row("1", "mood", "w1s1", "1").replace("MD,PL", "PL,PL")],
         "row 3, column condition: Row 2 says something else"),
        ([row("1", "PANAS", "w1s1", "1"), row("1", "mood", "w1s1", "1").replace("40,male", "41,male")],
         "row 3, column age: Row 2 says something else"),
        ([row("1", "PANAS", "w1s1", "1").replace("male", "m")], "row 2, column sex: Choose one of the answers"),
        ([row("1", "PANAS", "w1s1", "1").replace("mushroom", "mushroom " * 20)], "row 2, column drug: Shorten this"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_taken_is_named(tmp_path, rows, place):
    file = written(tmp_path, *rows)

    with pytest.raises(ImportMistakes) as refusal:
        gathered(file)

    assert place in refusal.value.report()


def test_all_rows_are_reported_at_once_and_bounded(tmp_path):
    few = written(tmp_path, *[row(str(number), "PANAS", "w1s1", "99") for number in range(60)])

    with pytest.raises(ImportMistakes) as refusal:
        gathered(few)

    assert len(refusal.value.mistakes) == 60
    assert refusal.value.report().count("\n") == SHOWN + 1

    many = written(tmp_path, *[row(str(number), "PANAS", "w1s1", "99") for number in range(2 * MOST_MISTAKES)])

    with pytest.raises(ImportMistakes, match="reading stopped there"):
        gathered(many)


def test_a_column_too_many_or_too_few_is_named(tmp_path):
    file = written(tmp_path, "1,2", header="trial_id,extra")

    with pytest.raises(Invalid) as refusal:
        gathered(file)

    assert refusal.value.problems["column extra"] == "The mapping does not name it."
    assert refusal.value.problems["column tp"] == "The file does not have it."
    assert HEADER.split(",")[0] not in str(refusal.value.problems)


def test_a_header_alone_is_refused(tmp_path):
    with pytest.raises(Invalid, match="no rows"):
        gathered(written(tmp_path))


def test_codes_of_the_file_become_codes_of_the_protocol(tmp_path):
    file = written(tmp_path, row("1", "PANAS", "w1s1", "1").replace("male", "2"))
    mapping = example_mapping().replace("    sex: sex", '    sex: {item: sex, codes: {"1": female, "2": male}}')

    people, _ = gathered(file, mapping)

    assert people[0].entries[TimePoint("baseline", 1)].answers["sex"] == "male"


@pytest.mark.skipif(not PACUTES.is_file(), reason="pacutes.csv is not in ../shared/data/self-blinding-microdose")
def test_every_value_of_the_real_file_is_placed():
    people, account = gathered(PACUTES)

    assert (len(people), account.rows, account.scores_placed, account.scores_not_placed) == (240, 15_623, 15_623, 0)
    assert account.entries == {"acute": 847, "post_acute": 860, "baseline": 240}
    assert account.placed["acute.panas"] == 847
