"""A treatment gives what is released and nothing more."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.protocol import KINDS, TREATMENTS
from studyportal.protocol.columns import COLUMNS
from studyportal.protocol.released import VIEWS
from studyportal.protocol.treatments import released_bands
from tests.protocol.documents import item

START = date(2026, 3, 1)
AGE = "kind: integer, minimum: 18, maximum: 110, release: {band: [18, 30, 40, 80]}"
YEARS = "kind: integer, minimum: 0, maximum: 90, release: {band: [1, 2, 5]}"
HOURS = "kind: decimal, minimum: 0, maximum: 24, release: {band: [4.5, 6, 8]}"
PAIN = "kind: rating, low: None, high: Worst, release: {band: [0, 4, 7]}"
LONG = "kind: integer, minimum: 0, maximum: 2880, release: {top_code: 1440}"


@pytest.mark.parametrize(
    ("written", "value", "released"),
    [
        ("kind: yes_no, release: keep", True, True),
        ("kind: yes_no, release: drop", True, None),
        (AGE, 18, "18-29"),
        (AGE, 29, "18-29"),
        (AGE, 30, "30-39"),
        (AGE, 80, "80 and over"),
        (AGE, 110, "80 and over"),
        (YEARS, 0, "under 1"),
        (YEARS, 1, "1"),
        (YEARS, 4, "2-4"),
        (YEARS, 5, "5 and over"),
        (HOURS, 4.4, "under 4.5"),
        (HOURS, 4.5, "4.5 to under 6"),
        (HOURS, 8.0, "8 and over"),
        (PAIN, 3, "0-3"),
        (PAIN, 10, "7 and over"),
        (LONG, 1439, 1439),
        (LONG, 2880, 1440),
        ("kind: date, release: relative_day", date(2026, 3, 1), 1),
        ("kind: date, release: relative_day", date(2026, 3, 31), 31),
        ("kind: date, release: relative_day", date(2026, 2, 28), -1),
        ("kind: time, release: hour", time(0, 59), 0),
        ("kind: time, release: hour", time(21, 40), 21),
    ],
)
def test_an_answer_is_released_as_the_document_says(written, value, released):
    asked = item(written)

    given_out = TREATMENTS[asked.release.treatment].apply(value, item=asked, start=START)

    assert (type(given_out), given_out) == (type(released), released)


def test_bands_name_only_what_can_occur():
    assert released_bands(item(AGE)) == ("18-29", "30-39", "40-79", "80 and over")
    assert released_bands(item(YEARS)) == ("under 1", "1", "2-4", "5 and over")


@given(st.data())
def test_every_answer_falls_into_one_band_and_order_is_kept(data):
    low = data.draw(st.integers(-50, 50))
    high = data.draw(st.integers(low + 1, low + 60))
    edges = sorted(data.draw(st.sets(st.integers(low + 1, high), min_size=1, max_size=6)))
    asked = item(f"kind: integer, minimum: {low}, maximum: {high}, release: {{band: {edges}}}")

    bands = [TREATMENTS["band"].apply(value, item=asked, start=START) for value in range(low, high + 1)]

    names = released_bands(asked)
    assert set(bands) == set(names)
    assert [names.index(band) for band in bands] == sorted(names.index(band) for band in bands)
    assert bands.index(names[1]) == edges[0] - low


def test_the_table_of_treatments_is_complete():
    assert set(TREATMENTS) == {"keep", "drop", "band", "top_code", "relative_day", "hour"}
    assert set(VIEWS) == set(TREATMENTS)
    assert {name for kind in KINDS.values() for name in kind.may_release} == set(TREATMENTS)


@pytest.mark.parametrize(
    "written", [AGE, HOURS, LONG, "kind: date, release: relative_day", "kind: time, release: hour"]
)
def test_a_treated_column_has_a_known_type_and_words(written):
    asked = item(written)
    treatment = TREATMENTS[asked.release.treatment]

    assert treatment.column(asked) in COLUMNS
    assert treatment.kind(asked) in KINDS
    assert treatment.describe(asked).startswith("released")


def test_what_is_dropped_has_neither_column_nor_kind():
    note = item("kind: notes, max_length: 9, release: drop")

    assert (TREATMENTS["drop"].column(note), TREATMENTS["drop"].kind(note)) == (None, None)
