"""Entries kept as columns come back exactly, so that every receipt can be checked again."""

from datetime import datetime
from time import perf_counter
from uuid import UUID

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.errors import Invalid
from studyportal.protocol import KINDS, encode, read_protocol
from studyportal.protocol.columns import ABOUT, COLUMNS, Row, layouts, pack, rows, schema_of, unpack
from tests.protocol.documents import EVERY_KIND, study
from tests.protocol.entries import MONDAY, PROTOCOL
from tests.protocol.entries import rows as any_rows

ROW = Row(UUID(int=7), datetime.fromisoformat("2026-03-02T20:41:00.000001+00:00"), 2, False, MONDAY)


def with_answers(answers):
    return ROW._replace(entry=msgspec.structs.replace(MONDAY, answers=answers))


@given(st.lists(any_rows, max_size=8))
@settings(deadline=None)
def test_entries_come_back_exactly(kept):
    batches = unpack(pack(kept, PROTOCOL), PROTOCOL)

    found = [row for batch in batches.values() for row in rows(batch)]

    assert found == kept
    assert [encode(row.entry) for row in found] == [encode(row.entry) for row in kept]
    assert [type(row.received_at.tzinfo) for row in found] == [type(row.received_at.tzinfo) for row in kept]


def test_each_instrument_has_a_batch_of_its_own_in_the_order_given():
    two = study(EVERY_KIND).source
    extra = two[two.index("  evening:") :].replace("evening", "morning")
    protocol = read_protocol(two + extra, name="north.yaml")
    morning = msgspec.structs.replace(MONDAY, instrument="morning")
    kept = [ROW, ROW._replace(entry=morning), ROW._replace(occasion=3), ROW._replace(entry=morning, late=True)]

    batches = unpack(pack(kept, protocol), protocol)

    assert {name: rows(batch) for name, batch in batches.items()} == {
        "evening": [kept[0], kept[2]],
        "morning": [kept[1], kept[3]],
    }


def test_a_batch_has_a_typed_column_per_item_that_knows_its_kind():
    batch = unpack(pack([ROW], PROTOCOL), PROTOCOL)["evening"]

    shown = {field.name: (str(field.type), field.metadata[b"kind"]) for field in list(batch.schema)[len(ABOUT) :]}

    assert shown == {
        "how": ("int8", b"rating"),
        "how_many": ("int64", b"integer"),
        "hours": ("double", b"decimal"),
        "calm": ("bool", b"yes_no"),
        "where": ("string", b"choice"),
        "day": ("date32[day]", b"date"),
        "clock": ("int32", b"time"),
        "note": ("string", b"notes"),
    }
    assert all(field.name.startswith("_") for field in ABOUT)
    assert {kind.column for kind in KINDS.values()} <= set(COLUMNS)


@pytest.mark.parametrize(
    "answers",
    [
        {"how": "7"},
        {"how": 7.0},
        {"how": True},
        {"how": 300},
        {"how_many": 2**63},
        {"hours": 6},
        {"calm": 1},
        {"where": 12},
        {"day": "2026-3-1"},
        {"day": "20260301"},
        {"clock": "7:30"},
        {"clock": "07:30:00"},
        {"clock": "99:99"},
        {"note": None},
        {"note": "\ud800"},
        {"unknown": 1},
    ],
)
def test_an_entry_that_would_not_come_back_exactly_is_not_packed(answers):
    with pytest.raises(Invalid) as refusal:
        pack([with_answers(answers)], PROTOCOL)

    assert refusal.value.sentence == "These entries cannot be kept as columns."


def test_an_entry_of_an_unknown_instrument_is_not_packed():
    stranger = ROW._replace(entry=msgspec.structs.replace(MONDAY, instrument="unknown"))

    with pytest.raises(Invalid):
        pack([stranger], PROTOCOL)


def test_a_receipt_time_without_a_zone_is_not_packed():
    with pytest.raises(Invalid):
        pack([ROW._replace(received_at=ROW.received_at.replace(tzinfo=None))], PROTOCOL)


def test_no_entries_are_an_empty_block():
    assert dict(unpack(pack([], PROTOCOL), PROTOCOL)) == {}


def test_a_block_can_be_read_when_the_study_has_gained_and_lost_items():
    block = pack([ROW], PROTOCOL)
    amended = study(
        "how: {ask: How?, kind: rating, low: a, high: b, release: keep}\nnew: {ask: New?, kind: yes_no, release: keep}"
    )

    found = rows(unpack(block, amended)["evening"])

    assert found == [ROW]


def test_a_block_in_which_an_item_has_another_kind_is_refused():
    block = pack([ROW], PROTOCOL)
    other = study("how: {ask: How?, kind: yes_no, release: keep}")

    with pytest.raises(Invalid) as refusal:
        unpack(block, other)

    assert "another kind" in refusal.value.sentence


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x92\x01", b"PAR1", msgspec.msgpack.encode([2, []]), b"\xc1" * 50])
def test_what_is_no_block_of_this_version_is_refused(data):
    with pytest.raises(Invalid):
        unpack(data, PROTOCOL)


@given(st.data())
@settings(deadline=None)
def test_a_block_cut_short_is_refused(data):
    block = pack([ROW] * 3, PROTOCOL)
    end = data.draw(st.integers(0, len(block) - 1))

    with pytest.raises(Invalid):
        unpack(block[:end], PROTOCOL)


def test_a_row_does_not_show_itself():
    assert "rest" not in f"{ROW} {[ROW]!r}"


def test_reading_a_block_is_little_more_than_arrows_own_reading():
    kept = [ROW._replace(occasion=number) for number in range(1, 91)]
    block = pack(kept, PROTOCOL)
    schema = schema_of("evening", layouts(PROTOCOL)["evening"])
    arrow = unpack(block, PROTOCOL)["evening"].serialize()

    ours = least_time(lambda: unpack(block, PROTOCOL))
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


def test_the_documents_of_this_test_hold_every_kind():
    kinds = {kind for _, kind in layouts(study(EVERY_KIND))["evening"]}

    assert kinds == set(KINDS)
