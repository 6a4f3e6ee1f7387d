"""The column treatments say what the protocol's own treatments say, on every value."""

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studyportal.custody.deidentification.tables import gathered, instrument_table, subjects_table
from studyportal.custody.deidentification.treatments import (
    COLUMN_TREATMENTS,
    reason_columns,
    study_days,
    study_weeks,
    treated_columns,
)
from studyportal.errors import Invalid
from studyportal.protocol import KINDS, SHIPPED, TREATMENTS, Item, Release, load_protocol, released, study_day
from studyportal.protocol.amendments import lineage
from studyportal.protocol.columns import COLUMNS
from studyportal.protocol.released import released_columns, spread_columns
from studyportal.protocol.treatments import SET
from tests.protocol.every_release import DATES, PAIRS, SIDES, answers_to, item_of

STARTS = pa.array([date(2026, 1, 1)], pa.date32())
CODES = pa.list_(pa.string())


def cells_of(item, values):
    kind = KINDS[item.kind]
    cells = [None if value is None else kind.to_column(kind.to_wire(value)) for value in values]
    return pa.array(cells, COLUMNS[kind.column])


def test_every_treatment_of_the_protocol_has_a_column_treatment_and_no_other_has():
    assert set(COLUMN_TREATMENTS) == set(TREATMENTS)


@pytest.mark.parametrize(("kind", "treatment"), [pair for pair in PAIRS if KINDS[pair[0]].column in COLUMNS])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_column_is_treated_as_its_values_are(kind, treatment, data):
    item = data.draw(item_of(kind, treatment))
    values = data.draw(st.lists(st.none() | answers_to(item), max_size=8))
    starts = data.draw(st.lists(DATES, min_size=len(values), max_size=len(values)))
    # A slice of a longer column, in several chunks, as blocks arrive.
    whole = pa.chunked_array([cells_of(item, [None, *values[:3]]), cells_of(item, values[3:])])

    columns = treated_columns(whole.slice(1), item, pa.array(starts, pa.date32()))

    rule = TREATMENTS[treatment]
    expected = [None if v is None else rule.apply(v, item=item, start=s) for v, s in zip(values, starts, strict=True)]
    if rule.kind(item) == SET:
        spread = spread_columns("it", rule.choices(item))
        shown = {name: [v if v is None else code in v for v in expected] for name, code in spread.items()}
    else:
        shown = {} if rule.column(item) is None else {"it": expected}
    assert {name: column.to_pylist() for name, column in columns.items()} == shown
    assert {name: column.type for name, column in columns.items()} == {
        name: COLUMNS[view["column"]] for name, view in released_columns(item).items()
    }


@settings(deadline=None)
@given(day=DATES, start=DATES)
def test_study_days_are_those_of_the_protocol(day, start):
    days = study_days(pa.array([day], pa.date32()), pa.array([start], pa.date32()))

    assert days.to_pylist() == [study_day(day, start)]


def test_there_is_no_week_0():
    days = pa.array([-8, -7, -1, 1, 7, 8, 14, 15], pa.int32())

    assert study_weeks(days).to_pylist() == [-2, -1, -1, 1, 1, 2, 2, 3]


def test_a_band_begins_at_its_edge():
    item = Item(
        name="age", ask="Age", kind="integer", release=Release("band", {"edges": (18, 30), "labels": ("u", "m", "o")})
    )

    columns = treated_columns(pa.array([17, 18, 29, 30, None], pa.int64()), item, pa.array([date(2026, 1, 1)] * 5))

    assert columns["age"].to_pylist() == ["u", "m", "m", "o", None]


def test_a_day_is_told_by_its_distance_from_the_start_only():
    start = date(2026, 1, 5)
    item = Item(name="taken_on", ask="When?", kind="date", release=Release("relative_day"))
    here, there = (pa.array([start + timedelta(days=shift + 3)], pa.date32()) for shift in (0, 100))

    columns = [
        treated_columns(days, item, pa.array([day]))["taken_on"]
        for days, day in ((here, start), (there, start + timedelta(days=100)))
    ]

    assert columns[0] == columns[1] and columns[0].to_pylist() == [4]


def test_a_set_of_codes_is_spread_and_none_of_them_is_no_code():
    item = Item(name="signs", ask="Which?", kind="choices", release=Release("keep"), choices=SIDES, none="None of them")
    values = pa.array([["a", "B-2"], ["none"], None, ["b.1"]], CODES)

    columns = treated_columns(values, item, pa.array([date(2026, 1, 1)] * 4), name="signs__since_2")

    assert {name: column.to_pylist() for name, column in columns.items()} == {
        "signs__since_2__a": [True, False, None, False],
        "signs__since_2__b_1": [False, False, None, True],
        "signs__since_2__b_2": [False, False, None, False],
        "signs__since_2__b_2_2": [True, False, None, False],
    }


@pytest.mark.parametrize("treatment", ["keep", "map"])
def test_a_code_that_the_question_does_not_have_stops_the_publication(treatment):
    parameters = {"choices": {"x": "X"}, "of": dict.fromkeys(SIDES, "x")} if treatment == "map" else {}
    item = Item(name="signs", ask="Which?", kind="choices", release=Release(treatment, parameters), choices=SIDES)

    with pytest.raises(Invalid):
        treated_columns(pa.array([["a", "strange"]], CODES), item, STARTS)


def test_why_there_is_no_answer_has_a_column_of_its_own_unless_the_question_is_dropped():
    reasons = pa.chunked_array([pa.array(["not_said", None])])
    asked = {"name": "it", "ask": "How?", "kind": "yes_no", "missing": {"not_said": "I would rather not say"}}

    kept = reason_columns(reasons, Item(**asked, release=Release("keep")), name="it__since_2")
    dropped = reason_columns(reasons, Item(**asked, release=Release("drop")))

    assert {name: column.to_pylist() for name, column in kept.items()} == {"it__since_2__missing": ["not_said", None]}
    assert dropped == {}


def test_the_tables_of_the_shipped_study_have_the_columns_that_the_released_view_says():
    protocol = load_protocol(SHIPPED)
    shown, lines, tables = (
        released(protocol)["instruments"],
        lineage(protocol),
        gathered([], protocol, lines=lineage(protocol)),
    )

    made = {name: instrument_table(tables[name], lines[name]) for name in shown if not shown[name]["schedule"]["once"]}
    people = subjects_table([], {name: tables[name] for name in shown if name not in made}, protocol)

    for name, view in shown.items():
        for item, one in view["items"].items():
            where, column = (made[name], item) if name in made else (people, f"{name}__{item}")
            assert where.schema.field(column).type == COLUMNS[one["column"]]
