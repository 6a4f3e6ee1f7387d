"""Results say what is true of people whose answers are known, tell nothing of a few, and draw what their tables
hold."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from studyportal.charts import svg
from studyportal.errors import Invalid
from studyportal.research.disclosure import ProtectedCell
from studyportal.research.disclosure.ledger import WEEKS_OF_A_COURSE
from studyportal.research.results.choices import answered_items, daily_outcomes, diaries, occurrences, outcomes
from studyportal.research.results.cohort import Cohort, Finding
from studyportal.research.results.course import weekly_change, weekly_course
from studyportal.research.results.cycle import day_of_cycle
from studyportal.research.results.events import adverse_events, event_instruments
from studyportal.research.results.following import following
from studyportal.research.results.missing import missing_by_week, missing_patterns
from studyportal.research.results.responders import responders
from studyportal.research.results.retention import retention
from studyportal.research.results.schedules import observed_schedules
from studyportal.research.results.table_one import table_one
from studyportal.research.snapshot.codebook import Rhythm
from studyportal.research.snapshot.opened import OpenedSnapshot
from tests.research.results.study import PEOPLE, Plain, cohort_of, instrument, snapshot, told
from tests.research.study import alone

SNAPSHOT = snapshot()
ITEMS, VARIABLES = SNAPSHOT.codebook.items, SNAPSHOT.variables
EVENING, DOSE = instrument(SNAPSHOT, "evening"), instrument(SNAPSHOT, "dose")
PAIN, BURDEN, SEX = ITEMS["evening.pain"], ITEMS["evening.burden"], VARIABLES["baseline.sex"]

RESULTS: Mapping[str, Callable[[Cohort], Finding]] = {
    "table 1": lambda cohort: table_one(cohort, [SEX, VARIABLES["baseline.burden"]]),
    "table 1 by sex": lambda cohort: table_one(cohort, [VARIABLES["baseline.burden"]], by=SEX),
    "course": lambda cohort: weekly_course(cohort, PAIN),
    "course by sex": lambda cohort: weekly_course(cohort, PAIN, by=SEX),
    "change": lambda cohort: weekly_change(cohort, PAIN, by=SEX),
    "change of what was asked once": lambda cohort: weekly_change(cohort, BURDEN),
    "responders": lambda cohort: responders(cohort, PAIN),
    "day of the cycle": lambda cohort: day_of_cycle(cohort, PAIN, DOSE),
    "schedules": lambda cohort: observed_schedules(cohort, DOSE, intended=VARIABLES["baseline.rhythm"]),
    "adverse events": lambda cohort: adverse_events(cohort, instrument(SNAPSHOT, "adverse_event")),
    "retention": lambda cohort: retention(cohort, EVENING),
    "missing by week": lambda cohort: missing_by_week(cohort, EVENING, EVENING.items),
    "missing patterns": lambda cohort: missing_patterns(cohort, EVENING),
}
EVERYBODY = {name: made(cohort_of(SNAPSHOT)) for name, made in RESULTS.items()}


def _row(name: str, *labels: str) -> tuple[ProtectedCell, ...]:
    """The numbers of the row with this label, and with these words in its first cells."""
    label, *more = labels
    for row in EVERYBODY[name].table.rows:
        if row.label == label and [cell.text for cell in row.cells[: len(more)]] == more:
            return row.cells[len(more) :]
    raise AssertionError(f"{name} has no row {labels}")


def _values(name: str, *labels: str) -> list[float | None]:
    return [cell.value for cell in _row(name, *labels)]


# Rounding to 5 and two figures, as the study has it.
def near(value: float) -> Any:
    return pytest.approx(value, abs=max(3, abs(value) * 0.05))


def test_table_one_counts_each_answer_and_who_did_not_answer() -> None:
    assert _values("table 1", "Sex", "Female") == [near(180), near(45)]
    assert _values("table 1", "Sex", "Not answered") == [near(20), near(5)]
    assert _row("table 1", "Burden", "Mean (standard deviation)")[0].text == "6.0 (2.0)"
    assert _values("table 1 by sex", "Burden", "8-10") == [
        near(200),
        near(50),
        near(100),
        near(56),
        near(100),
        near(50),
        None,
        None,
    ]


def test_the_course_has_each_person_once_a_week_whatever_they_took() -> None:
    # Of four people two dose every third day: their week's mean is 6 less 2 of every three days.
    assert _values("course", "Week 1")[:2] == [near(PEOPLE), pytest.approx(5.6, abs=0.11)]
    assert _values("course by sex", "Week 14", "Female")[1] == pytest.approx(5.7, abs=0.11)
    assert _row("course", "Week 10")[2].text.startswith("4.")
    assert len(EVERYBODY["course by sex"].table.rows) == 3 * WEEKS_OF_A_COURSE


def test_a_course_is_drawn_over_half_of_its_scale_at_least_and_says_which_half() -> None:
    (picture,) = EVERYBODY["course"].pictures

    (low, high), *others = {tuple(scale) for scale in _scales(picture.document)}
    drawn = [row[one] for row in _data(picture.document) for one in ("low", "high") if row.get(one) is not None]

    assert not others and high - low >= 5
    assert low <= min(drawn) and max(drawn) <= high
    assert f"shows {low:g} to {high:g} of 0 to 10" in picture.note


def test_change_is_within_each_person_and_from_the_same_question_where_it_was_asked_once() -> None:
    # From week 9 on every fourth person has 3 points less; nobody else changes but by the turn of their days.
    assert _values("change", "Week 11", "Male")[1] == pytest.approx(-1.5, abs=0.15)
    assert _values("change of what was asked once", "Week 1")[1] == pytest.approx(-2.0, abs=0.05)
    assert "Beginning" in EVERYBODY["change of what was asked once"].says
    assert "study week 1" in EVERYBODY["change"].says


def test_responders_count_who_has_no_outcome_and_the_other_column_does_not() -> None:
    # Every fourth person falls by half, of whom every fifth stopped in week 8 and has no outcome.
    moderate = _values("responders", "30 % or more (moderate)")

    assert moderate[0] == near(80)
    assert moderate[1] == near(20) and moderate[3] == near(25)
    assert _values("responders", "50 % or more (substantial)")[0] == near(80)
    assert _values("responders", "60 % or more")[0] is None


def test_days_of_the_cycle_are_each_person_s_own_and_so_are_their_differences() -> None:
    assert _values("day of the cycle", "Dose day")[:2] == [near(200), pytest.approx(4.0, abs=0.06)]
    assert _values("day of the cycle", "Second day after")[1] == pytest.approx(6.0, abs=0.06)
    assert _values("day of the cycle", "Dose day minus second day after")[:2] == [
        near(200),
        pytest.approx(-2.0, abs=0.06),
    ]
    assert _values("day of the cycle", "Day after minus second day after")[1] == pytest.approx(0.0, abs=0.06)


def test_patterns_of_doses_stand_beside_what_people_intend() -> None:
    assert _values("schedules", "One on, two off")[:2] == [near(200), near(50)]
    assert _values("schedules", "No dose recorded")[0] == near(200)
    assert _values("schedules", "Irregular")[0] is None


def test_people_with_events_are_counted_once() -> None:
    assert [one.name for one in event_instruments(SNAPSHOT.codebook)] == ["adverse_event"]
    assert _values("adverse events", "At least one event") == [near(100), near(25)]
    assert _values("adverse events", "Grade 3 or higher")[0] == near(50)
    assert _values("adverse events", "Grade 1: mild, at worst")[0] is None
    assert _values("adverse events", "What was it? Skin")[0] == near(100)


def test_retention_and_what_is_missing_say_what_can_be_known() -> None:
    # Every fifth person wrote for 8 weeks only; every second one of them went on with doses, so that later weeks are
    # known to have been due: 320 of 360 people wrote in them.
    assert _values("retention", "Week 8")[:3] == [near(PEOPLE), near(PEOPLE), 100]
    assert _values("retention", "Week 10")[:3] == [near(PEOPLE), near(320), near(80)]
    assert _values("missing by week", "Average pain today")[0] == 100
    assert _values("missing by week", "Average pain today")[5] == near(89)
    assert _values("missing patterns", "An entry in every week")[0] == near(360)
    assert _values("missing patterns", "Stopped, without a gap before")[0] == near(40)


def test_a_snapshot_that_says_how_long_people_were_followed_tells_who_stopped_from_who_joined_late() -> None:
    # Of the 80 who wrote for 8 weeks only, 40 joined late (their week 9 is to come) and 40 stopped.
    everybody = cohort_of(snapshot(weeks_over=told(lambda place: 8 if place % 10 == 9 else 14)))
    diary = instrument(everybody.snapshot, "evening")

    kept, gaps, fell = retention(everybody, diary), missing_patterns(everybody, diary), responders(everybody, PAIN)

    week_9 = next(row for row in kept.table.rows if row.label == "Week 10").cells
    assert [cell.value for cell in week_9[:3]] == [near(360), near(320), near(89)]
    assert week_9[3].text
    assert [row.cells[0].value for row in gaps.table.rows[:2]] == [near(360), near(40)]
    # Every fourth person falls by half: 100, of whom 20 have no outcome and are those who joined late.
    assert [cell.value for cell in fell.table.rows[5].cells[:2]] == [near(80), near(22)]
    assert all("does not hold" not in found.says for found in (kept, gaps, fell))


def test_a_snapshot_that_does_not_say_it_has_numbers_that_can_be_known_and_says_so() -> None:
    found = [EVERYBODY[name].says for name in ("retention", "responders", "missing by week", "missing patterns")]

    assert all("This snapshot does not hold when somebody began" in says for says in found)
    assert all("prompts that fell into a person's own pause count as due" in says for says in found[2:])


def test_who_stopped_taking_part_has_not_gone_on_and_was_not_asked_any_more() -> None:
    # The 80 who wrote for 8 weeks only left the study then; everybody began 14 weeks ago, so that 12 count.
    everybody = cohort_of(snapshot(weeks_over=told(lambda place: 12, lambda place: 8 if place % 5 == 4 else 12)))
    diary = instrument(everybody.snapshot, "evening")

    kept, gaps, fell = retention(everybody, diary), missing_patterns(everybody, diary), responders(everybody, PAIN)

    last = kept.table.rows[-1].cells
    assert [cell.value for cell in last[:3]] == [near(400), near(320), near(80)]
    assert [row.cells[0].value for row in gaps.table.rows] == [near(400), None, None, None, None]
    # Every fourth person falls by half, of whom every fifth left and has no outcome: 80 of all 400.
    assert [cell.value for cell in fell.table.rows[5].cells[:2]] == [near(80), near(20)]


def test_weeks_that_a_pause_touched_are_neither_missing_nor_stopped() -> None:
    # The 80 who wrote for 8 weeks only are in a pause since; every second one of the others paused weeks 3 and 4, and
    # wrote.
    def paused(place: int) -> list[int]:
        return [9, 10, 11, 12] if place % 5 == 4 else [3, 4] if place % 2 else []

    everybody = cohort_of(snapshot(weeks_over=told(lambda place: 12, paused=paused)))
    diary = instrument(everybody.snapshot, "evening")

    kept, gaps, by_week = (
        retention(everybody, diary), missing_patterns(everybody, diary), missing_by_week(everybody, diary, ())
    )  # fmt: skip

    assert [cell.value for cell in kept.table.rows[-1].cells[:3]] == [near(320), near(320), 100]
    assert [row.cells[0].value for row in gaps.table.rows] == [near(400), None, None, None, None]
    assert {cell.value for cell in by_week.table.rows[0].cells} == {100}
    assert all("own pause" in found.says and "not due" in found.says for found in (kept, gaps, by_week))


def test_a_week_without_a_prompt_is_no_gap() -> None:
    # They were followed for 16 weeks, but the diary ended after 8, in which everybody wrote.
    everybody = cohort_of(snapshot(weeks_over=told(lambda place: 16)))
    ended = replace(EVENING, rhythm=Rhythm(first=1, step=1, last=56))

    gaps = missing_patterns(everybody, ended)

    assert [row.cells[0].value for row in gaps.table.rows] == [near(400), None, None, None, None]


def test_before_the_first_four_weeks_of_anybody_are_over_nothing_is_counted_and_pages_stand() -> None:
    everybody = cohort_of(snapshot(weeks_over=told(lambda place: 0)))
    diary = instrument(everybody.snapshot, "evening")

    found = (
        retention(everybody, diary),
        missing_by_week(everybody, diary, diary.items),
        missing_patterns(everybody, diary),
    )

    assert {cell.value for one in found for row in one.table.rows for cell in row.cells} <= {None}
    assert all(svg(picture).startswith("<svg") for one in found for picture in one.pictures)


def test_who_withdrew_is_not_counted_among_those_followed() -> None:
    published = replace(snapshot(weeks_over=told(lambda place: 12))._published, withdrawn=frozenset([3, 5]))
    opened = OpenedSnapshot(published, Plain)

    followed = following(opened)

    assert followed.weeks[[2, 3, 4, 5]].tolist() == [12, 0, 12, 0]
    assert not followed.asked[[3, 5]].any()


BLURRED = snapshot(answers=alone)


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("places", [(3,), (0, 1, 2, 3, 4, 5, 6, 7)], ids=["one", "eight"])
def test_of_a_few_people_no_number_is_told(name: str, places: tuple[int, ...]) -> None:
    found = RESULTS[name](cohort_of(BLURRED, *places))

    assert {cell.value for row in found.table.rows for cell in row.cells} == {None}
    for picture in found.pictures:
        drawn = [
            row[one]
            for row in _data(picture.document)
            for one in ("value", "mean", "share", "low", "high")
            if one in row
        ]
        assert not any(drawn)
    assert not any(
        " to " in cell.text and cell.text[:1].isdigit() for row in found.table.rows for cell in row.cells[2:]
    )


@pytest.mark.parametrize("name", RESULTS)
def test_blurred_numbers_make_results_too(name: str) -> None:
    found = RESULTS[name](cohort_of(BLURRED))

    shares = [
        cell.value
        for row in found.table.rows
        for cell in row.cells
        if cell.text.endswith("%") and cell.value is not None
    ]
    assert all(0 <= share <= 100 for share in shares)
    assert all(svg(picture).startswith("<svg") for picture in found.pictures)


@pytest.mark.parametrize("name", RESULTS)
def test_which_rows_are_listed_does_not_depend_on_the_cohort(name: str) -> None:
    few = RESULTS[name](cohort_of(SNAPSHOT, 3))

    assert [row.label for row in few.table.rows] == [row.label for row in EVERYBODY[name].table.rows]
    assert [cell for cell in few.table.head if "%" not in cell] == [
        cell for cell in EVERYBODY[name].table.head if "%" not in cell
    ]


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_has_a_sentence_its_method_and_pictures_that_can_be_drawn(name: str) -> None:
    found = EVERYBODY[name]

    assert found.says.endswith(".") and found.table.method
    assert all(len(row.cells) + 1 == len(found.table.head) for row in found.table.rows)
    for picture in found.pictures:
        assert picture.note and picture.table.rows and svg(picture).startswith("<svg")


def test_what_can_be_asked_comes_from_the_codebook() -> None:
    book = SNAPSHOT.codebook

    assert (
        [one.address for one in outcomes(book)]
        == ["evening.pain", "evening.burden"]
        == [one.address for one in daily_outcomes(book)]
    )
    assert [one.name for one in diaries(book)] == ["evening"]
    assert [one.name for one in occurrences(book)] == ["dose"]
    assert answered_items(EVENING) == [PAIN, BURDEN]


@pytest.mark.parametrize("name", ["responders", "retention"])
def test_shares_never_rise_and_are_the_same_in_table_and_picture(name: str) -> None:
    found = EVERYBODY[name]
    column = {"responders": 1, "retention": 2}[name]

    shares = [row.cells[column].value for row in found.table.rows if row.cells[column].value is not None]

    assert shares and shares == sorted(shares, reverse=True)
    assert [f"{share} %" for share in shares] == [
        row[1] for row in found.pictures[0].table.rows if row[1] != "not shown"
    ]


def test_too_much_at_once_is_refused_in_a_sentence() -> None:
    with pytest.raises(Invalid, match="8 items at most"):
        table_one(cohort_of(SNAPSHOT), [SEX] * 9)
    with pytest.raises(Invalid, match="cannot be counted"):
        missing_by_week(cohort_of(SNAPSHOT), DOSE, [])


def _data(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from document.get("data", {}).get("values", ())
    for part in (*document.get("layer", ()), *document.get("vconcat", ())):
        yield from _data(part)


def _scales(document: Mapping[str, Any]) -> Iterator[list[float]]:
    for layer in document.get("layer", ()):
        yield layer["encoding"]["y"]["scale"]["domain"]
    for part in document.get("vconcat", ()):
        yield from _scales(part)
