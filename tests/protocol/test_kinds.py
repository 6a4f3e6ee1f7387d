"""Each kind takes what it should from forms and apps, and says what to do about everything else."""

from datetime import date, time

import pytest

from studyportal.protocol import KINDS, TREATMENTS, Unacceptable
from studyportal.protocol.columns import COLUMNS
from studyportal.protocol.reading.questions import SETTINGS
from tests.protocol.documents import EVERY_KIND, study

ITEMS = {item.kind: item for item in study(EVERY_KIND).instruments["evening"].items.values()}

# kind: (raw, value), (raw, value), ...
TAKEN = {
    "rating": [("0", 0), ("10", 10), (" 7 ", 7), (7, 7), ("07", 7)],
    "integer": [("-5", -5), ("+12", 12), (1000, 1000), ("0", 0)],
    "decimal": [("1.5", 1.5), ("1.", 1.0), (".5", 0.5), (2, 2.0), (2.25, 2.25), ("-0.0", 0.0), ("24", 24.0)],
    "yes_no": [("yes", True), ("no", False), (True, True), (False, False), (" yes ", True)],
    "choice": [("yes", "yes"), ("012", "012"), ("1.10", "1.10")],
    "date": [("2026-03-31", date(2026, 3, 31)), (" 2024-02-29 ", date(2024, 2, 29))],
    "time": [("00:00", time(0)), ("23:59", time(23, 59))],
    "notes": [
        (" a\r\nb ", "a\nb"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("\U0001f600" * 80, "\U0001f600" * 80),
        ("a\tb", "a\tb"),
    ],
}
REFUSED = {
    "rating": ["11", "-1", 11, 7.0, "7.0", True, "seven", "\u0667", "1e1", [7], {}, "9" * 400, 10**400],
    "integer": ["1001", "-6", 3.0, "3.0", False, "1_0", "0x1", "--1", "", 10**30],
    "decimal": [
        "1,5",
        "1e1",
        "nan",
        "inf",
        float("nan"),
        float("inf"),
        24.5,
        "24.01",
        "-2",
        True,
        "1.2.3",
        ".",
        10**400,
    ],
    "yes_no": ["ja", "Yes", "true", "1", 1, 0, [], "on"],
    "choice": ["no", "12", 12, 1.10, "YES", "", True, ["yes"]],
    "date": [
        "2026-02-29",
        "31.03.2026",
        "2026-3-1",
        20260331,
        "0001-01-01",
        "2500-01-01",
        "2026-03-31T00:00",
        "20260331",
    ],
    "time": ["24:00", "9:30", "21:60", "21:40:00", 2140, "T21:40", "21.40"],
    "notes": ["x" * 81, "a\x00b", "\ud800", "bell\x07", 5, ["text"], "x" * 100_000, "\x85x\x9b"],
}


@pytest.mark.parametrize(("kind", "raw", "value"), [(kind, *case) for kind, cases in TAKEN.items() for case in cases])
def test_a_good_answer_becomes_one_value(kind, raw, value):
    parsed = KINDS[kind].parse(ITEMS[kind], raw)

    assert (type(parsed), parsed) == (type(value), value)
    assert str(parsed) != "-0.0"


@pytest.mark.parametrize(("kind", "raw"), [(kind, raw) for kind, cases in REFUSED.items() for raw in cases])
def test_another_answer_is_refused_with_a_sentence_that_does_not_repeat_it(kind, raw):
    with pytest.raises(Unacceptable) as refusal:
        KINDS[kind].parse(ITEMS[kind], raw)

    sentence = str(refusal.value)
    assert sentence.endswith(".")
    assert sentence.split()[0] in {"Give", "Choose", "Write", "Shorten", "This", "There"}
    assert "invalid" not in sentence.lower()
    assert len(sentence) < 120


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_survives_the_wire_and_the_column(kind):
    row = KINDS[kind]

    for _, value in TAKEN[kind]:
        wire = row.to_wire(value)

        assert type(wire) is row.wire
        assert row.from_wire(wire) == value
        assert row.from_column(row.to_column(wire)) == wire


def test_the_table_of_kinds_is_complete():
    assert set(KINDS) == {"rating", "integer", "decimal", "yes_no", "choice", "date", "time", "notes"}
    assert set(TAKEN) == set(REFUSED) == set(ITEMS) == set(KINDS)
    for name, kind in KINDS.items():
        assert kind.name == name
        assert kind.column in COLUMNS
        assert kind.describe(ITEMS[name])
        assert set(kind.may_release) <= set(TREATMENTS)
        assert "drop" in kind.may_release
        assert set(kind.needs + kind.takes) <= set(SETTINGS)


def test_free_text_can_only_be_dropped():
    assert KINDS["notes"].may_release == ("drop",)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("rating", "A number from 0 (None) to 10 (A lot)"),
        ("integer", "A whole number from -5 to 1000"),
        ("decimal", "A number from -1 to 24 hours"),
        ("choice", "One of: Here; There; Elsewhere"),
        ("notes", "A text of at most 80 characters"),
    ],
)
def test_a_kind_describes_an_item_in_plain_words(kind, words):
    assert KINDS[kind].describe(ITEMS[kind]) == words
