"""Criteria, attrition and tables on hand-made snapshots: the right people, in one canonical form."""

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.errors import CannotOpen, Invalid
from studyportal.protocol.treatments import TREATMENTS
from studyportal.research.cohorts.catalogue import dividers
from studyportal.research.cohorts.criteria import (
    MOST_TERMS,
    NOT,
    WITH,
    Criteria,
    Criterion,
    read_criteria,
    saved_criteria,
)
from studyportal.research.cohorts.measures import measures
from studyportal.research.cohorts.selection import attrition, selected
from studyportal.research.cohorts.tables import FORMS, chosen_measures, reported, spread, table
from studyportal.research.results.cohort import Cohort
from studyportal.research.snapshot.bands import quarters, whole_quarters
from studyportal.research.snapshot.codebook import read_codebook
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.public import publish
from studyportal.research.snapshot.weeks import weekly
from tests.research.study import RELEASED, alone, hand_made

SNAPSHOT = OpenedSnapshot(hand_made(700), alone)
VALUES = [(name, value) for name, one in SNAPSHOT.variables.items() for value in one.labels]
TERMS = [(before + name, value) for before in ("", NOT) for name, value in VALUES]


def test_every_way_of_showing_a_measure_has_a_table_and_every_table_a_measure() -> None:
    forms = {measure.form for measure in measures(SNAPSHOT.codebook).values()}

    assert forms == set(FORMS)


def test_nothing_that_was_dropped_is_in_the_codebook() -> None:
    items = read_codebook(RELEASED).items

    assert "baseline.name" not in items
    assert {item.treatment for item in items.values()} <= set(TREATMENTS) - {"drop"}


def test_the_people_of_a_criterion_are_those_with_the_answer() -> None:
    published = hand_made(700)
    women = pc.equal(published.subjects["baseline__sex"], "f")
    young = pc.equal(published.subjects["baseline__age"], "18-29")
    expected = published.subjects.filter(pc.and_(women, young))["index"].to_numpy()

    people = selected(SNAPSHOT, read_criteria([("baseline.sex", "f"), ("baseline.age", "18-29")], SNAPSHOT))

    assert people == SNAPSHOT.roll.people(expected)


def test_one_code_of_a_set_and_the_published_words_of_a_score_are_criteria() -> None:
    published = hand_made(700).subjects
    low = SNAPSHOT.variables["baseline.mood"].codes[1]
    knees = pc.and_(published["baseline__sites__r_knee"], pc.greater_equal(published["baseline__mood"], 3))

    people = selected(SNAPSHOT, read_criteria([("baseline.sites__r_knee", "yes"), ("baseline.mood", low)], SNAPSHOT))

    assert low == "3 to 6, screens positive for depression"
    assert people == SNAPSHOT.roll.people(published.filter(knees)["index"].to_numpy())


def test_not_having_answered_is_an_answer() -> None:
    missing = hand_made(700).subjects["baseline__worst"]

    people = selected(SNAPSHOT, read_criteria([("baseline.worst", "not answered")], SNAPSHOT))

    assert people.size == missing.null_count > 0


def test_criteria_that_let_everybody_in_have_a_table_of_the_shape_that_cohorts_have() -> None:
    known, all_of_them = measures(SNAPSHOT.codebook), SNAPSHOT.everybody & SNAPSHOT.everybody
    some = SNAPSHOT.roll.people(SNAPSHOT.index[1:])

    whole, but_one, everybody = (
        table(SNAPSHOT, people, known["baseline.smokes"]) for people in (all_of_them, some, SNAPSHOT.everybody)
    )

    assert whole == but_one
    assert whole.head != everybody.head


def test_a_cohorts_course_and_report_list_no_more_than_the_ledger_counts() -> None:
    known = measures(SNAPSHOT.codebook)

    few = reported(SNAPSHOT, known, is_cohort=True).values()

    assert sum(one.form == "weekly_mean" for one in few) == 2
    # A number counts two, an answer of the diary one for every two rows.
    assert 11 <= sum(len(one.parts) for one in few if one.form != "weekly_mean") <= 12
    assert reported(SNAPSHOT, known, is_cohort=False) == known
    assert spread([*range(52)], 8) == [0, 7, 15, 22, 29, 36, 44, 51]
    assert spread([3, 4], 8) == [3, 4]


@pytest.mark.parametrize("name", sorted(SNAPSHOT.variables))
def test_the_values_of_a_variable_divide_everybody(name: str) -> None:
    sets = [*SNAPSHOT.sets(SNAPSHOT.variables[name]).values()]

    together = SNAPSHOT.roll.any_of(sets)

    assert together == SNAPSHOT.everybody
    assert sum(one.size for one in sets) == SNAPSHOT.everybody.size


def test_bins_are_of_20_shown_people_and_stand_in_published_order() -> None:
    for name, variable in SNAPSHOT.variables.items():
        sets, bins = SNAPSHOT.sets(variable), SNAPSHOT.bins[name]
        shown = {value: SNAPSHOT.engine.count(people).value or 0 for value, people in sets.items()}

        assert len(bins) == 1 or all(sum(shown[value] for value in one) >= 20 for one in bins)
        assert sorted(value for one in bins for value in one) == sorted(variable.labels)
        assert all([*one] == [value for value in variable.labels if value in one] for one in bins)


def test_bins_are_those_of_everybody_whatever_an_approval_covers_and_whoever_asks_first() -> None:
    again = OpenedSnapshot(hand_made(700), alone)
    cut = again.limited_to(["evening.pain"])

    first = cut.bins["evening.pain__mean"]
    publish(again)

    assert first == SNAPSHOT.bins["evening.pain__mean"]
    assert dict(again.bins) == dict(SNAPSHOT.bins)


def test_answers_are_in_words_and_whole_numbers_in_a_row_are_one_span() -> None:
    sex = SNAPSHOT.variables["baseline.sex"]
    steps = replace(sex, labels=dict(zip("abcde", "01234", strict=True)))

    assert sex.words_of(["m", "o"]) == "Male or Other"
    assert sex.words_of(sex.labels) == "Female, Male, Other or Not answered"
    assert steps.words_of("abc") == "0 to 2"
    assert steps.words_of("abde") == "0, 1, 3 or 4"


def test_a_cohort_is_divided_by_bins_and_not_where_one_is_left() -> None:
    groups = Cohort(SNAPSHOT, SNAPSHOT.everybody).by(SNAPSHOT.variables["baseline.sex"])

    knees = Cohort(SNAPSHOT, SNAPSHOT.everybody).by(SNAPSHOT.variables["baseline.sites__r_knee"])

    assert [*knees] == ["No", "Yes or Not answered"]
    assert [*groups] == ["Female", "Male", "Other", "Not answered"]
    assert sum(one.people.size for one in groups.values()) == SNAPSHOT.everybody.size
    assert {"baseline.sex", "baseline.sites__back"} < set(dividers(SNAPSHOT))
    assert "baseline.sites__missing" not in dividers(SNAPSHOT)


@given(st.lists(st.sampled_from(TERMS), max_size=6), st.randoms())
def test_part_of_a_bin_its_other_parts_and_the_whole_are_one_question(
    terms: list[tuple[str, str]], chance: object
) -> None:
    def elsewhere(term: str, value: str) -> tuple[str, str]:
        name = term.removeprefix(NOT)
        whole = next(one for one in SNAPSHOT.bins[name] if value in one)
        return term, chance.choice([*whole, WITH.join(whole)])  # type: ignore[attr-defined]

    try:
        asked = read_criteria(terms, SNAPSHOT)
    except Invalid:
        with pytest.raises(Invalid):
            read_criteria([elsewhere(*one) for one in terms], SNAPSHOT)
        return

    again = read_criteria(asked.terms, SNAPSHOT)

    assert read_criteria([elsewhere(*one) for one in terms], SNAPSHOT).canonical == asked.canonical
    assert again == asked and not again.widened
    assert all(len(rule.values) < len(rule.variable.labels) for rule in (*asked.rules, *asked.without))
    for rule in (*asked.rules, *asked.without):
        bins = SNAPSHOT.bins[rule.variable.name]
        assert all(set(one) <= set(rule.values) or not set(one) & set(rule.values) for one in bins)


# Few bins, so that two questions often mean the same.
NAMES = ("baseline.sex", "baseline.smokes", "baseline.sites__back")
FEW = [(before + name, WITH.join(one)) for before in ("", NOT) for name in NAMES for one in SNAPSHOT.bins[name]]
ASKED = st.lists(st.sampled_from(FEW), max_size=6)


def meant(criteria: Criteria) -> set[tuple[str, ...]]:
    """Every combination of answers that the criteria let in."""

    def keeps(kind: Mapping[str, str], rules: tuple[Criterion, ...]) -> bool:
        return all(kind[rule.variable.name] in rule.values for rule in rules)

    answers = product(*(SNAPSHOT.variables[name].labels for name in NAMES))
    kinds = [dict(zip(NAMES, values, strict=True)) for values in answers]
    return {
        tuple(kind.values()) for kind in kinds
        if keeps(kind, criteria.rules) and not (criteria.without and keeps(kind, criteria.without))
    }  # fmt: skip


@settings(max_examples=400)
@given(ASKED, ASKED)
def test_two_questions_for_the_same_people_have_one_form_and_for_others_another(
    one: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    try:
        first, second = read_criteria(one, SNAPSHOT), read_criteria(other, SNAPSHOT)
    except Invalid:
        return

    assert (first.canonical == second.canonical) == (meant(first) == meant(second))


@given(st.lists(st.sampled_from(TERMS), max_size=12), st.randoms())
def test_criteria_have_one_form_however_they_are_asked(terms: list[tuple[str, str]], chance: object) -> None:
    try:
        asked = read_criteria(terms, SNAPSHOT)
    except Invalid as refusal:
        assert "at most" in refusal.sentence or "exclude each other" in refusal.sentence
        return
    shuffled = terms * 2
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    again = read_criteria(shuffled, SNAPSHOT)

    assert again.canonical == asked.canonical
    assert saved_criteria(asked.canonical, SNAPSHOT) == asked
    assert read_criteria(asked.terms, SNAPSHOT) == asked
    assert selected(SNAPSHOT, again) == selected(SNAPSHOT, asked)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(TERMS), max_size=4), st.sampled_from(sorted(measures(SNAPSHOT.codebook))))
def test_no_cell_of_any_table_of_any_cohort_shows_a_small_number(terms: list[tuple[str, str]], name: str) -> None:
    try:
        criteria = read_criteria(terms, SNAPSHOT)
    except Invalid:
        return
    measure = measures(SNAPSHOT.codebook)[name]

    found = table(SNAPSHOT, selected(SNAPSHOT, criteria), measure)

    people = ("People", "Yes", "Cohort", "All")
    rows = [row for row in found.rows if not row.label.startswith("Mean")]
    counts = [c.value for row in rows for c, head in zip(row.cells, found.head[1:], strict=True) if head in people]
    assert counts
    assert all(value is None or (value >= 10 and value % 5 == 0) for value in counts)
    assert all(len(row.cells) == len(found.head) - 1 for row in found.rows)
    assert sum(len(row.cells) for row in found.rows) <= 120
    assert found.caption.endswith(".")


def test_attrition_begins_with_everybody_and_says_each_criterion_in_words() -> None:
    criteria = read_criteria(
        [("baseline.sex", "f"), ("baseline.smokes", "no"), ("evening.pain__mean", "5 to under 7.5")], SNAPSHOT
    )

    found = attrition(SNAPSHOT, criteria)

    shown = [row.cells[0].value for row in found.rows]
    assert abs(shown[0] - 700) <= 20
    assert len(shown) == 4
    assert [row.label for row in found.rows][1:] == [rule.words for rule in criteria.rules]


def test_weekly_means_are_means_of_each_persons_mean() -> None:
    rows = pa.table(
        {
            "index": [0, 0, 0, 1],
            "study_day": [1, 2, 3, 1],
            "week": pa.array([1, 1, 1, 1], pa.int32()),
            "pain": [0, 0, 0, 8],
        }
    )
    found = weekly(rows, "pain")

    assert found.mean.tolist() == [0.0, 8.0]
    assert found.answers.tolist() == [3, 1]
    assert found.by_person.mean.tolist() == [0.0, 8.0]


def test_missing_answers_and_days_before_the_start_count_nowhere() -> None:
    rows = pa.table(
        {"index": [0, 0, 1], "week": pa.array([0, 1, 1], pa.int32()), "pain": pa.array([5, None, 3], pa.int8())}
    )
    answers, entries = weekly(rows, "pain"), weekly(rows, None)

    assert answers.index.tolist() == [1]
    assert entries.index.tolist() == [0, 1]


def test_too_many_variables_terms_or_tables_are_refused_in_a_sentence() -> None:
    five = [
        ("baseline.sex", "f"),
        ("baseline.age", "18-29"),
        ("baseline.diagnosis", "fm"),
        ("baseline.smokes", "yes"),
        ("baseline.worst", "0-2"),
    ]
    flood = [("baseline.sex", "f")] * (MOST_TERMS + 1)

    for terms in (five, flood):
        with pytest.raises(Invalid):
            read_criteria(terms, SNAPSHOT)
    with pytest.raises(Invalid):
        chosen_measures([*measures(SNAPSHOT.codebook)][:9], measures(SNAPSHOT.codebook))


def test_a_saved_cohort_of_items_that_are_gone_is_refused_in_a_sentence() -> None:
    canonical = json.dumps([["baseline.gone", ["x"]]])

    with pytest.raises(Invalid, match="does not have"):
        saved_criteria(canonical, SNAPSHOT)


def test_an_answer_that_the_codebook_does_not_know_stops_the_page() -> None:
    published = hand_made(50)
    sexes = pa.array(["x"] * 50)
    strange = published.subjects.set_column(
        published.subjects.column_names.index("baseline__sex"), "baseline__sex", sexes
    )
    snapshot = OpenedSnapshot(type(published)(strange, published.tables), alone)

    with pytest.raises(CannotOpen):
        snapshot.sets(snapshot.variables["baseline.sex"])


def test_who_withdrew_is_in_no_set_and_no_week() -> None:
    gone = frozenset(range(200))

    snapshot = OpenedSnapshot(hand_made(700, withdrawn=gone), alone)

    assert not gone & set(snapshot.index.tolist())
    assert not gone & set(snapshot.weekly("evening", "pain").index.tolist())
    assert snapshot.everybody.size == 700 - sum(place % 7 != 3 for place in gone)


def test_a_snapshot_from_which_everybody_withdrew_still_opens() -> None:
    snapshot = OpenedSnapshot(hand_made(30, withdrawn=frozenset(range(200))), alone)

    tables = [table(snapshot, snapshot.everybody, one) for one in measures(snapshot.codebook).values()]

    assert attrition(snapshot, read_criteria([], snapshot)).rows[0].cells[0].text == "<10"
    assert all(cell.value is None for one in tables for row in one.rows for cell in row.cells)


@given(st.integers(-50, 50), st.integers(1, 200))
def test_four_bands_cover_a_scale_once(minimum: int, span: int) -> None:
    whole, fine = whole_quarters(minimum, minimum + span), quarters(minimum, minimum + span)

    places = whole.places(np.arange(minimum, minimum + span + 1, dtype=float))

    assert len(set(whole.labels)) == len(whole.labels) == min(4, span + 1)
    assert set(places) == set(range(len(whole.labels)))
    assert (np.diff(places) >= 0).all()
    assert len(fine.labels) == len(set(fine.labels)) == 4
