"""Each kind takes what it should from forms and apps, and says what to do about everything else."""

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.protocol import KINDS, TREATMENTS, Unacceptable
from studyportal.protocol.columns import COLUMNS
from studyportal.protocol.expressions import TYPES
from studyportal.protocol.kinds import FLAT, REGIONS
from studyportal.protocol.quick import SHAPES
from studyportal.protocol.reading.items import ITEM
from tests.protocol.every_kind import ITEMS, SENT, SILENT

BERLIN = ZoneInfo("Europe/Berlin")


def parsed(kind, raw, zone="Europe/Berlin"):
    return KINDS[kind].parse(ITEMS[kind], raw, zone)


def refusal(kind, raw, zone="Europe/Berlin"):
    with pytest.raises(Unacceptable) as refused:
        parsed(kind, raw, zone)
    return str(refused.value)


# kind: (raw, value), (raw, value), ...
TAKEN = {
    "rating": [("0", 0), ("10", 10), (" 7 ", 7), (7, 7), ("07", 7)],
    "analogue": [("0", 0), ("100", 100), (55, 55)],
    "integer": [("-5", -5), ("+12", 12), (1000, 1000), ("0", 0)],
    "decimal": [("1.5", 1.5), ("1.", 1.0), (".5", 0.5), (2, 2.0), (2.25, 2.25), ("-0.0", 0.0), ("24", 24.0)],
    "yes_no": [("yes", True), ("no", False), (True, True), (False, False), (" yes ", True)],
    "choice": [("yes", "yes"), ("012", "012"), ("1.10", "1.10")],
    "choices": [(["walk", "rest"], ("rest", "walk")), (["none"], ("none",)), (("heat",), ("heat",))],
    "date": [("2026-03-31", date(2026, 3, 31)), (" 2024-02-29 ", date(2024, 2, 29))],
    "time": [("00:00", time(0)), ("23:59", time(23, 59))],
    "date_time": [
        ("2026-03-03T21:40", datetime(2026, 3, 3, 21, 40, tzinfo=BERLIN)),
        ("2026-03-03 21:40:00", datetime(2026, 3, 3, 21, 40, tzinfo=BERLIN)),
        ("2026-03-03T21:40+01:00[Europe/Berlin]", datetime(2026, 3, 3, 21, 40, tzinfo=BERLIN)),
        ("2026-03-03T21:40-05:00[America/New_York]", datetime(2026, 3, 3, 21, 40, tzinfo=ZoneInfo("America/New_York"))),
        ("2026-03-03T20:40Z[Europe/Berlin]", datetime(2026, 3, 3, 21, 40, tzinfo=BERLIN)),
    ],
    "duration": [("450", 450), (450, 450), ("7:30", 450), ("0:05", 5), ("24:00", 1440), (" 0 ", 0)],
    "text": [(" Ibuprofen 400 ", "Ibuprofen 400"), ("Zoe\u0308", "Zo\u00eb")],
    "notes": [
        (" a\r\nb ", "a\nb"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("\U0001f600" * 80, "\U0001f600" * 80),
        ("a\tb", "a\tb"),
    ],
    "body_map": [(["neck", "left_jaw"], ("left_jaw", "neck")), (["none"], ("none",)), (list(REGIONS), tuple(REGIONS))],
    "group": [
        ([{"name": "Aspirin", "dose": "100"}], ({"name": "Aspirin", "dose": 100.0},)),
        ([{"name": ""}, {"name": "B", "since": "2026-03-01"}, {}], ({"name": "B", "since": "2026-03-01"},)),
    ],
}
REFUSED = {
    "rating": ["11", "-1", 11, 7.0, "7.0", True, "seven", "\u0667", "1e1", [7], {}, "9" * 400, 10**400],
    "analogue": ["101", 50.5, "50.5", -1, True, [50]],
    "integer": ["1001", "-6", 3.0, "3.0", False, "1_0", "0x1", "--1", "", 10**30],
    "decimal": ["1,5", "1e1", "nan", "inf", float("nan"), float("inf"), 24.5, "24.01", "-2", True, ".", 10**400],
    "yes_no": ["ja", "Yes", "true", "1", 1, 0, [], "on"],
    "choice": ["no", "12", 12, 1.10, "YES", "", True, ["yes"]],
    "choices": ["rest", [], ["rest", "rest"], ["none", "rest"], ["sleep"], [1], [["rest"]], {"rest": True}, True],
    "date": ["2026-02-29", "31.03.2026", "2026-3-1", 20260331, "0001-01-01", "2500-01-01", "2026-03-31T00:00"],
    "time": ["24:00", "9:30", "21:60", "21:40:00", 2140, "T21:40", "21.40"],
    "date_time": [
        "2026-03-03", "21:40", "2026-02-30T21:40", "2026-03-03T24:00", "2026-03-03T21:40+01:00", "1960-03-03T21:40",
        "2026-03-03T21:40[Europe/Berlin]", "2026-03-03T21:40+02:00[Europe/Berlin]", "2026-03-03T21:40+01:00[Berlin]",
        "2026-03-03T21:40+01:00[../../etc]", "2026-03-29T02:30", "2026-03-29T02:30+01:00[Europe/Berlin]", 7, ["x"],
        "2026-03-03T21:40:30",
    ],
    "duration": ["1441", "24:01", "7:60", "7.5", -1, 7.0, True, "8 hours", ":30", "9" * 30],
    "text": ["two\nlines", "a\tb", "x" * 41, "a\x00b", 5, "bell\x07"],
    "notes": ["x" * 81, "a\x00b", "\ud800", "bell\x07", 5, ["text"], "x" * 100_000, "\x85x\x9b"],
    "body_map": ["neck", [], ["belly"], ["neck", "neck"], ["none", "neck"], [7]],
    "group": [
        "Aspirin", {}, [], [{}], ["Aspirin"], [{"name": "A"}] * 4, [{"dose": 5}], [{"name": "A", "dose": -1}],
        [{"name": "A", "colour": "red"}], [[["name"]]],
    ],
    "computed": [1, 0.5, "1"],
    "score": [1, "1"],
    "heading": ["1", True],
    "explanation": ["1", True],
}  # fmt: skip
BEGINS = {"Give", "Choose", "Write", "Shorten", "This", "There", "The", "Date,", "Send", "Fill", "Row"}


@pytest.mark.parametrize(("kind", "raw", "value"), [(kind, *case) for kind, cases in TAKEN.items() for case in cases])
def test_a_good_answer_becomes_one_value(kind, raw, value):
    found = parsed(kind, raw)

    assert (type(found), found) == (type(value), value)
    assert str(found) != "-0.0"


@pytest.mark.parametrize(("kind", "raw"), [(kind, raw) for kind, cases in REFUSED.items() for raw in cases])
def test_another_answer_is_refused_with_a_sentence_that_does_not_repeat_it(kind, raw):
    sentence = refusal(kind, raw)

    assert sentence.endswith(".")
    assert sentence.split()[0] in BEGINS
    assert "invalid" not in sentence.lower()
    assert len(sentence) < 130


@pytest.mark.parametrize("kind", TAKEN)
def test_a_value_survives_the_wire_and_the_column(kind):
    row = KINDS[kind]

    for _, value in TAKEN[kind]:
        wire = row.to_wire(value)

        assert type(wire) is row.wire
        assert row.from_wire(wire) == value
        assert type(row.from_wire(wire)) is type(value)
        assert row.from_column(row.to_column(wire)) == wire
        assert row.to_wire(row.parse(ITEMS[kind], wire, "Pacific/Auckland")) == wire


FHIR = {
    "group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "choice",
    "quantity",
}  # fmt: skip
REDCAP = {"text", "notes", "calc", "radio", "checkbox", "yesno", "slider", "descriptive"}
SPSS = re.compile(r"(A[0-9]{1,5}|F[0-9]{1,2}\.[0-9]{1,2}|SDATE10|TIME5|)")
STATA = re.compile(r"(byte|int|long|double|str[0-9]{1,4}|strL|)")
DATASET_JSON = {"string", "integer", "double", "boolean", "date", "time", ""}


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_kind_says_all_about_itself(kind):
    item = ITEMS[kind.name]

    assert kind.describe(item)
    assert (kind.column in COLUMNS) or kind.column == "none"
    assert kind.type in {*TYPES, "nothing"}
    assert set(kind.may_release) <= set(TREATMENTS)
    assert "drop" in kind.may_release
    assert set(kind.needs + kind.takes) <= set(ITEM)
    assert kind.form_field
    assert kind.fhir in FHIR
    assert kind.redcap in REDCAP
    assert SPSS.fullmatch(kind.spss)
    assert STATA.fullmatch(kind.stata)
    assert kind.dataset_json in DATASET_JSON
    assert (kind.column == "none") == (kind.wire is type(None)) == (kind.spss == kind.stata == kind.dataset_json == "")


def test_the_table_of_kinds_is_complete():
    assert set(KINDS) == {
        "rating", "analogue", "integer", "decimal", "yes_no", "choice", "choices", "date", "time", "date_time",
        "duration", "text", "notes", "body_map", "group", "computed", "score", "heading", "explanation",
    }  # fmt: skip
    assert all(kind.name == name for name, kind in KINDS.items())
    assert set(REFUSED) == set(ITEMS) == set(KINDS)
    assert set(TAKEN) == set(SENT) == set(SHAPES) == set(KINDS) - SILENT
    assert SILENT == {"computed", "score", "heading", "explanation"}
    assert set(FLAT) < set(TAKEN)


@pytest.mark.parametrize("kind", ["text", "notes"])
def test_free_text_can_only_be_dropped(kind):
    assert KINDS[kind].may_release == ("drop",)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("rating", "A number from 0 (None) to 10 (A lot)"),
        ("analogue", "A number from 0 (Not at all) to 100 (Very)"),
        ("integer", "A whole number from -5 to 1000"),
        ("decimal", "A number from -1 to 24 kg"),
        ("choice", "One of: Here; There; Elsewhere"),
        ("choices", "Any of: Rest; A walk; Heat; or else: Nothing"),
        ("date_time", "A date and a time of day, to the minute, with their time zone"),
        ("duration", "Hours and minutes, up to 24 hours"),
        ("text", "A line of at most 40 characters"),
        ("notes", "A text of at most 80 characters"),
        ("body_map", "The painful ones of 19 regions of the body, left and right apart, or nowhere"),
        ("group", "Up to 3 rows, each asking: Name of the medicine?; How much?; Since when?; How often?"),
        ("computed", "A number from 0 to 20, worked out as rating + analogue / 10"),
        ("score", "The score PHQ-2, from 0 to 6, worked out from phq_1, phq_2"),
    ],
)
def test_a_kind_describes_an_item_in_plain_words(kind, words):
    assert KINDS[kind].describe(ITEMS[kind]) == words


def test_the_body_map_has_the_19_regions_of_the_widespread_pain_index_and_tells_left_from_right():
    left = {code.removeprefix("left_") for code in REGIONS if code.startswith("left_")}
    right = {code.removeprefix("right_") for code in REGIONS if code.startswith("right_")}

    assert len(REGIONS) == 19
    assert left == right == {"jaw", "shoulder", "upper_arm", "lower_arm", "hip", "upper_leg", "lower_leg"}
    assert set(REGIONS) >= {"neck", "chest", "abdomen", "upper_back", "lower_back"}
    assert ITEMS["body_map"].choices == REGIONS


def test_a_time_that_comes_twice_is_the_first_unless_the_offset_says_otherwise():
    written = [
        KINDS["date_time"].to_wire(parsed("date_time", raw))
        for raw in ("2026-10-25T02:30", "2026-10-25T02:30+01:00[Europe/Berlin]")
    ]

    assert written == ["2026-10-25T02:30+02:00[Europe/Berlin]", "2026-10-25T02:30+01:00[Europe/Berlin]"]


def test_a_time_that_the_clocks_leave_out_is_refused_where_they_do():
    assert "put forward" in refusal("date_time", "2026-03-29T02:30", "Europe/Berlin")
    assert parsed("date_time", "2026-03-29T02:30", "Africa/Lagos")


def test_an_unknown_zone_of_the_entry_is_refused():
    assert "zone is not known" in refusal("date_time", "2026-03-29T12:30", "Europe/Nowhere")


@given(SENT["date_time"], st.sampled_from(["Europe/Berlin", "America/St_Johns", "Pacific/Apia", "UTC"]))
def test_a_local_time_is_kept_with_its_zone_or_was_left_out_by_the_clocks(local, zone):
    try:
        wire = KINDS["date_time"].to_wire(parsed("date_time", local, zone))
    except Unacceptable as refused:
        assert "put forward" in str(refused)
        return

    assert wire.startswith(local)
    assert wire.endswith(f"[{zone}]")
    assert KINDS["date_time"].to_wire(KINDS["date_time"].from_wire(wire)) == wire


def test_a_problem_in_a_group_names_its_row_and_its_question():
    sentence = refusal("group", [{"name": "A", "dose": "ten"}, {}, {"dose": 5, "often": "never"}])

    assert sentence == (
        "Row 1, How much: Give a number from 0 to 5000, with a point for decimals, as in 2.5. "
        "Row 3, Name of the medicine: This question needs an answer. "
        "Row 3, How often: Choose one of the answers offered."
    )


def test_many_problems_in_a_group_do_not_become_a_flood():
    rows = [{"name": "x" * 41, "dose": -1, "since": "today", "often": "never", "colour": "red"}] * 3

    sentence = refusal("group", rows)

    assert sentence.count("Row ") == 5


@pytest.mark.parametrize("kind", sorted(SILENT))
def test_what_nobody_answers_takes_no_answer(kind):
    assert refusal(kind, 3).endswith("Leave it out.")
    assert not KINDS[kind].answered
