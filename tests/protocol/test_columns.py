"""Entries kept as columns come back exactly, whatever their kind and version, so that every receipt can be checked
again."""

from dataclasses import replace
from datetime import date, datetime, time
from time import perf_counter
from types import MappingProxyType
from uuid import UUID

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.errors import Invalid
from studyportal.protocol import KINDS, DiaryEntry, Item, Release, Study, commitment_body, encode
from studyportal.protocol.columns import ABOUT, COLUMNS, Row, layouts, origin, pack, reasons_of, rows, schema_of, unpack
from studyportal.protocol.entry import write_blind
from studyportal.protocol.versions import with_earlier
from tests.protocol.documents import study
from tests.protocol.entries import entries, moments

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
numbers = st.floats(-1e9, 1e9).map(lambda value: value + 0.0)
codes = st.lists(st.sampled_from(["left_jaw", "back", "ä", "1.10"]), unique=True, min_size=1, max_size=4) | st.just(
    ["none"]
)
# Answers of each kind as they stand in an entry.
WIRES = {
    "rating": st.integers(0, 10),
    "analogue": st.integers(0, 100),
    "integer": st.integers(-(2**63) + 1, 2**63 - 1),
    "decimal": numbers,
    "yes_no": st.booleans(),
    "choice": st.sampled_from(["yes", "012", "1.10"]),
    "choices": codes,
    "date": st.dates().map(date.isoformat),
    "time": st.times().map(lambda value: time(value.hour, value.minute).isoformat("minutes")),
    "date_time": st.sampled_from(["2026-03-03T21:40+01:00[Europe/Berlin]", "2026-10-25T02:30+01:00[Europe/Berlin]"]),
    "duration": st.integers(0, 2**31 - 1),
    "text": texts,
    "notes": texts,
    "body_map": codes,
    "group": st.lists(
        st.fixed_dictionaries({}, optional={"name": texts, "dose": numbers, "times": st.integers(0, 9), "for": codes}),
        min_size=1,
        max_size=3,
    ),
    "computed": numbers,
    "score": numbers,
}
SILENT = {"heading", "explanation"}
REASONS = MappingProxyType({"not_said": "I prefer not to say", "not_applicable": "Does not apply"})


def version(number, kinds, *, missing=()):
    """A study with one instrument that has an item of each of these kinds."""
    plain = study()
    items = {
        kind: Item(
            name=kind,
            ask="?",
            kind=kind,
            release=Release("drop"),
            missing=REASONS if kind in missing else MappingProxyType({}),
        )
        for kind in kinds
    }
    evening = replace(plain.instruments["evening"], items=items)
    return replace(
        plain,
        study=Study(code="NS-1", title="North study", version=number),
        instruments={"evening": evening, "morning": replace(evening, name="morning")},
        digest=number,
    )


EVERY = [*WIRES, *SILENT]
FIRST = version("1.10", EVERY[::2], missing=EVERY[:6])
PROTOCOL = with_earlier(version("2", EVERY, missing=EVERY[3:]), [FIRST])

every_answer = st.fixed_dictionaries({}, optional=WIRES)
any_entry = entries.map(lambda entry: msgspec.structs.replace(entry, answers={}, protocol_version="2"))


@st.composite
def drawn(draw):
    """An entry that the rules of its own version allow."""
    plain, number = draw(any_entry), draw(st.sampled_from(["1.10", "2"]))
    items = PROTOCOL.version(number).instruments["evening"].items
    reasons = {name: st.sampled_from(list(REASONS)) for name, item in items.items() if item.missing and name in WIRES}
    correcting = {"reason": draw(texts)} if plain.amends else {}
    answers = {name: wire for name, wire in draw(every_answer).items() if name in items}
    missing = {
        name: reason
        for name, reason in draw(st.fixed_dictionaries({}, optional=reasons)).items()
        if name not in answers
    }
    entry = msgspec.structs.replace(
        plain,
        protocol_version=number,
        instrument=draw(st.sampled_from(["evening", "morning"])),
        answers=answers,
        missing=missing,
        follows=draw(st.none() | st.uuids().map(str)),
        **correcting,
    )
    return Row(draw(st.uuids()), draw(moments), draw(st.none() | st.integers(1, 36_500)), draw(st.booleans()), entry)


MONDAY = DiaryEntry(
    instrument="evening",
    protocol_version="2",
    diary_date="2026-03-02",
    zone="Europe/Berlin",
    source="participant",
    answers={"rating": 7, "decimal": 6.0, "notes": 'Zo\u00eb said "rest"\n'},
    blind=write_blind(bytes(range(32))),
    missing={"date": "not_said"},
)
ROW = Row(UUID(int=7), datetime.fromisoformat("2026-03-02T20:41:00.000001+00:00"), 2, False, MONDAY)


def with_answers(answers):
    return ROW._replace(entry=msgspec.structs.replace(MONDAY, answers=answers, missing={}))


def test_every_kind_is_drawn_here_or_has_no_answers():
    assert {*WIRES} | SILENT == set(KINDS)
    assert {kind.column for kind in KINDS.values()} - {"none"} == set(COLUMNS)


@given(st.lists(drawn(), max_size=8))
@settings(deadline=None)
def test_entries_of_all_kinds_and_versions_come_back_exactly(kept):
    batches = unpack(pack(kept, PROTOCOL))

    found = {row.entry_id: row for batch in batches for row in rows(batch)}
    assert found == {row.entry_id: row for row in kept}
    for row in kept:
        back = found[row.entry_id]
        assert encode(back.entry) == encode(row.entry)
        assert commitment_body(back.entry) == commitment_body(row.entry)
        assert type(back.received_at.tzinfo) is type(row.received_at.tzinfo)


def test_each_instrument_has_a_batch_per_version_in_the_order_given():
    other = ROW._replace(entry=msgspec.structs.replace(MONDAY, instrument="morning"))
    old = ROW._replace(
        entry=msgspec.structs.replace(MONDAY, protocol_version="1.10", answers={"rating": 1}, missing={})
    )
    kept = [ROW, other, ROW._replace(occasion=3), old, other._replace(late=True)]

    batches = unpack(pack(kept, PROTOCOL))

    assert [(origin(batch), rows(batch)) for batch in batches] == [
        (("evening", "2"), [kept[0], kept[2]]),
        (("morning", "2"), [kept[1], kept[4]]),
        (("evening", "1.10"), [kept[3]]),
    ]


def test_a_block_is_read_without_any_study_document():
    shorter = with_earlier(version("3", ["rating"]), [])

    (batch,) = unpack(pack([ROW], PROTOCOL))

    assert rows(batch) == [ROW]
    with pytest.raises(Invalid):
        pack([ROW], shorter)


def test_a_batch_has_a_typed_column_per_item_and_one_more_for_reasons_in_place_of_answers():
    (batch,) = unpack(pack([ROW], PROTOCOL))

    fields = list(batch.schema)[len(ABOUT) :]
    shown = {field.name: (str(field.type), field.metadata[b"kind"].decode()) for field in fields}
    assert shown["rating"] == ("int8", "rating") and "rating~" not in shown
    assert shown["date"] == ("date32[day]", "date") and shown["date~"] == ("string", "missing")
    assert shown["body_map"] == ("list<item: string>", "body_map")
    assert shown["group"] == ("string", "group")
    assert not SILENT & shown.keys()
    assert all(field.name.startswith("_") for field in ABOUT)
    assert batch[reasons_of("date")].to_pylist() == ["not_said"]


@pytest.mark.parametrize(
    "answers",
    [
        {"rating": "7"},
        {"rating": 7.0},
        {"rating": True},
        {"rating": 300},
        {"integer": 2**63},
        {"duration": 2**31},
        {"decimal": 6},
        {"yes_no": 1},
        {"choice": 12},
        {"choices": "back"},
        {"choices": [1]},
        {"choices": ["\ud800"]},
        {"group": [{"dose": float("nan")}]},
        {"group": {"dose": 1}},
        {"date": "2026-3-1"},
        {"date": "20260301"},
        {"time": "7:30"},
        {"time": "07:30:00"},
        {"time": "99:99"},
        {"notes": None},
        {"notes": "\ud800"},
        {"heading": "1"},
        {"unknown": 1},
        {"date~": "not_said"},
    ],
)
def test_an_entry_that_would_not_come_back_exactly_is_not_packed(answers):
    with pytest.raises(Invalid) as refusal:
        pack([with_answers(answers)], PROTOCOL)

    assert refusal.value.sentence == "These entries cannot be kept as columns."


@pytest.mark.parametrize(
    "change",
    [
        {"instrument": "unknown"},
        {"protocol_version": "1.1"},
        {"missing": {"integer": "not_said"}},
        {"missing": {"unknown": "not_said"}},
    ],
)
def test_an_entry_that_its_version_of_the_study_does_not_know_is_not_packed(change):
    stranger = ROW._replace(entry=msgspec.structs.replace(MONDAY, **change))

    with pytest.raises(Invalid):
        pack([stranger], PROTOCOL)


def test_a_receipt_time_without_a_zone_is_not_packed():
    with pytest.raises(Invalid):
        pack([ROW._replace(received_at=ROW.received_at.replace(tzinfo=None))], PROTOCOL)


def test_no_entries_are_an_empty_block():
    assert unpack(pack([], PROTOCOL)) == ()


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x92\x02", b"PAR1", msgspec.msgpack.encode([1, []]), b"\xc1" * 50])
def test_what_is_no_block_of_this_version_is_refused(data):
    with pytest.raises(Invalid):
        unpack(data)


@given(st.data())
@settings(deadline=None)
def test_a_block_cut_short_is_refused(data):
    block = pack([ROW] * 3, PROTOCOL)
    end = data.draw(st.integers(0, len(block) - 1))

    with pytest.raises(Invalid):
        unpack(block[:end])


def test_a_row_does_not_show_itself():
    assert "rest" not in f"{ROW} {[ROW]!r}"


def test_reading_a_block_is_little_more_than_arrows_own_reading():
    kept = [ROW._replace(occasion=number) for number in range(1, 91)]
    block = pack(kept, PROTOCOL)
    schema = schema_of("evening", "2", layouts(PROTOCOL)["evening"])
    arrow = unpack(block)[0].serialize()

    ours = least_time(lambda: unpack(block))
    bare = least_time(lambda: pa.ipc.read_record_batch(arrow, schema))

    assert ours < 5 * bare + 20e-6
    assert 90 / ours > 1_000_000


def least_time(read):
    """Seconds of the quickest of many runs: what the others did on this machine meanwhile does not count."""
    times = []
    for _ in range(300):
        began = perf_counter()
        read()
        times.append(perf_counter() - began)
    return min(times)
