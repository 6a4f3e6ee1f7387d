"""A reader believes the shelf only if every byte on it is as custody signed it."""

import base64
import json
import secrets
import shutil
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from studyportal.errors import CannotOpen, Conflict, NotFound
from studyportal.sealing.signatures import public_of
from studyportal.snapshots.documents import ConsentLine, ConsentRecords
from studyportal.snapshots.reading import open_snapshot, subject_codes
from studyportal.snapshots.shelf import published
from studyportal.snapshots.writing import ShelfKeys, shown_count, write_codes, write_withdrawals
from tests.snapshots.whole import write_snapshot

NOW = datetime(2026, 3, 2, tzinfo=UTC)
KEYS = ShelfKeys(study="MCP-1", signing_key=secrets.token_bytes(32), snapshot_key=secrets.token_bytes(32))
SUBJECTS = pa.table(
    {"index": pa.array([1, 2], pa.int32()), "record_key_1": pa.array([7, 8]), "record_key_2": pa.array([9, -9])}
)
EVENINGS = pa.table({"index": pa.array([1, 1, 2], pa.int32()), "pain": pa.array([3, None, 10], pa.int8())})
WEEKS_OVER = pa.table(
    {
        "index": pa.array([1, 2], pa.int32()),
        "weeks_since_start": pa.array([8, 4], pa.int32()),
        "weeks_over": pa.array([8, 0], pa.int32()),
        "paused_weeks": pa.array([[2, 3], []], pa.list_(pa.int32())),
    }
)

CONSENTS = ConsentRecords(1, 2, [ConsentLine("version", "1", "", [None, 15])])


def publish(shelf, number=1, keys=KEYS):
    return write_snapshot(
        shelf,
        number,
        protocol={"study": {"code": keys.study}},
        protocol_digest="ab" * 32,
        subjects=SUBJECTS,
        instruments={"evening": EVENINGS},
        consents=CONSENTS,
        keys=keys,
        now=NOW,
        weeks_over=WEEKS_OVER,
    )


@pytest.fixture
def shelf(tmp_path):
    """A shelf with one snapshot, nobody withdrawn, and the codes of one project."""
    place = tmp_path / "shelf"
    write_withdrawals(place, frozenset(), sequence=1, keys=KEYS, now=NOW)
    publish(place)
    codes = pa.table({"index": pa.array([1, 2], pa.int32()), "code": ["A" * 16, "B" * 16]})
    write_codes(place, "P-ONE", codes, keys=KEYS)
    return place


def read(shelf, *, number=None, study="MCP-1", snapshot_key=KEYS.snapshot_key, public=None):
    public = public or public_of(KEYS.signing_key)
    return open_snapshot(shelf, study=study, number=number, snapshot_key=snapshot_key, custody_public=public)


def read_all(shelf, **other):
    snapshot = read(shelf, **other)
    return snapshot.subjects, snapshot.table("evening"), subject_codes(snapshot, "P-ONE"), snapshot.weeks_over


def test_what_was_written_is_what_is_read(shelf):
    subjects, evenings, codes, weeks_over = read_all(shelf)

    assert subjects.equals(SUBJECTS) and evenings.equals(EVENINGS)
    assert weeks_over.to_pylist() == WEEKS_OVER.to_pylist()
    assert codes.to_pydict() == {"index": [1, 2], "code": ["A" * 16, "B" * 16]}


def test_a_snapshot_describes_itself(shelf):
    snapshot = read(shelf)

    assert (snapshot.number, snapshot.published_at, snapshot.instruments) == (1, NOW, ("evening",))
    assert snapshot.protocol == {"study": {"code": "MCP-1"}}


def test_a_number_that_is_taken_is_refused(shelf):
    with pytest.raises(Conflict):
        publish(shelf)


def test_the_latest_snapshot_is_read_unless_one_is_named(shelf):
    publish(shelf, 2)

    assert read(shelf).number == 2 and read(shelf, number=1).number == 1


@pytest.mark.parametrize("number", [None, 4])
def test_what_is_not_published_is_not_found(tmp_path, number):
    with pytest.raises(NotFound):
        read(tmp_path, number=number)


def test_an_unfinished_snapshot_does_not_count(shelf):
    (shelf / "000002.tmp").mkdir()

    assert published(shelf) == (1,) and read(shelf).number == 1


@pytest.mark.parametrize(
    "name",
    ["000001/manifest.json", "000001/protocol.json", "000001/subjects.0001.parquet", "000001/evening.0001.parquet",
     "000001/weeks-over.0001.parquet", "withdrawals.json", "codes/P-ONE.json"],
)  # fmt: skip
def test_a_flipped_bit_anywhere_in_any_file_is_refused(shelf, name):
    file = shelf / name
    whole = file.read_bytes()
    places = range(0, len(whole), max(1, len(whole) // 40))

    for place in places:
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        with pytest.raises(CannotOpen):
            read_all(shelf)
    file.write_bytes(whole)
    read_all(shelf)


@pytest.mark.parametrize(
    "name",
    [
        "000001/manifest.json",
        "000001/protocol.json",
        "000001/evening.0001.parquet",
        "withdrawals.json",
        "codes/P-ONE.json",
    ],
)
def test_a_missing_file_is_refused(shelf, name):
    (shelf / name).unlink()

    with pytest.raises(CannotOpen):
        read_all(shelf)


def test_a_snapshot_under_another_number_is_refused(shelf):
    shutil.copytree(shelf / "000001", shelf / "000002")

    with pytest.raises(CannotOpen):
        read(shelf)


def test_a_file_in_the_place_of_another_is_refused(shelf):
    shutil.copy(shelf / "000001/evening.0001.parquet", shelf / "000001/subjects.0001.parquet")

    with pytest.raises(CannotOpen):
        read_all(shelf)


def test_another_project_cannot_take_ones_codes(shelf):
    shutil.copy(shelf / "codes/P-ONE.json", shelf / "codes/P-TWO.json")

    with pytest.raises(CannotOpen):
        subject_codes(read(shelf), "P-TWO")


@pytest.mark.parametrize("wrong", [{"study": "OTHER"}, {"snapshot_key": bytes(32)}, {"public": bytes(range(32))}])
def test_another_study_key_or_custodian_opens_nothing(shelf, wrong):
    with pytest.raises(CannotOpen):
        read_all(shelf, **wrong)


def test_who_has_withdrawn_is_in_no_table_and_in_no_codes(shelf):
    write_withdrawals(shelf, frozenset({1}), sequence=2, keys=KEYS, now=NOW)

    assert [table["index"].to_pylist() for table in read_all(shelf)] == [[2]] * 4


def test_the_list_of_another_study_under_the_same_custodian_is_refused(shelf):
    other = ShelfKeys(study="OTHER", signing_key=KEYS.signing_key, snapshot_key=KEYS.snapshot_key)
    write_withdrawals(shelf, frozenset(), sequence=9, keys=other, now=NOW)

    with pytest.raises(CannotOpen):
        read(shelf)


def test_an_unknown_field_or_format_in_a_signed_paper_is_refused(shelf):
    from studyportal.sealing.signatures import sign
    from studyportal.snapshots.documents import SNAPSHOT_LABEL

    manifest = json.loads(json.loads((shelf / "000001/manifest.json").read_bytes())["document"])
    for change in ({"format": 4}, {"format": 1}, {"note": "more"}):
        text = json.dumps(manifest | change)
        signature = base64.b64encode(sign(SNAPSHOT_LABEL, text.encode(), key=KEYS.signing_key)).decode()
        (shelf / "000001/manifest.json").write_text(json.dumps({"document": text, "signature": signature}))

        with pytest.raises(CannotOpen):
            read(shelf)


def test_every_file_has_a_key_of_its_own(shelf):
    publish(shelf, 2)

    wrapped = [one.key for number in (1, 2) for one in read(shelf, number=number).manifest.files.values() if one.key]

    assert len(set(wrapped)) == 8


def test_new_codes_leave_no_old_file_behind(shelf):
    write_codes(shelf, "P-ONE", pa.table({"index": pa.array([3], pa.int32()), "code": ["C" * 16]}), keys=KEYS)

    assert len(list((shelf / "codes").iterdir())) == 2


@pytest.mark.parametrize("project", ["../P", "", "p-one", "P/1", "P" * 17])
def test_a_project_name_cannot_leave_the_shelf(shelf, project):
    with pytest.raises(ValueError):
        write_codes(shelf, project, SUBJECTS, keys=KEYS)


def test_counts_in_a_manifest_are_rounded_down_and_small_ones_are_absent():
    assert [shown_count(n) for n in (0, 10, 11, 14, 15, 239)] == [None, None, 10, 10, 15, 235]


@pytest.mark.parametrize("rows", [1, 65_536, 65_537, 200_000])
def test_duckdb_and_pyarrow_read_every_size(rows):
    import tempfile

    import duckdb
    import numpy as np

    from studyportal.snapshots import sealed_parquet

    table = pa.table({"n": pa.array(np.arange(rows), pa.int32()), "s": pa.array([str(n) for n in range(rows)])})
    key = sealed_parquet.new_key()
    data = sealed_parquet.written(table, key=key)

    engine = duckdb.connect()
    engine.execute(f"PRAGMA add_parquet_key('k', '{base64.b64encode(key).decode()}')")
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        file.write(data)
        file.flush()
        query = "SELECT sum(n), sum(s::BIGINT) FROM read_parquet(?, encryption_config = {footer_key: 'k'})"
        found = engine.execute(query, [file.name]).fetchone()

    assert found == (sum(range(rows)),) * 2
    assert sealed_parquet.read(data, key=key).equals(table)
