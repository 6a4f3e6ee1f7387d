"""A sealed file opens whole or leaves nothing behind."""

import dataclasses
import os
import stat

import pytest

from studyportal.errors import CannotOpen, Invalid
from studyportal.sealing.files import new_file_key, open_file, seal_file

SIZES = (0, 1, 255, 65_536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_000_001)


@pytest.fixture
def key():
    return new_file_key()


@pytest.fixture
def sealed(tmp_path, key, tuesday):
    """A small sealed file."""
    (tmp_path / "plain").write_bytes(b"pain nine of ten " * 10)
    seal_file(tmp_path / "plain", tmp_path / "sealed", key=key, about=tuesday)
    return tmp_path / "sealed"


@pytest.mark.parametrize("size", SIZES)
def test_a_file_of_any_size_comes_back_unchanged(tmp_path, key, tuesday, size):
    (tmp_path / "plain").write_bytes(os.urandom(size))

    seal_file(tmp_path / "plain", tmp_path / "sealed", key=key, about=tuesday)
    open_file(tmp_path / "sealed", tmp_path / "opened", key=key, about=tuesday)

    assert (tmp_path / "opened").read_bytes() == (tmp_path / "plain").read_bytes()


def test_every_bit_flip_and_truncation_is_refused_and_leaves_nothing(tmp_path, sealed, key, tuesday):
    whole = sealed.read_bytes()
    flipped = [
        whole[: bit // 8] + bytes((whole[bit // 8] ^ 1 << bit % 8,)) + whole[bit // 8 + 1 :]
        for bit in range(len(whole) * 8)
    ]

    for changed in [*flipped, *(whole[:length] for length in range(len(whole))), whole + b"\0"]:
        sealed.write_bytes(changed)
        with pytest.raises(CannotOpen):
            open_file(sealed, tmp_path / "opened", key=key, about=tuesday)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["plain", "sealed"]


def test_a_large_file_cut_after_whole_pieces_leaves_nothing(tmp_path, key, tuesday):
    (tmp_path / "plain").write_bytes(bytes(3_000_000))
    seal_file(tmp_path / "plain", tmp_path / "sealed", key=key, about=tuesday)
    whole = (tmp_path / "sealed").read_bytes()

    (tmp_path / "sealed").write_bytes(whole[: 2 << 20])

    with pytest.raises(CannotOpen):
        open_file(tmp_path / "sealed", tmp_path / "opened", key=key, about=tuesday)
    assert not (tmp_path / "opened").exists()


def test_a_refused_file_leaves_what_was_there(tmp_path, sealed, tuesday):
    (tmp_path / "opened").write_text("yesterday's")

    with pytest.raises(CannotOpen):
        open_file(sealed, tmp_path / "opened", key=new_file_key(), about=tuesday)

    assert (tmp_path / "opened").read_text() == "yesterday's"


@pytest.mark.parametrize("field", ["study", "enrolment", "kind", "id", "revision"])
def test_a_file_put_into_another_place_stays_shut(tmp_path, sealed, key, tuesday, field):
    elsewhere = dataclasses.replace(tuesday, **{field: 2 if field == "revision" else "other"})

    with pytest.raises(CannotOpen):
        open_file(sealed, tmp_path / "opened", key=key, about=elsewhere)


def test_an_opened_file_is_readable_by_its_owner_only(tmp_path, sealed, key, tuesday):
    open_file(sealed, tmp_path / "opened", key=key, about=tuesday)

    mode = stat.S_IMODE((tmp_path / "opened").stat().st_mode)

    assert mode == 0o600


@pytest.mark.parametrize("raw", [b"", bytes(31), bytes(33)])
def test_a_file_key_of_another_length_is_refused(tmp_path, sealed, tuesday, raw):
    with pytest.raises(Invalid):
        open_file(sealed, tmp_path / "opened", key=raw, about=tuesday)
