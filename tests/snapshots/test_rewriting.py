"""A snapshot that is written anew without people shows what it showed, holds nothing of them, and is whole at any
moment."""

import base64
import json
from pathlib import Path

import pytest

from studyportal.errors import CannotOpen
from studyportal.sealing.signatures import public_of
from studyportal.snapshots import rewriting
from studyportal.snapshots.reading import ShelfReader, open_snapshot, read_manifest
from studyportal.snapshots.rewriting import rewrite_without
from studyportal.snapshots.writing import ShelfKeys, write_withdrawals
from tests.snapshots.test_shelf import NOW, publish

VECTORS = Path(__file__).parent / "vectors"
KEYS = ShelfKeys(study="MCP-1", signing_key=bytes(range(32)), snapshot_key=bytes(range(32, 64)))


def reader(shelf):
    public = public_of(KEYS.signing_key)
    return ShelfReader(shelf=shelf, study="MCP-1", snapshot_key=KEYS.snapshot_key, custody_public=public)


def opened(shelf):
    public = public_of(KEYS.signing_key)
    return open_snapshot(shelf, study="MCP-1", number=1, snapshot_key=KEYS.snapshot_key, custody_public=public)


def rewrite(shelf, erased, remember=lambda digest: None):
    return rewrite_without(reader(shelf), 1, erased, keys=KEYS, remember=remember)


def written(name, folder):
    for file, data in json.loads((VECTORS / name).read_text()).items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_bytes(base64.b64decode(data))
    return folder


@pytest.fixture
def first_format(tmp_path):
    """A shelf as it was written when every table was one file."""
    return written("first_format.json", tmp_path)


@pytest.fixture
def second_format(tmp_path):
    """A shelf as it was written in parts, before it was said how long people were followed."""
    return written("second_format.json", tmp_path)


@pytest.fixture
def shelf(tmp_path):
    write_withdrawals(tmp_path, frozenset(), sequence=1, keys=KEYS, now=NOW)
    publish(tmp_path, keys=KEYS)
    return tmp_path


def test_a_snapshot_of_the_first_format_stays_readable(first_format):
    snapshot = opened(first_format)

    assert (snapshot.manifest.revision, snapshot.instruments) == (0, ("evening",))
    assert snapshot.subjects["index"].to_pylist() == [1, 2, 3]
    assert snapshot.table("evening").to_pylist()[2] == {"index": 2, "study_day": 1, "pain": 10}
    assert snapshot.consents.weeks == 2


def test_a_snapshot_of_the_second_format_stays_readable_and_does_not_say_how_long_people_were_followed(second_format):
    snapshot = opened(second_format)

    assert (snapshot.manifest.format, snapshot.instruments, snapshot.weeks_over) == (2, ("evening",), None)
    assert snapshot.subjects["index"].to_pylist() == [1, 2, 3]
    assert snapshot.table("evening").to_pylist()[2] == {"index": 2, "study_day": 1, "pain": 10}


def test_a_flipped_bit_in_the_first_format_is_refused(first_format):
    for name in ("manifest.json", "manifest.sig", "evening.parquet"):
        file = first_format / "000001" / name
        whole = file.read_bytes()
        file.write_bytes(whole[:30] + bytes([whole[30] ^ 4]) + whole[31:])
        with pytest.raises(CannotOpen):
            opened(first_format).table("evening")
        file.write_bytes(whole)


@pytest.mark.parametrize("old", ["shelf", "first_format", "second_format"])
def test_whoever_is_taken_out_is_in_no_file_and_all_others_stay(old, request):
    shelf = request.getfixturevalue(old)
    before, told = opened(shelf), []
    everybody = before.subjects["index"].to_pylist()

    changed = rewrite(shelf, {2, 77}, remember=told.append)

    after = opened(shelf)
    assert changed and after.manifest.revision == 1 and after.number == 1
    assert after.subjects["index"].to_pylist() == [one for one in everybody if one != 2]
    assert 2 not in after.table("evening")["index"].to_pylist()
    assert (after.weeks_over is None) == (before.weeks_over is None) == (old != "shelf")
    assert after.weeks_over is None or after.weeks_over["index"].to_pylist() == [1]
    assert after.published_at == before.published_at and after.protocol == before.protocol
    assert [one.hex() for one in told] == [after.manifest_sha256]
    assert after.manifest.replaces == [before.manifest_sha256]
    assert {one.name for one in (shelf / "000001").iterdir()} == {*after.manifest.files, "manifest.json"}


def test_taking_out_again_changes_nothing_and_the_next_one_counts_on(first_format):
    rewrite(first_format, {2})
    once = opened(first_format).manifest_sha256

    again, third = rewrite(first_format, {2}), rewrite(first_format, {2, 3})

    after = opened(first_format)
    assert (again, third, after.manifest.revision) == (False, True, 2)
    assert after.manifest.replaces[1] == once and after.subjects["index"].to_pylist() == [1]


@pytest.mark.parametrize("old", ["shelf", "first_format"])
@pytest.mark.parametrize("moment", ["files", "manifest", "sweep"])
def test_killed_at_any_moment_it_is_the_whole_old_or_new_one_and_doing_it_again_finishes(
    old, moment, request, monkeypatch
):
    shelf = request.getfixturevalue(old)

    class Killed(BaseException):
        pass

    def killed(*given, **named):
        raise Killed

    with monkeypatch.context() as patch:
        place, name = {
            "files": (rewriting.places, "sync_folder"),
            "manifest": (rewriting.places, "replace_file"),
            "sweep": (rewriting.places, "sweep"),
        }[moment]
        patch.setattr(place, name, killed)
        with pytest.raises(Killed):
            rewrite(shelf, {2})
    between = opened(shelf)
    seen = between.table("evening")["index"].to_pylist(), between.manifest.revision
    rewrite(shelf, {2})

    after = opened(shelf)
    assert seen in (([1, 1], 1), ([1, 1, 3], 1)) if moment == "sweep" else (2 in seen[0] and seen[1] == 0)
    assert after.manifest.revision == 1 and 2 not in after.table("evening")["index"].to_pylist()
    assert {one.name for one in (shelf / "000001").iterdir()} == {*after.manifest.files, "manifest.json"}


def test_who_opened_it_before_reads_on_from_what_lies_there_now(shelf):
    before = opened(shelf)
    rewrite(shelf, {2})

    assert before.manifest.revision == 0 and before.table("evening")["index"].to_pylist() == [1, 1]


def test_an_altered_snapshot_is_not_written_anew(shelf):
    file = shelf / "000001" / "evening.0001.parquet"
    file.write_bytes(file.read_bytes()[:-1])

    with pytest.raises(CannotOpen):
        rewrite(shelf, {2})
    assert read_manifest(reader(shelf), 1)[0].revision == 0
