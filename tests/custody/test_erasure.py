"""After an erasure nothing of that person opens: not with every key that the server holds, and not from any copy of
any database taken before. Everybody else's entries still open."""

import json
import secrets
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
import sqlalchemy as sa

from studyportal.audit import verify
from studyportal.custody.compaction.actions import compact
from studyportal.custody.erasure import actions, rotation
from studyportal.custody.erasure.actions import STRENGTHS, Means, carry_through
from studyportal.custody.erasure.certificate import LABEL, SignedCertificate
from studyportal.custody.opening.entries import open_block, open_entries
from studyportal.custody.opening.key_file import Generation, load_keys, replace_generations
from studyportal.custody.opening.transport import rewrap
from studyportal.custody.publishing.actions import publish
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen, NotFound
from studyportal.keyring.contexts import seed_context
from studyportal.keyring.tables import SUBJECTS, TOMBSTONES, TRANSPORT_KEYS, WRAPPED_SEEDS
from studyportal.registry.alert_tables import ERASED_ALERTS, SAFETY_ALERTS
from studyportal.registry.alerts import raise_alert
from studyportal.registry.consents import add_withdrawal
from studyportal.registry.tables import BLOCKS, SEALED_ENTRIES, WITHDRAWALS
from studyportal.sealing.opening import Opener, unwrap_seed
from studyportal.sealing.signatures import verify as verify_signature
from studyportal.snapshots.reading import open_snapshot
from tests.custody.cast import CUSTODIAN, NOW


def means(house, now=NOW):
    return Means(key_file=house.key_file, shelf=house.shelf, protocol=house.protocol, actor=CUSTODIAN, now=now)


def readable(house, *, seeds=None, blocks=None, entries=None):
    """Ids of all entries that the keys on the server open, in these rows or (None) in the databases as they are."""
    keys, found = house.keys, set()
    openers = {}
    for row in house.rows(WRAPPED_SEEDS, "keyring") if seeds is None else seeds:
        for opener in _openers(row, keys, house.study):
            openers.setdefault(row.enrolment, []).append(opener)
    for row in house.rows(BLOCKS) if blocks is None else blocks:
        for opener in openers.get(row.enrolment, []):
            try:
                batches = open_block(row, opener, study=house.study)
                found |= {id for batch in batches for id in batch["_entry_id"].to_pylist()}
            except CannotOpen:
                continue
    for row in house.rows(SEALED_ENTRIES) if entries is None else entries:
        for opener in openers.get(row.enrolment, []) if row.sealed else ():
            opened = open_entries([row], opener, protocol=house.protocol, started_on=None)
            found |= {one.entry_id.bytes for one in opened.rows}
    return found


def _openers(row, keys, study):
    """Try every key that the server holds on one copy of a seed, as somebody who took the server would."""
    about = seed_context(study, row.enrolment, row.domain, row.holder)
    for generation in keys.generations:
        attempts = (
            lambda held=generation: unwrap_seed(row.wrapped, kek=held.kek, about=about),
            lambda held=generation: Opener(held.transport.seed).unseal(row.wrapped, about=about),
        )
        for attempt in attempts:
            try:
                yield Opener(attempt())
            except CannotOpen:
                continue


@pytest.mark.parametrize("rewrapped", [True, False])
def test_nothing_of_an_erased_person_opens_from_any_copy_and_everything_of_the_others_does(house, rewrapped):
    ada, bo, cy = (house.participant() for _ in range(3))
    if rewrapped:
        rewrap([ada, bo], keys=house.keys, study=house.study, actor=CUSTODIAN, now=NOW)
    hers = {house.evening(ada, day).bytes for day in (1, 2)}
    compact(keys=house.keys, protocol=house.protocol, actor=CUSTODIAN, now=NOW)
    hers.add(house.evening(ada, 3).bytes)
    others = {house.evening(bo, 1).bytes, house.evening(cy, 1).bytes}
    copy = {
        "seeds": house.rows(WRAPPED_SEEDS, "keyring"),
        "blocks": house.rows(BLOCKS),
        "entries": house.rows(SEALED_ENTRIES),
    }
    before = readable(house)

    carry_through(house.withdrawal(ada, "erase"), means(house))

    assert before == hers | others
    assert readable(house) == others
    assert not readable(house, **copy) & hers
    assert not readable(house, seeds=copy["seeds"]) & hers  # yesterday's keyring beside today's registry
    assert not {row.enrolment for row in house.rows(WRAPPED_SEEDS, "keyring")} & {ada}
    assert not [row for row in house.rows(SEALED_ENTRIES) if row.enrolment == ada]
    assert not [row for row in house.rows(BLOCKS) if row.enrolment == ada]


def test_whole_files_copied_before_open_nothing_of_her_with_the_key_file_of_after(small_house, tmp_path):
    ada, bo = small_house.participant(), small_house.participant()
    small_house.evening(ada, 1)
    his = small_house.evening(bo, 1).bytes
    compact(keys=small_house.keys, protocol=small_house.protocol, actor=CUSTODIAN, now=NOW)
    kept = tmp_path / "copies"
    kept.mkdir()
    for name in ("keyring", "registry"):
        for file in tmp_path.glob(f"{name}.sqlite*"):
            shutil.copy(file, kept)

    carry_through(small_house.withdrawal(ada, "erase"), means(small_house))

    def read(table, name):
        engine = sa.create_engine(f"sqlite:///{kept / name}.sqlite")
        with engine.connect() as connection:
            return list(connection.execute(sa.select(table)))

    copied = {
        "seeds": read(WRAPPED_SEEDS, "keyring"),
        "blocks": read(BLOCKS, "registry"),
        "entries": read(SEALED_ENTRIES, "registry"),
    }
    assert len(copied["blocks"]) == 2 and len(copied["seeds"]) == 6
    assert readable(small_house, **copied) == set()
    assert readable(small_house) == {his}
    assert {path.name for path in tmp_path.iterdir() if "keys" in path.name} <= {"keys.json", ".keys.json.lock"}


def test_no_file_of_the_keyring_still_holds_a_destroyed_seed(small_house, sqlite_databases):
    ada = small_house.participant()
    seeds = [row.wrapped[40:120] for row in small_house.rows(WRAPPED_SEEDS, "keyring") if row.enrolment == ada]
    asked = small_house.withdrawal(ada, "erase")
    file = Path(sa.make_url(sqlite_databases["keyring"]).database)
    before = b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))

    carry_through(asked, means(small_house))

    after = b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    assert len(seeds) == 3
    assert all(seed in before for seed in seeds)
    assert not any(seed in after for seed in seeds)


def test_an_erasure_leaves_a_signed_certificate_that_names_the_day_of_the_last_backup(house):
    ada = house.participant()
    house.evening(ada, 1)
    asked = house.withdrawal(ada, "erase")

    carry_through(asked, means(house))

    (stone,) = house.rows(TOMBSTONES, "keyring")
    (done,) = house.rows(WITHDRAWALS)
    verify_signature(LABEL, stone.certificate.encode(), stone.signature, public=house.keys.public)
    paper = json.loads(stone.certificate)
    assert (paper["enrolment"], paper["backups_end_on"]) == (str(ada), "2026-03-17")
    handed_over = msgspec.json.decode(done.certificate, type=SignedCertificate)
    assert (done.completed_at, handed_over) == (NOW, SignedCertificate(stone.certificate, stone.signature))
    for bind in ("registry", "keyring"):
        with reading(bind) as connection:
            assert verify(connection, bind).whole


def test_the_certificate_names_the_data_sets_in_which_somebody_was(house):
    ada, bo = house.participant(), house.participant()
    for person in (ada, bo):
        house.evening(person, 1)
    published = {"exception": "demonstration", "rng": secrets.SystemRandom(), "actor": CUSTODIAN}
    publish(house.shelf, keys=house.keys, protocol=house.protocol, **published, now=NOW)
    cy = house.participant()
    house.evening(cy, 1)
    publish(house.shelf, keys=house.keys, protocol=house.protocol, **published, now=NOW + timedelta(days=1))

    for person in (ada, cy):
        carry_through(house.withdrawal(person, "erase"), means(house, NOW + timedelta(days=2)))

    told = {stone.enrolment: json.loads(stone.certificate)["released"] for stone in house.rows(TOMBSTONES, "keyring")}
    assert [(one["snapshot"], one["published_on"], one["packages"]) for one in told[ada]] == [
        (1, "2026-03-02", 0),
        (2, "2026-03-03", 0),
    ]
    assert [one["snapshot"] for one in told[cy]] == [2]


def test_a_damaged_data_set_keeps_nobody_from_being_erased(small_house):
    ada = small_house.participant()
    small_house.evening(ada, 1)
    publish(
        small_house.shelf,
        keys=small_house.keys,
        protocol=small_house.protocol,
        exception="demonstration",
        rng=secrets.SystemRandom(),
        actor=CUSTODIAN,
        now=NOW,
    )
    (file,) = small_house.shelf.rglob("made-from.0001.parquet")
    file.chmod(0o600)
    file.write_bytes(b"damaged")

    carry_through(small_house.withdrawal(ada, "erase"), means(small_house))

    (stone,) = small_house.rows(TOMBSTONES, "keyring")
    assert [one["snapshot"] for one in json.loads(stone.certificate)["released"]] == [1]


def test_an_erasure_waits_for_the_clinic_until_no_alert_is_open_or_its_time_is_up(house):
    ada, bo = house.participant(), house.participant()
    for person in (ada, bo):
        row = {"id": uuid4(), "enrolment": person, "entry": house.evening(person, 1), "level": "urgent"}
        with writing("registry") as connection:
            raise_alert(connection, row | {"raised_at": NOW, "sealed": b"sealed"})
    asked = {person: uuid4() for person in (ada, bo)}
    with writing("registry") as connection:
        for person, id in asked.items():
            about = {"scope": "study", "strength": "erase", "waits_until": NOW + timedelta(days=7), "hands_over": True}
            add_withdrawal(connection, id, person, **about, now=NOW)

    for id in asked.values():
        carry_through(id, means(house, NOW + timedelta(days=6)))
    waiting = house.rows(TOMBSTONES, "keyring")
    with writing("registry") as connection:
        hers, by = sa.update(SAFETY_ALERTS).where(SAFETY_ALERTS.c.enrolment == ada), uuid4()
        connection.execute(hers.values(acknowledged_at=NOW, acknowledged_by=by, holder=by))
        connection.execute(hers.values(closed_at=NOW))
    carry_through(asked[ada], means(house, NOW + timedelta(days=6)))
    closed = [row.enrolment for row in house.rows(TOMBSTONES, "keyring")]
    carry_through(asked[bo], means(house, NOW + timedelta(days=7)))

    assert waiting == [] and closed == [ada]
    assert [(row.enrolment, row.level) for row in house.rows(ERASED_ALERTS)] == [(bo, "urgent")]


def test_the_alerts_of_an_erased_person_go_and_those_of_others_stay(house):
    ada, bo = house.participant(), house.participant()
    for person in (ada, bo):
        row = {"id": uuid4(), "enrolment": person, "entry": house.evening(person, 1), "level": "urgent"}
        with writing("registry") as connection:
            raise_alert(connection, row | {"raised_at": NOW, "sealed": b"sealed"})

    carry_through(house.withdrawal(ada, "erase"), means(house))

    assert [row.enrolment for row in house.rows(SAFETY_ALERTS)] == [bo]
    assert [(row.enrolment, row.erased_at, row.holder) for row in house.rows(ERASED_ALERTS)] == [(ada, NOW, None)]


def test_erasing_twice_changes_nothing_the_second_time(house):
    ada, bo = house.participant(), house.participant()
    his = house.evening(bo, 1).bytes
    asked = house.withdrawal(ada, "erase")
    carry_through(asked, means(house))
    keys, stones = house.keys, house.rows(TOMBSTONES, "keyring")

    carry_through(asked, means(house, NOW + timedelta(days=1)))

    assert house.keys == keys and house.rows(TOMBSTONES, "keyring") == stones
    assert readable(house) == {his}


class Killed(BaseException):
    """The process ends here."""


# Each place at which an erasure may be killed: module and name of what is called there, and how many calls come first.
PLACES = [
    (rotation, "replace_generations", 0),
    (rotation, "lock_seeds", 0),
    (rotation, "destroy_seeds", 0),
    (rotation, "announce", 0),
    (rotation, "put_tombstone", 0),
    (rotation, "replace_generations", 1),
    (actions, "_renew", 0),
    (actions, "erase_entries", 0),
    (actions, "end_all_sessions", 0),
    (actions, "complete_withdrawal", 0),
]


@pytest.mark.parametrize(("module", "name", "calls"), PLACES)
def test_an_erasure_killed_anywhere_is_finished_by_the_next_attempt_and_costs_nobody_else_anything(
    small_house, monkeypatch, module, name, calls
):
    ada, bo = small_house.participant(), small_house.participant()
    small_house.evening(ada, 1)
    others = {small_house.evening(bo, 1).bytes}
    asked = small_house.withdrawal(ada, "erase")
    real, left = getattr(module, name), [calls]

    def killed(*given, **named):
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return real(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(module, name, killed)
        with pytest.raises(Killed):
            carry_through(asked, means(small_house))
    in_between = readable(small_house)
    # Meanwhile somebody new enrols, and custody puts their seeds where they belong.
    cy = small_house.participant()
    rewrap(None, keys=small_house.keys, study=small_house.study, actor=CUSTODIAN, now=NOW)
    others.add(small_house.evening(cy, 1).bytes)
    carry_through(asked, means(small_house))

    assert others & in_between
    assert readable(small_house) == others
    assert len(small_house.keys.generations) == 1
    (current,) = [row for row in small_house.rows(TRANSPORT_KEYS, "keyring")]
    assert current.key_id == small_house.keys.generations[0].transport.public.id
    assert small_house.rows(WITHDRAWALS)[0].completed_at == NOW


def test_a_certificate_is_not_older_than_the_destruction_of_the_keys(small_house, monkeypatch):
    ada = small_house.participant()
    asked = small_house.withdrawal(ada, "erase")

    def killed(*given, **named):
        raise Killed

    with monkeypatch.context() as patch:
        # The old keys are still in the key file: the process ends before the last step.
        patch.setattr(rotation, "settle", lambda key_file, study: load_keys(key_file))
        patch.setattr(actions, "_renew", killed)
        with pytest.raises(Killed):
            carry_through(asked, means(small_house))
    old_keys_left = len(small_house.keys.generations)
    carry_through(asked, means(small_house, NOW + timedelta(days=3)))

    (stone,) = small_house.rows(TOMBSTONES, "keyring")
    assert (old_keys_left, len(small_house.keys.generations)) == (2, 1)
    assert json.loads(stone.certificate)["backups_end_on"] == "2026-03-20"


def test_a_seed_that_comes_in_under_the_old_transport_key_is_refused_by_intake(house):
    from studyportal.keyring.transport_keys import is_current

    ada = house.participant()
    old = house.keys.generations[0].transport.public.id

    rotation.destroy_keys(ada, key_file=house.key_file, study=house.study, actor=CUSTODIAN, now=NOW)

    with reading("keyring") as connection:
        assert not is_current(connection, old)


def test_a_wrong_key_file_destroys_nothing(small_house):
    ada, bo = small_house.participant(), small_house.participant()
    small_house.evening(bo, 1)
    right = small_house.keys
    rewrap(None, keys=right, study=small_house.study, actor=CUSTODIAN, now=NOW)
    other_kek = Generation(Generation.new().kek, right.generations[0].transport)
    replace_generations(small_house.key_file, right, (other_kek,))

    with pytest.raises(CannotOpen):
        carry_through(small_house.withdrawal(ada, "erase"), means(small_house))

    assert len(small_house.rows(WRAPPED_SEEDS, "keyring")) == 6
    replace_generations(small_house.key_file, load_keys(small_house.key_file), right.generations)
    assert len(readable(small_house)) == 1


def test_a_damaged_seed_of_somebody_else_does_not_stop_an_erasure(small_house):
    ada, bo, cy = (small_house.participant() for _ in range(3))
    his = small_house.evening(cy, 1).bytes
    with writing("keyring") as connection:
        connection.execute(WRAPPED_SEEDS.update().where(WRAPPED_SEEDS.c.enrolment == bo).values(wrapped=b"\x00" * 99))

    carry_through(small_house.withdrawal(ada, "erase"), means(small_house))

    assert readable(small_house) == {his}
    assert len(small_house.keys.generations) == 1


def test_no_link_leads_from_published_rows_to_an_erased_person_and_they_are_left_out_at_once(house):
    ada, bo = house.participant(), house.participant()
    house.evening(ada, 1)
    house.evening(bo, 1)
    publish(
        house.shelf, keys=house.keys, protocol=house.protocol, exception=None, rng=house.rng, actor=CUSTODIAN, now=NOW
    )

    carry_through(house.withdrawal(ada, "erase"), means(house))

    shown = open_snapshot(
        house.shelf,
        study=house.study,
        number=None,
        snapshot_key=house.keys.snapshot,
        custody_public=house.keys.public,
    )
    assert shown.table("evening").num_rows == shown.subjects.num_rows == 1
    assert sorted(str(row.enrolment) for row in house.rows(SUBJECTS, "keyring")) == sorted([str(bo), "None"])


@pytest.mark.parametrize("strength", ["stop", "remove"])
def test_the_gentler_strengths_destroy_nothing(house, strength):
    ada = house.participant()
    entry = house.evening(ada, 1).bytes
    generation = house.keys.generations[0].kek.id

    carry_through(house.withdrawal(ada, strength), means(house))

    assert readable(house) == {entry}
    assert house.keys.generations[0].kek.id == generation
    assert house.rows(WITHDRAWALS)[0].completed_at == NOW


def test_every_strength_that_a_protocol_can_allow_is_carried_through():
    (check,) = [one for one in WITHDRAWALS.constraints if one.name and one.name.endswith("strength_is_known")]

    assert all(f"'{strength}'" in str(check.sqltext) for strength in STRENGTHS)
    assert str(check.sqltext).count("'") == 2 * len(STRENGTHS)


def test_an_unknown_withdrawal_is_refused(small_house):
    with pytest.raises(NotFound):
        carry_through(uuid4(), means(small_house, datetime(2026, 3, 3, tzinfo=UTC)))
