"""After an erasure no file on the shelf holds a row of that person: not the snapshots before, not what is taken over
from them, not what was being put together. Everybody else's rows stay, and readers notice nothing."""

import shutil

import pytest

from studyportal.custody.erasure.actions import carry_through
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.publishing import forgetting
from studyportal.custody.publishing.actions import publish
from studyportal.custody.publishing.forgetting import forget_erased
from studyportal.custody.reconcile.actions import reconcile
from studyportal.custody.reconcile.shelf import shelf_counts as reconcile_shelf
from studyportal.keyring.tables import PUBLICATIONS, SUBJECTS
from studyportal.sealing.file_keys import unwrap_file_key
from studyportal.snapshots import parts, sealed_parquet
from studyportal.snapshots.documents import PART_LABEL, PartNote, checked, file_context
from studyportal.snapshots.drafts import Draft
from studyportal.snapshots.reading import open_snapshot, read_manifest
from studyportal.snapshots.shelf import drafts, published
from tests.custody.cast import CUSTODIAN, NOW
from tests.custody.test_erasure import means


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(parts, "PER_PART", 4)
    monkeypatch.setattr(parts, "FEWEST", 2)


class Killed(BaseException):
    pass


def go(house):
    return publish(
        house.shelf, keys=house.keys, protocol=house.protocol, exception="demonstration", rng=house.rng, actor=CUSTODIAN, now=NOW
    )  # fmt: skip


def forget(house):
    return forget_erased(house.shelf, keys=house.keys, protocol=house.protocol, actor=CUSTODIAN, now=NOW)


def on_the_shelf(house):
    """Every subject with a row in any sealed file on the shelf that the snapshot key opens, in snapshots and in
    drafts."""
    papers = {}
    for number in published(house.shelf):
        manifest, _ = read_manifest(forgetting.shelf_reader(house.shelf, house.protocol, house.keys), number)
        papers |= {f"{number:06d}/{name}": one for name, one in manifest.files.items() if one.key}
    for draft in drafts(house.shelf):
        for note in draft.glob("part.*.json"):
            files = checked(note.read_bytes(), PartNote, PART_LABEL, public=house.keys.public).files
            papers |= {f"{draft.name.removesuffix('.tmp')}/{name}": one for name, one in files.items()}
    found = set()
    for place, one in papers.items():
        key = unwrap_file_key(one.key, by=house.keys.snapshot, about=file_context(house.study, place))
        folder, name = place.split("/")
        file = next(path for path in (house.shelf / place, house.shelf / f"{folder}.tmp" / name) if path.exists())
        found |= set(sealed_parquet.read(file.read_bytes(), key=key)["index"].to_pylist())
    return found, len(list(house.shelf.glob("0*/*.parquet"))) == len(papers)


def index_of(house, enrolment):
    return next(row.disclosure_index for row in house.rows(SUBJECTS, "keyring") if row.enrolment == enrolment)


def study_of(house, count=9):
    people = [house.participant() for _ in range(count)]
    for person in people:
        house.baseline(person)
        house.evening(person, 1)
    return people


def test_every_snapshot_is_written_anew_and_counts_find_no_fault(house):
    people = study_of(house)
    go(house)
    house.evening(people[0], 2)
    go(house)
    hers = index_of(house, people[3])

    carry_through(house.withdrawal(people[3], "erase"), means(house))

    held, whole = on_the_shelf(house)
    assert whole and held == set(range(1, 10)) - {hers}
    keys = load_keys(house.key_file)
    for number in (1, 2):
        shown = open_snapshot(
            house.shelf, study=house.study, number=number, snapshot_key=keys.snapshot, custody_public=keys.public
        )
        assert shown.manifest.revision == 1 and shown.subjects.num_rows == 8
    found = reconcile(house.shelf, keys=keys, protocol=house.protocol, check_receipts=False, actor=CUSTODIAN, now=NOW)
    assert found.faults == ()
    assert [row.participants for row in house.rows(PUBLICATIONS, "keyring")] == [9, 9]


def test_the_next_snapshot_takes_everybody_elses_rows_over_without_opening(small_house):
    people = study_of(small_house)
    go(small_house)
    carry_through(small_house.withdrawal(people[3], "erase"), means(small_house))

    done = go(small_house)

    assert (done.participants, done.built.opened, done.built.taken_over) == (8, 0, 2)
    assert len(on_the_shelf(small_house)[0]) == 8


def test_what_was_being_put_together_is_thrown_away(small_house, monkeypatch):
    people = study_of(small_house)
    go(small_house)
    small_house.evening(people[3], 2)
    with monkeypatch.context() as patch:
        patch.setattr(Draft, "publish", lambda *given, **named: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            go(small_house)
    before = len(drafts(small_house.shelf))
    hers = index_of(small_house, people[3])

    carry_through(small_house.withdrawal(people[3], "erase"), means(small_house))

    assert (before, drafts(small_house.shelf)) == (1, ())
    assert hers not in on_the_shelf(small_house)[0]


@pytest.mark.parametrize("moment", ["replace_manifest", "record"])
def test_killed_in_the_middle_the_next_attempt_finishes_it(small_house, moment, monkeypatch):
    people = study_of(small_house, 3)
    go(small_house)
    hers = index_of(small_house, people[1])
    asked = small_house.withdrawal(people[1], "erase")

    with monkeypatch.context() as patch:
        patch.setattr(forgetting, moment, lambda *given, **named: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            carry_through(asked, means(small_house))
    between = on_the_shelf(small_house)[0]
    carry_through(asked, means(small_house))

    assert hers in between
    assert on_the_shelf(small_house) == ({1, 2, 3} - {hers}, True)
    assert forget(small_house) == 0


def test_an_older_state_of_the_shelf_that_was_put_back_is_noticed_and_written_anew(small_house, tmp_path):
    people = study_of(small_house, 3)
    go(small_house)
    shutil.copytree(small_house.shelf / "000001", tmp_path / "copy")
    carry_through(small_house.withdrawal(people[0], "erase"), means(small_house))
    shutil.rmtree(small_house.shelf / "000001")
    shutil.copytree(tmp_path / "copy", small_house.shelf / "000001")
    told = {"keys": small_house.keys, "protocol": small_house.protocol, "actor": CUSTODIAN, "now": NOW}

    faults = reconcile(small_house.shelf, check_receipts=False, **told).faults
    again = forget(small_house)

    assert len(faults) == 2 and again == 1
    assert reconcile(small_house.shelf, check_receipts=False, **told).faults == ()


def test_an_altered_snapshot_keeps_no_erasure_from_happening_and_is_written_anew_when_it_is_right_again(small_house):
    people = study_of(small_house, 3)
    go(small_house)
    file = small_house.shelf / "000001" / "evening.0001.parquet"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    asked = small_house.withdrawal(people[0], "erase")

    carry_through(asked, means(small_house))
    told = {"keys": small_house.keys, "protocol": small_house.protocol, "actor": CUSTODIAN, "now": NOW}
    faults = reconcile_shelf(small_house.shelf, keys=small_house.keys, protocol=small_house.protocol)
    file.write_bytes(whole)
    go(small_house)

    assert [count for what, count in faults.items() if "erased" in what] == [1]
    assert len(on_the_shelf(small_house)[0]) == 2
    assert reconcile(small_house.shelf, check_receipts=False, **told).faults == ()
