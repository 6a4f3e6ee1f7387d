"""The column treatments say what the protocol's own treatments say, on every value."""

from datetime import date, time, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.custody.deidentification.treatments import COLUMN_TREATMENTS, study_days, study_weeks, treated
from studyportal.protocol import KINDS, TREATMENTS, Item, Release, study_day
from studyportal.protocol.columns import COLUMNS

DATES = st.dates(date(1900, 1, 1), date(2199, 12, 31))
EDGES = st.lists(st.integers(1, 99), min_size=1, max_size=6, unique=True).map(sorted)

ANSWERS = {
    "rating": st.integers(0, 10),
    "integer": st.integers(0, 100),
    "decimal": st.floats(0, 100, allow_nan=False),
    "yes_no": st.booleans(),
    "choice": st.sampled_from(["a", "b", "c"]),
    "date": DATES,
    "time": st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    "notes": st.text(max_size=20),
}


@st.composite
def items(draw, kind, treatment):
    parameters = {}
    if treatment == "band":
        edges = draw(EDGES)
        parameters = {"edges": tuple(edges), "labels": tuple(f"band {n}" for n in range(len(edges) + 1))}
    if treatment == "top_code":
        parameters = {"at": draw(st.integers(1, 99))}
    return Item(
        name="it",
        ask="How much?",
        kind=kind,
        release=Release(treatment, parameters),
        minimum=0,
        maximum=10 if kind == "rating" else 100,
        choices={"a": "A", "b": "B", "c": "C"} if kind == "choice" else {},
        max_length=20 if kind == "notes" else None,
    )


def allowed():
    return [(kind.name, treatment) for kind in KINDS.values() for treatment in kind.may_release]


def test_every_treatment_of_the_protocol_has_a_column_treatment_and_no_other_has():
    assert set(COLUMN_TREATMENTS) == set(TREATMENTS)


@pytest.mark.parametrize(("kind", "treatment"), allowed())
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_column_is_treated_as_its_values_are(kind, treatment, data):
    item = data.draw(items(kind, treatment))
    values = data.draw(st.lists(st.none() | ANSWERS[kind], max_size=12))
    starts = data.draw(st.lists(DATES, min_size=len(values), max_size=len(values)))
    cells = [None if value is None else KINDS[kind].to_column(KINDS[kind].to_wire(value)) for value in values]

    column = treated(pa.array(cells, COLUMNS[KINDS[kind].column]), item, pa.array(starts, pa.date32()))

    rule = TREATMENTS[treatment]
    if rule.column(item) is None:
        assert column is None
        return
    expected = [None if v is None else rule.apply(v, item=item, start=s) for v, s in zip(values, starts, strict=True)]
    assert column.type == COLUMNS[rule.column(item)]
    assert column.to_pylist() == pa.array(expected, column.type).to_pylist()


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

    column = treated(pa.array([17, 18, 29, 30, None], pa.int64()), item, pa.array([date(2026, 1, 1)] * 5))

    assert column.to_pylist() == ["u", "m", "m", "o", None]


def test_a_day_is_told_by_its_distance_from_the_start_only():
    start = date(2026, 1, 5)
    item = Item(name="taken_on", ask="When?", kind="date", release=Release("relative_day"))
    here, there = (pa.array([start + timedelta(days=shift + 3)], pa.date32()) for shift in (0, 100))

    columns = [
        treated(days, item, pa.array([day])) for days, day in ((here, start), (there, start + timedelta(days=100)))
    ]

    assert columns[0] == columns[1] and columns[0].to_pylist() == [4]
