"""A treatment gives what is released and nothing more."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.protocol import KINDS, TREATMENTS, Item, Release
from studyportal.protocol.columns import COLUMNS
from studyportal.protocol.settling import SETTLE, Unsettled, settled
from studyportal.protocol.treatments import SET, released_bands
from tests.protocol.documents import item
from tests.protocol.every_release import PAIRS, answers_to, item_of

START = date(2026, 3, 1)
AGE = "kind: integer, minimum: 18, maximum: 110, release: {band: [18, 30, 40, 80]}"
YEARS = "kind: integer, minimum: 0, maximum: 90, release: {band: [1, 2, 5]}"
HOURS = "kind: decimal, minimum: 0, maximum: 24, release: {band: [4.5, 6, 8]}"
PAIN = "kind: rating, low: None, high: Worst, release: {band: [0, 4, 7]}"
LONG = "kind: integer, minimum: 0, maximum: 2880, release: {top_code: 1440}"
BORN = "kind: integer, minimum: 1900, maximum: 2020, release: {bottom_code: 1940}"
SLEPT = "kind: duration, maximum: 16 hours, release: {band: [240, 360, 480]}"
SITES = "choices: {back: Back, knee: Knee, nerve: Nerve, head: Head}"
BROAD = "release: {map: {joints: [back, knee], nerve: [nerve], head: [head]}}"
ICD = "kind: choice, choices: {M54: Back pain, M54.5: Low back pain, M54.2: Neck pain, G43: Migraine}, release: {shorten: 3}"
LIST = "kind: group, at_most: 9, items: {what: {ask: What?, kind: choice, choices: {opioid: An opioid, other: Other}}, name: {ask: Name?, kind: text, max_length: 20}}"
ROWS = ({"what": "other", "name": "x"}, {"what": "opioid"}, {"what": "other"})
EVENING = datetime(2026, 3, 31, 23, 30, tzinfo=ZoneInfo("America/New_York"))


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
        (LONG.replace("integer", "decimal"), 2000.0, 1440.0),
        (BORN, 1920, 1940),
        (BORN, 1941, 1941),
        (SLEPT, 239, "under 4 hours"),
        (SLEPT, 240, "4 hours to under 6 hours"),
        (f"kind: choice, {SITES}, {BROAD}", "knee", "joints"),
        (f"kind: choices, {SITES}, {BROAD}", ("back", "knee", "head"), ("joints", "head")),
        (f"kind: choices, none: No pain, {SITES}, {BROAD}", ("none",), ()),
        (f"kind: choices, none: No pain, {SITES}, release: keep", ("knee",), ("knee",)),
        (f"kind: choices, none: No pain, {SITES}, release: keep", ("none",), ()),
        (f"kind: choices, none: No pain, {SITES}, release: count", ("back", "head"), 2),
        (f"kind: choices, none: No pain, {SITES}, release: count", ("none",), 0),
        ("kind: body_map, release: count", ("left_jaw", "neck", "chest"), 3),
        ("kind: body_map, release: count", ("none",), 0),
        (ICD, "M54.5", "M54"),
        (ICD, "G43", "G43"),
        (f"{LIST}, release: count", ROWS, 3),
        (f"{LIST}, release: {{codes_of: what}}", ROWS, ("opioid", "other")),
        (f"{LIST}, release: {{codes_of: what}}", ({"name": "x"},), None),
        ("kind: date_time, release: relative_day", EVENING, 31),
        ("kind: date_time, release: hour", EVENING, 23),
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


@settings(deadline=None)
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
    assert set(TREATMENTS) == {
        "keep", "drop", "band", "top_code", "bottom_code", "relative_day", "hour", "map", "shorten", "count", "codes_of",
    }  # fmt: skip
    assert {name for kind in KINDS.values() for name in kind.may_release} == set(TREATMENTS)
    assert {treatment.takes for treatment in TREATMENTS.values()} - {None} == set(SETTLE)
    for name, treatment in TREATMENTS.items():
        assert treatment.name == name
        assert treatment.words


@pytest.mark.parametrize(("kind", "treatment"), PAIRS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_what_is_released_is_what_the_treatment_says_can_be(kind, treatment, data):
    item, rule = data.draw(item_of(kind, treatment)), TREATMENTS[treatment]
    if not KINDS[kind].answered and kind in ("heading", "explanation"):
        assert rule.kind(item) is None
        return
    answer = data.draw(answers_to(item))

    given_out = rule.apply(answer, item=item, start=START)

    released_as = rule.kind(item)
    if released_as is None or given_out is None:
        assert given_out is None
    elif released_as == SET:
        assert list(given_out) == [code for code in rule.choices(item) if code in given_out]
    elif released_as == "choice":
        assert given_out in rule.choices(item)
    else:
        assert released_as in {"rating", "integer", "decimal", "yes_no"}
        assert rule.limits(item) is None or rule.limits(item)[0] <= given_out <= rule.limits(item)[1]


@pytest.mark.parametrize(("kind", "treatment"), PAIRS)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_a_treated_column_has_a_known_type_and_words(kind, treatment, data):
    asked = data.draw(item_of(kind, treatment))
    rule = TREATMENTS[treatment]

    if treatment == "drop":
        assert (rule.column(asked), rule.kind(asked)) == (None, None)
        return
    assert rule.column(asked) in COLUMNS
    assert rule.kind(asked) in {"rating", "integer", "decimal", "yes_no", "choice", SET}
    assert "released" in rule.describe(asked)


@pytest.mark.parametrize("kind", KINDS)
def test_a_treatment_that_a_kind_does_not_allow_is_refused(kind):
    for treatment in TREATMENTS.keys() - set(KINDS[kind].may_release):
        asked = Item(name="it", ask="It?", kind=kind, release=Release(treatment))

        with pytest.raises(Unsettled, match="Write drop|Write keep"):
            settled(treatment, None, asked)


CHOICE = Item(name="it", ask="It?", kind="choice", release=Release("drop"), choices={"a": "A", "b": "B", "c": "C"})


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ({"x": ("", ["a", "b"])}, "Say where c goes"),
        ({"x": ("", ["a", "b"]), "y": ("", ["b", "c"])}, "b stands in x and in y"),
        ({"x": ("", ["a", "a"]), "y": ("", ["b", "c"])}, "a stands in x and in x"),
        ({"x": ("", ["a", "b", "d"]), "y": ("", ["c"])}, "x names d"),
        ({"x": ("", ["a", "b", "c"]), "y": ("", [])}, "Nothing goes to y"),
        ({"x": ("Same", ["a", "b"]), "y": ("Same", ["c"])}, "the same text"),
        ({"none": ("", ["a", "b", "c"])}, "not none or missing"),
    ],
)
def test_a_map_takes_every_choice_to_exactly_one_broader_choice(groups, said):
    with pytest.raises(Unsettled, match=said):
        settled("map", groups, CHOICE)


def test_a_broader_choice_is_called_by_its_text_or_else_by_its_code():
    written = {"all_nerves": ("", ["a"]), "b": ("", ["b"]), "z": ("The rest", ["c"])}

    release = settled("map", written, CHOICE)

    assert dict(release.parameters["choices"]) == {"all_nerves": "All nerves", "b": "B", "z": "The rest"}
    assert dict(release.parameters["of"]) == {"a": "all_nerves", "b": "b", "c": "z"}


@pytest.mark.parametrize("length", [0, 1, 9])
def test_a_code_is_only_shortened_if_that_leaves_less_of_it(length):
    with pytest.raises(Unsettled):
        settled("shorten", length, CHOICE)


def test_codes_of_a_group_are_those_of_one_of_its_choices():
    group = item(f"{LIST}, release: drop")

    with pytest.raises(Unsettled, match="Name a question of this group whose kind is choice: what"):
        settled("codes_of", "name", group)


def test_shortened_codes_keep_the_text_of_the_choice_that_they_are():
    assert dict(TREATMENTS["shorten"].choices(item(ICD))) == {"M54": "Back pain", "G43": "Migraine"}
