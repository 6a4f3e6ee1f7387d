"""Custody's keys can be replaced without losing anybody; what was copied before opens nothing afterwards."""

from datetime import timedelta
from threading import Thread

import pytest
from flask import current_app

from studyportal.custody.compaction.actions import compact
from studyportal.custody.erasure.rotation import rotate
from studyportal.custody.opening import transport
from studyportal.custody.opening.entries import diary_openers
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.opening.transport import opened_seed
from studyportal.database import reading
from studyportal.errors import CannotOpen
from studyportal.keyring.tables import TRANSPORT_KEYS
from studyportal.keyring.wrapping import custody_seeds
from studyportal.portal.inside import databases_of
from tests.custody.cast import CUSTODIAN, NOW, House


def turn(house):
    return rotate(key_file=house.key_file, study=house.study, actor=CUSTODIAN, now=NOW + timedelta(days=1))


def test_everybody_still_opens_after_a_rotation(small_house):
    for person in (small_house.participant(), small_house.participant()):
        small_house.evening(person, 1)
    before = load_keys(small_house.key_file)

    new = turn(small_house)

    after = load_keys(small_house.key_file)
    assert len(after.generations) == 1
    assert after.generations[0].transport.public.id == new != before.generations[0].transport.public.id
    assert after.generations[0].kek.id != before.generations[0].kek.id
    with reading("keyring") as connection:
        assert [bytes(row.key_id) for row in connection.execute(TRANSPORT_KEYS.select()) if row.current] == [new]
        seeds = custody_seeds(connection)
        openers = diary_openers(connection, after, study=small_house.study, enrolments=None)
    assert {row.enrolment for row in seeds} == set(openers)
    done = compact(keys=after, protocol=small_house.protocol, actor=CUSTODIAN, now=NOW + timedelta(days=2))
    assert (done.folded, done.quarantined) == (2, 0)


def test_a_keyring_from_before_opens_with_none_of_the_new_keys(small_house):
    small_house.participant()
    with reading("keyring") as connection:
        copied = custody_seeds(connection)

    turn(small_house)

    keys = load_keys(small_house.key_file)
    assert copied
    for row in copied:
        with pytest.raises(CannotOpen):
            opened_seed(row, keys, study=small_house.study)


def test_a_rotation_during_a_wrapping_loses_nobody(postgresql_databases, protocol, tmp_path, monkeypatch):
    with databases_of(postgresql_databases):
        house = House(protocol, tmp_path).open()
        person = house.participant()
        app, seeds_of = current_app._get_current_object(), transport.custody_seeds

        def rotate_now():
            with app.app_context():
                turn(house)

        rotation = Thread(target=rotate_now)

        def read_and_let_a_rotation_begin(*given, **named):
            rows = seeds_of(*given, **named)
            rotation.start()
            rotation.join(1.0)
            return rows

        monkeypatch.setattr(transport, "custody_seeds", read_and_let_a_rotation_begin)
        transport.rewrap([person], keys=house.keys, study=house.study, actor=CUSTODIAN, now=NOW)
        rotation.join()

        with reading("keyring") as connection:
            openers = diary_openers(connection, house.keys, study=house.study, enrolments=None)
        assert set(openers) == {person}
        assert len(house.keys.generations) == 1
