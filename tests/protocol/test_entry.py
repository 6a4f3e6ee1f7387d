"""An entry has one way to be written, and only what was written so is read as what it was."""

from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.errors import Invalid
from studyportal.protocol import DiaryEntry, commitment_body, decode, encode
from studyportal.protocol.entry import read_blind, write_blind
from tests.protocol.entries import MONDAY, entries

WRITTEN = (
    b'{"answers":{"hours":6.0,"how":7,"note":"Zo\xc3\xab said \\"rest\\"\\n"},'
    b'"blind":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","diary_date":"2026-03-02",'
    b'"instrument":"evening","protocol_version":"1.10","saved_at":"2026-03-02T21:40:00+01:00",'
    b'"source":"participant","zone":"Europe/Berlin"}'
)


def test_an_entry_is_written_as_it_always_was():
    written = encode(MONDAY)

    assert written == WRITTEN
    assert decode(WRITTEN) == MONDAY


def test_the_commitment_covers_everything_but_the_blind():
    body = commitment_body(MONDAY)

    assert body == WRITTEN.replace(b'"blind":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",', b"")


@given(entries)
def test_what_is_written_is_read_back(entry):
    assert decode(encode(entry)) == entry
    assert encode(decode(encode(entry))) == encode(entry)


@given(entries, st.randoms())
def test_the_order_in_which_answers_were_given_does_not_change_the_bytes(entry, random):
    shuffled = list(entry.answers.items())
    random.shuffle(shuffled)

    other = msgspec.structs.replace(entry, answers=dict(shuffled))

    assert encode(other) == encode(entry)
    assert commitment_body(other) == commitment_body(entry)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"how":7', b'"how":7,"how":7'),
        (b'"how":7', b'"how":7,"how":9'),
        (b'"zone":', b'"zone":"UTC","zone":'),
        (b'"how":7', b'"how":NaN'),
        (b'"how":7', b'"how":Infinity'),
        (b'"how":7', b'"how":1e999'),
        (b'"how":7', b'"how":null'),
        (b'"how":7', b'"how":[7]'),
        (b'"how":7', b'"how":1' + b"0" * 400),
        (b"Zo\xc3\xab", b"\\ud800"),
        (b"Zo\xc3\xab", b"Zo\xeb"),
        (b'"zone":', b'"site":"north","zone":'),
        (b'"zone":"Europe/Berlin"', b'"zone":""'),
        (b'"zone":"Europe/Berlin"', b'"zone":"<b>"'),
        (b',"zone":"Europe/Berlin"', b""),
        (b"2026-03-02", b"2026-02-30"),
        (b'"2026-03-02"', b'"20260302"'),
        (b"T21:40:00+01:00", b"T21:40:00"),
        (b"T21:40:00+01:00", b"T25:40:00+01:00"),
        (b"T21:40:00+01:00", b"T21:40:00+99:00"),
        (b'"participant"', b'"somebody"'),
        (b"GxwdHh8", b"GxwdHh9"),
        (b"GxwdHh8", b"GxwdHh8="),
        (b"GxwdHh8", b"GxwdHh"),
        (b'"Europe/Berlin"}', b'"Europe/Berlin"'),
        (b'"Europe/Berlin"}', b'"Europe/Berlin"}{}'),
    ],
)
def test_what_is_not_exactly_one_entry_is_refused(old, new):
    assert old in WRITTEN

    with pytest.raises(Invalid):
        decode(WRITTEN.replace(old, new))


FULL = (
    b'{"amends":"00000000-0000-0000-0000-00000000000a","answers":{"group":[{"dose":400.0,"name":"A"},{"name":"B"}],'
    b'"helped":["rest","walk"],"how":7},"blind":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",'
    b'"diary_date":"2026-03-02","follows":"00000000-0000-0000-0000-00000000000b","instrument":"evening",'
    b'"missing":{"calm":"not_said","where":"not_applicable"},"protocol_version":"1.10","reason":"A slip",'
    b'"source":"clinician","written_by":"Nurse Abe","zone":"Europe/Berlin"}'
)


def test_lists_rows_reasons_and_what_an_entry_follows_are_written_in_one_way():
    entry = DiaryEntry(
        instrument="evening",
        protocol_version="1.10",
        diary_date="2026-03-02",
        zone="Europe/Berlin",
        source="clinician",
        answers={"how": 7, "helped": ["rest", "walk"], "group": [{"name": "A", "dose": 400.0}, {"name": "B"}]},
        blind=write_blind(bytes(range(32))),
        missing={"where": "not_applicable", "calm": "not_said"},
        follows=str(UUID(int=11)),
        amends=str(UUID(int=10)),
        reason="A slip",
        written_by="Nurse Abe",
    )

    assert encode(entry) == FULL
    assert decode(FULL) == entry
    assert b"blind" not in commitment_body(entry)
    assert commitment_body(entry) == FULL.replace(b'"blind":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",', b"")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'["rest","walk"]', b"[]"),
        (b'["rest","walk"]', b"[1]"),
        (b'["rest","walk"]', b'[["rest"]]'),
        (b'["rest","walk"]', b'["rest",{"name":"A"}]'),
        (b'["rest","walk"]', b'{"rest":true}'),
        (b'"name":"B"', b'"name":"B","name":"B"'),
        (b'"name":"B"', b'"name":{"name":"B"}'),
        (b'"name":"B"', b'"name":null'),
        (b'"name":"B"', b'"name":"\\ud800"'),
        (b"400.0", b"NaN"),
        (b"400.0", b"1e999"),
        (b"400.0", b"1" + b"0" * 400),
        (b'"calm":"not_said"', b'"calm":"lazy"'),
        (b'"calm":"not_said"', b'"calm":"not_said","calm":"not_said"'),
        (b'"calm":"not_said"', b'"how":"not_said"'),
        (b'"amends":"00000000-0000-0000-0000-00000000000a",', b""),
        (b"00000000-0000-0000-0000-00000000000a", b"the first"),
        (b"00000000-0000-0000-0000-00000000000b", b"00000000-0000-0000-0000-00000000000B"),
        (b'"reason":"A slip"', b'"reason":7'),
    ],
)
def test_what_no_study_writes_into_an_entry_is_refused(old, new):
    assert old in FULL

    with pytest.raises(Invalid):
        decode(FULL.replace(old, new))


@pytest.mark.parametrize("number", [float("nan"), 2**63, -(2**63) - 1, float("inf")])
def test_a_number_that_no_column_holds_is_not_written_from_a_row_either(number):
    entry = msgspec.structs.replace(MONDAY, answers={"group": [{"dose": number}]})

    with pytest.raises(Invalid):
        encode(entry)


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{}", b"7", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_entry_at_all_is_refused(data):
    with pytest.raises(Invalid):
        decode(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_entry_or_refused(data):
    with pytest.raises(Invalid):
        decode(data)


def test_spaces_between_are_read_but_not_written():
    spaced = WRITTEN.replace(b",", b" , ").replace(b"said , ", b"said,")

    assert encode(decode(spaced)) == WRITTEN


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_lacks_is_not_written(number):
    entry = msgspec.structs.replace(MONDAY, answers={"hours": number})

    with pytest.raises(Invalid):
        encode(entry)
    with pytest.raises(Invalid):
        commitment_body(entry)


def test_text_that_utf_8_lacks_is_not_written():
    entry = msgspec.structs.replace(MONDAY, answers={"note": "\ud800"})

    with pytest.raises(Invalid):
        encode(entry)


def test_a_wrong_entry_cannot_be_made():
    with pytest.raises(Invalid) as refusal:
        msgspec.structs.replace(MONDAY, diary_date="2026-02-30", blind="short")

    assert set(refusal.value.problems) == {"diary_date", "blind"}


def test_an_entry_does_not_show_itself():
    shown = f"{MONDAY} {MONDAY!r} {[MONDAY]}"

    assert "rest" not in shown
    assert "AAEC" not in shown
    assert "evening" not in shown


def test_a_blind_is_32_bytes_in_one_spelling():
    blind = bytes(range(224, 256))

    written = write_blind(blind)

    assert len(written) == 43
    assert read_blind(written) == blind
    assert DiaryEntry.__struct_config__.frozen


@pytest.mark.parametrize(
    ("source", "written_by"),
    [
        ("participant", "Nurse Abe"),
        ("imported", "Nurse Abe"),
        ("clinician", None),
        ("phone", None),
        ("phone", ""),
        ("phone", "A\nB"),
        ("phone", "x" * 81),
    ],
)
def test_what_staff_write_names_its_writer_and_nothing_else_does(source, written_by):
    with pytest.raises(Invalid):
        DiaryEntry(
            instrument="evening",
            protocol_version="1.10",
            diary_date="2026-03-02",
            zone="Europe/Berlin",
            source=source,
            answers={"how": 7},
            blind=write_blind(bytes(range(32))),
            written_by=written_by,
        )
