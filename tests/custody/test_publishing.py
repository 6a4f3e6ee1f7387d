import base64
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import duckdb
import pytest

from studyportal.audit import verify
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.custody.publishing import actions
from studyportal.custody.publishing.actions import may_publish, publish
from studyportal.custody.publishing.codes import publish_codes
from studyportal.custody.publishing.sharing import renew_withdrawals, shelf_reader
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen, Conflict, Invalid, NotFound
from studyportal.keyring.tables import PUBLICATIONS, SUBJECTS
from studyportal.sealing.file_keys import unwrap_file_key
from studyportal.snapshots.documents import file_context
from studyportal.snapshots.reading import open_snapshot, subject_codes, withdrawn_now
from studyportal.snapshots.shelf import published
from tests.custody.cast import CUSTODIAN, NOW

MONTH = timedelta(days=30)


def go(house, *, exception=None, now=NOW):
    return publish(
        house.shelf,
        keys=house.keys,
        protocol=house.protocol,
        exception=exception,
        rng=house.rng,
        actor=CUSTODIAN,
        now=now,
    )


def snapshot(house, number=None):
    keys = house.keys
    return open_snapshot(
        house.shelf, study=house.study, number=number, snapshot_key=keys.snapshot, custody_public=keys.public
    )


def index_of(house, enrolment):
    return next(row.disclosure_index for row in house.rows(SUBJECTS, "keyring") if row.enrolment == enrolment)


def test_what_is_published_is_what_was_entered_after_its_treatments(house):
    ada, bo = house.participant(), house.participant()
    house.baseline(ada, age=44)
    house.evening(ada, 1, pain=3)
    house.evening(ada, 9, pain=7)
    taken = "2026-01-07T21:40+01:00[Europe/Berlin]"
    house.entry(bo, "dose", {"substance": "lsd", "taken": taken, "taken_with": ["alcohol"]}, day=3)
    house.entry(bo, "follow_up", {"pain_after": 4, "minutes_since": 2000}, day=3)

    done = go(house)

    shown, a, b = snapshot(house), index_of(house, ada), index_of(house, bo)
    assert (done.number, done.participants, done.rows) == (1, 2, 4)
    evening = {row["study_day"]: row for row in shown.table("evening").to_pylist()}
    assert {day: (row["index"], row["week"], row["pain_average"]) for day, row in evening.items()} == {
        1: (a, 1, 3),
        9: (a, 2, 7),
    }
    (dose,) = shown.table("dose").to_pylist()
    assert (dose["index"], dose["study_day"], dose["taken"], dose["taken_with__alcohol"]) == (b, 3, 21, True)
    (after,) = shown.table("follow_up").to_pylist()
    assert (after["pain_after"], after["minutes_since"]) == (4, 1440)
    people = {row["index"]: row for row in shown.subjects.to_pylist()}
    assert people[a]["baseline__age"] == "40-49" and people[a]["baseline__pain_years"] == "5-9"
    assert people[b]["baseline__age"] is None and people[b]["shares_sharing"] is True
    assert people[a]["record_key_1"] != people[b]["record_key_1"]


def test_the_columns_are_the_released_items_and_the_few_that_say_whose_and_when(small_house):
    ada = small_house.participant()
    small_house.baseline(ada)
    small_house.evening(ada, 1)

    go(small_house)

    shown = snapshot(small_house)
    view, asked_once = shown.protocol["instruments"], ("screening", "baseline", "diagnosis_confirmed")
    for name in shown.instruments:
        assert shown.table(name).column_names == ["index", "study_day", "week", "late", *view[name]["items"]]
    assert shown.subjects.column_names == [
        "index", "record_key_1", "record_key_2", "shares_sharing",
        *(f"{name}__{item}" for name in view if name in asked_once for item in view[name]["items"]),
    ]  # fmt: skip
    assert "note" not in view["evening"]["items"] and "flare_cause" not in view["evening"]["items"]


def test_free_text_codes_and_ids_are_in_no_byte_of_the_shelf(small_house):
    ada = small_house.participant()
    small_house.evening(ada, 1)

    go(small_house)

    files = [one for one in small_house.shelf.rglob("*") if one.is_file()]
    for file in files:
        data = file.read_bytes()
        assert not any(
            word in data for word in (b"met Ada", b"pain_average\x00", ada.bytes, str(ada).encode(), ada.hex.encode())
        )
    evening = next(one for one in files if one.name == "evening.0001.parquet").read_bytes()
    assert evening.startswith(b"PARE") and b"pain_average" not in evening


def test_duckdb_reads_the_sealed_files_with_the_unwrapped_key(small_house, tmp_path):
    ada = small_house.participant()
    for day in range(1, 8):
        small_house.evening(ada, day, pain=day)
    go(small_house)
    shown = snapshot(small_house)
    place = "000001/evening.0001.parquet"
    wrapped = shown.manifest.files["evening.0001.parquet"].key
    key = unwrap_file_key(wrapped, by=small_house.keys.snapshot, about=file_context(small_house.study, place))

    engine = duckdb.connect()
    engine.execute(f"PRAGMA add_parquet_key('k', '{base64.b64encode(key).decode()}')")
    query = "SELECT count(*), sum(pain_average) FROM read_parquet(?, encryption_config = {footer_key: 'k'})"
    found = engine.execute(query, [str(small_house.shelf / place)]).fetchone()

    assert found == (7, 28)


@pytest.mark.parametrize(
    ("strength", "scope", "shared"),
    [
        ("remove", "study", False),
        ("erase", "study", False),
        ("remove", "sharing", False),
        ("stop", "sharing", True),
        ("stop", "study", True),
        ("remove", "recontact", True),
    ],
)
def test_who_withdrew_is_left_out_as_their_words_say(small_house, strength, scope, shared):
    ada, bo = small_house.participant(), small_house.participant()
    small_house.evening(ada, 1)
    small_house.evening(bo, 1)
    small_house.withdrawal(ada, strength, scope=scope, now=NOW + timedelta(hours=1))

    go(small_house, now=NOW + timedelta(hours=2))

    assert snapshot(small_house).table("evening").num_rows == (2 if shared else 1)


def test_after_a_stop_nothing_newer_is_shared(small_house):
    ada = small_house.participant()
    small_house.evening(ada, 1, received_at=NOW)
    small_house.withdrawal(ada, "stop", scope="sharing", now=NOW + timedelta(minutes=1))
    small_house.evening(ada, 2, received_at=NOW + timedelta(minutes=2))

    go(small_house, now=NOW + timedelta(hours=1))

    assert snapshot(small_house).table("evening")["study_day"].to_pylist() == [1]


def test_a_later_consent_counts_and_one_without_sharing_ends_it(small_house):
    ada, bo = small_house.participant(scopes=("study",)), small_house.participant()
    small_house.evening(ada, 1)
    small_house.evening(bo, 1)

    go(small_house)

    (row,) = snapshot(small_house).subjects.to_pylist()
    assert row["index"] == index_of(small_house, bo)


def test_who_leaves_after_publishing_is_gone_at_the_next_reading(house):
    ada, bo = house.participant(), house.participant()
    house.evening(ada, 1)
    house.evening(bo, 1)
    go(house)
    before = snapshot(house).table("evening").num_rows
    house.withdrawal(ada, "remove")

    left = renew_withdrawals(house.shelf, keys=house.keys, protocol=house.protocol, now=NOW)
    again = renew_withdrawals(house.shelf, keys=house.keys, protocol=house.protocol, now=NOW)

    after = snapshot(house)
    assert (before, after.table("evening").num_rows, after.subjects.num_rows, left, again) == (2, 1, 1, 1, 1)
    assert after.withdrawn == {index_of(house, ada)}
    assert withdrawn_now(shelf_reader(house.shelf, house.protocol, house.keys)).sequence == 2


def test_an_amended_entry_takes_the_place_of_its_original_and_of_nobody_elses(small_house):
    ada, bo = small_house.participant(), small_house.participant()
    wrong = small_house.evening(ada, 1, pain=1)
    others = small_house.evening(bo, 1, pain=9)
    small_house.entry(ada, "evening", {"pain_average": 2}, day=2, amends=str(wrong))
    small_house.entry(ada, "evening", {"pain_average": 3}, day=3, amends=str(others))
    small_house.entry(ada, "evening", {"pain_average": 4}, day=4, amends=str(uuid4()))

    go(small_house)

    assert sorted(snapshot(small_house).table("evening")["pain_average"].to_pylist()) == [2, 3, 4, 9]


def test_of_an_instrument_given_once_the_last_entry_counts(small_house):
    ada = small_house.participant()
    small_house.baseline(ada, age=33)
    answers = {"diagnosis": "back", "age": 55, "pain_usual": 1}
    small_house.entry(ada, "baseline", answers, day=2, received_at=NOW + timedelta(days=1))

    go(small_house)

    (row,) = snapshot(small_house).subjects.to_pylist()
    assert (row["baseline__age"], row["baseline__diagnosis"], row["baseline__pain_years"]) == ("50-59", "back", None)


def test_the_order_of_subjects_says_nothing_of_when_they_enrolled(small_house):
    people = [small_house.participant() for _ in range(12)]

    go(small_house)

    assert [index_of(small_house, one) for one in people] != list(range(1, 13))
    assert sorted(index_of(small_house, one) for one in people) == list(range(1, 13))


def test_indices_and_record_keys_stay_from_snapshot_to_snapshot(small_house):
    for _ in range(3):
        small_house.participant()
    go(small_house)
    first = snapshot(small_house).subjects.select(["index", "record_key_1", "record_key_2"])

    for _ in range(30):
        small_house.participant()
    done = go(small_house, now=NOW + MONTH)

    second = snapshot(small_house).subjects.select(["index", "record_key_1", "record_key_2"])
    assert done.number == 2 and second.slice(0, 3).equals(first)


def test_a_second_snapshot_too_soon_is_refused_and_an_exception_has_a_name_in_the_trail(house):
    ada = house.participant()
    house.evening(ada, 1)
    go(house)

    with pytest.raises(Conflict):
        go(house, now=NOW + timedelta(days=1))
    with pytest.raises(Invalid):
        go(house, exception="because", now=NOW + timedelta(days=1))
    done = go(house, exception="demonstration", now=NOW + timedelta(days=1))

    assert done.number == 2
    assert not may_publish(
        house.shelf, keys=house.keys, protocol=house.protocol, now=NOW + timedelta(days=2)
    ).may_publish
    with reading("keyring") as connection:
        assert verify(connection, "keyring").whole


def test_a_number_once_used_is_never_used_again_even_if_the_shelf_was_lost(small_house):
    small_house.evening(small_house.participant(), 1)
    go(small_house)
    shutil.rmtree(small_house.shelf)

    assert go(small_house).number == 2 and published(small_house.shelf) == (2,)


def test_nothing_is_published_of_nobody(small_house):
    with pytest.raises(NotFound):
        go(small_house)

    assert published(small_house.shelf) == ()


def test_a_block_that_does_not_open_stops_the_publication(small_house):
    from studyportal.registry.tables import BLOCKS

    ada = small_house.participant()
    small_house.evening(ada, 1)
    go(small_house)
    with writing("registry") as connection:
        connection.execute(BLOCKS.update().values(revision=7))

    with pytest.raises(CannotOpen):
        go(small_house, exception="demonstration")

    assert published(small_house.shelf) == (1,)


def test_a_kill_between_the_shelf_and_the_keyring_is_mended_by_the_next_attempt(small_house, monkeypatch):
    small_house.evening(small_house.participant(), 1)

    class Killed(BaseException):
        pass

    def killed(*given, **named):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(actions, "_remember", killed)
        with pytest.raises(Killed):
            go(small_house)
    with pytest.raises(Conflict):
        go(small_house)

    (row,) = small_house.rows(PUBLICATIONS, "keyring")
    assert (row.snapshot, row.participants) == (1, 1)
    assert snapshot(small_house).subjects.num_rows == 1


def test_a_snapshot_never_lies_on_the_shelf_without_the_codes_of_its_newcomers(small_house, monkeypatch):
    project = approved(small_house)
    small_house.evening(small_house.participant(), 1)

    class Killed(BaseException):
        pass

    def killed(*given, **named):
        raise Killed

    monkeypatch.setattr(actions, "_remember", killed)
    with pytest.raises(Killed):
        go(small_house)

    assert published(small_house.shelf) == (1,)
    assert subject_codes(snapshot(small_house), project)["index"].to_pylist() == [1]


def approved(house):
    """A project that custody approved before anything was published."""
    done = house.approve(house.request(), house.staff("keyring", "Kim", "custodian"))
    return done.project


def test_places_and_codes_are_told_to_the_trail_with_the_change(small_house):
    project = approved(small_house)
    for _ in range(3):
        small_house.evening(small_house.participant(), 1)

    go(small_house)
    go(small_house, exception="demonstration", now=NOW + timedelta(days=1))

    told = [(row.action, row.object_id, row.detail) for row in small_house.rows(AUDIT_EVENTS["keyring"], "keyring")]
    assert sorted(one for one in told if one[0].startswith("subject:")) == [
        ("subject:add", "several", '{"new":3}'),
        ("subject:code", project, '{"new":3}'),
    ]


def test_a_kill_while_files_are_written_leaves_no_snapshot(small_house, monkeypatch):
    from studyportal.snapshots import drafts

    small_house.evening(small_house.participant(), 1)

    class Killed(BaseException):
        pass

    def killed(*given, **named):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(drafts, "Manifest", killed)
        with pytest.raises(Killed):
            go(small_house)
    between = published(small_house.shelf)
    go(small_house)

    assert between == () and published(small_house.shelf) == (1,)
    assert [one.name for one in small_house.shelf.iterdir() if one.name.endswith(".tmp")] == []


def test_every_project_has_its_own_codes_that_stay(small_house):
    people = [small_house.participant() for _ in range(3)]
    go(small_house)

    def codes(project):
        publish_codes(
            project,
            shelf=small_house.shelf,
            keys=small_house.keys,
            protocol=small_house.protocol,
            rng=small_house.rng,
            actor=CUSTODIAN,
            now=NOW,
        )
        return dict(zip(*subject_codes(snapshot(small_house), project).to_pydict().values(), strict=True))

    one, other, again = codes("P-AAAAAA"), codes("P-BBBBBB"), codes("P-AAAAAA")

    assert one == again and set(one) == {1, 2, 3}
    assert not set(one.values()) & set(other.values())
    assert all(len(code) == 16 for code in one.values())
    assert len(list((small_house.shelf / "codes").glob("*.parquet"))) == 2
    assert len(people) == 3


def test_an_older_block_without_a_new_item_is_published_with_that_item_absent(small_house, protocol, monkeypatch):
    from studyportal.protocol import read_protocol

    ada = small_house.participant()
    small_house.evening(ada, 1)
    go(small_house)
    source = protocol.source.replace(
        "  weekly:\n", "      new_item: {ask: And now?, kind: yes_no, release: keep}\n\n  weekly:\n", 1
    )
    small_house.protocol = read_protocol(source, name="amended")
    small_house.entry(ada, "evening", {"pain_average": 8, "new_item": True}, day=2)

    go(small_house, exception="correction")

    rows = snapshot(small_house).table("evening").to_pylist()
    assert [(row["pain_average"], row["new_item"]) for row in rows] == [(5, None), (8, True)]


def test_the_manifest_counts_no_small_number(small_house):
    for _ in range(10):
        small_house.participant()
    go(small_house)

    manifest = json.loads(json.loads((small_house.shelf / "000001/manifest.json").read_bytes())["document"])

    assert manifest["participants"] is None


def test_two_who_publish_at_once_make_two_whole_snapshots_and_one_list(small_house):
    from flask import current_app

    for _ in range(3):
        small_house.evening(small_house.participant(), 1)
    app = current_app._get_current_object()

    def one(_):
        with app.app_context():
            return go(small_house, exception="demonstration").number

    with ThreadPoolExecutor(4) as threads:
        numbers = sorted(threads.map(one, range(4)))

    assert numbers == [1, 2, 3, 4] == sorted(row.snapshot for row in small_house.rows(PUBLICATIONS, "keyring"))
    assert [snapshot(small_house, number).table("evening").num_rows for number in numbers] == [3] * 4
    assert withdrawn_now(shelf_reader(small_house.shelf, small_house.protocol, small_house.keys)).sequence == 1
