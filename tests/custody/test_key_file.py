import os
import stat
from dataclasses import replace

import pytest

from studyportal.custody.opening.key_file import (
    Generation,
    load_keys,
    new_keys,
    replace_generations,
    write_key_file,
)
from studyportal.errors import CannotOpen, Unsafe


def test_a_key_file_comes_back_as_it_was_written_and_only_its_owner_may_read_it(tmp_path):
    keys, path = new_keys(), tmp_path / "keys.json"

    write_key_file(path, keys)

    assert load_keys(path) == keys
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_existing_key_file_is_never_overwritten_by_a_new_one(tmp_path):
    path = tmp_path / "keys.json"
    write_key_file(path, new_keys())
    before = path.read_bytes()

    with pytest.raises(FileExistsError):
        write_key_file(path, new_keys())

    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_file_that_others_can_read_is_refused(tmp_path, mode):
    path = tmp_path / "keys.json"
    write_key_file(path, new_keys())
    os.chmod(path, mode)

    with pytest.raises(Unsafe):
        load_keys(path)


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-20], lambda b: b"{}", lambda b: b.replace(b'"format": 1', b'"format": 2')]
)
def test_a_damaged_key_file_is_refused_and_its_text_is_not_repeated(tmp_path, damage):
    path = tmp_path / "keys.json"
    write_key_file(path, new_keys())
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(Unsafe) as refusal:
        load_keys(path)

    assert "file is damaged" in refusal.value.sentence


def test_nothing_that_prints_keys_shows_one():
    keys = new_keys()

    shown = repr(keys) + str(keys) + repr(keys.shelf_keys("MCP-1"))

    secrets = (
        keys.signing,
        keys.snapshot,
        keys.pseudonym,
        keys.generations[0].kek.raw,
        keys.generations[0].transport.seed,
    )
    assert not any(secret.hex() in shown or repr(secret)[2:-1] in shown for secret in secrets)


def test_a_key_that_the_file_does_not_hold_is_said_to_be_missing():
    keys, other = new_keys(), Generation.new()

    for look_up, name in ((keys.kek, other.kek.id), (keys.transport, other.transport.public.id)):
        with pytest.raises(CannotOpen) as refusal:
            look_up(name)
        assert "key file does not hold" in refusal.value.sentence


def test_replaced_generations_leave_nothing_of_the_old_ones_in_the_folder_or_in_the_old_file(tmp_path):
    path = tmp_path / "keys.json"
    old = new_keys()
    write_key_file(path, old)
    with path.open("rb") as held_open:
        changed = replace_generations(path, old, (Generation.new(),))

        left_behind = held_open.read()

    assert load_keys(path) == changed == replace(old, generations=changed.generations)
    assert set(left_behind) == {0}
    assert [one.name for one in tmp_path.iterdir()] == ["keys.json"]
