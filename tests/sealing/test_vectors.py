"""What was ever sealed still opens: one vector per format and version, kept for ever."""

import json
from pathlib import Path

import pytest

from studyportal.sealing import Context, PublicKey, read_header
from studyportal.sealing.file_keys import unwrap_file_key
from studyportal.sealing.files import open_file
from studyportal.sealing.header import SUITES
from studyportal.sealing.opening import (
    Opener,
    WrappingKey,
    open_block,
    open_under_token,
    unseal,
    unseal_as_reader,
    unwrap_seed,
)
from studyportal.sealing.passphrase import derive
from studyportal.sealing.room_secrets import open_for_room
from studyportal.sealing.sessions import token_hash
from studyportal.sealing.signatures import commitment, public_of, sign, verify

VECTORS = Path(__file__).parent / "vectors"


class Vector:
    """One file: its text fields as they are, its bytes from hex."""

    def __init__(self, path: Path) -> None:
        self.fields = json.loads(path.read_text(encoding="utf-8"))
        self.about = Context(**self.fields["about"])

    def __getattr__(self, name: str) -> bytes:
        return bytes.fromhex(self.fields[name])


def context(vector, _):
    assert vector.about.canonical == vector.canonical


def entry(vector, _):
    public = PublicKey(vector.public)

    assert unseal(vector.sealed, seed=vector.seed, about=vector.about) == vector.plaintext
    assert public.id == vector.key_id == read_header(vector.sealed).key_id


def on_demand(vector, _):
    assert Opener(vector.seed).unseal(vector.sealed, about=vector.about) == vector.plaintext
    assert len(vector.sealed) == 4096 + 1150


def block(vector, _):
    assert open_block(vector.sealed, seed=vector.seed, about=vector.about) == vector.plaintext


def reader(vector, _):
    opened = unseal_as_reader(vector.sealed, reading_key=vector.reading_key, about=vector.about)

    assert opened == vector.plaintext


def wrapped(vector, _):
    kek = WrappingKey(vector.kek)

    assert unwrap_seed(vector.sealed, kek=kek, about=vector.about) == vector.plaintext
    assert kek.id == vector.key_id == read_header(vector.sealed).key_id


def token(vector, _):
    written = vector.fields["token"]

    assert open_under_token(vector.sealed, written, vector.about) == vector.plaintext
    assert token_hash(written) == vector.token_hash


def file(vector, folder):
    (folder / "sealed").write_bytes(vector.sealed)

    open_file(folder / "sealed", folder / "opened", key=vector.key, about=vector.about)

    assert (folder / "opened").read_bytes() == vector.plaintext


def file_key(vector, _):
    assert unwrap_file_key(vector.sealed, by=vector.by, about=vector.about) == vector.plaintext


def room(vector, _):
    assert open_for_room(vector.sealed, room_key=vector.fields["room_key"], about=vector.about) == vector.plaintext


def signature(vector, _):
    label = vector.fields["label"]

    verify(label, vector.plaintext, vector.signature, public=vector.public)

    assert sign(label, vector.plaintext, key=vector.key) == vector.signature
    assert public_of(vector.key) == vector.public


def commitment_(vector, _):
    assert commitment(vector.blind, vector.plaintext) == vector.commitment


def passphrase(vector, _):
    root = derive(vector.fields["passphrase"], salt=vector.salt)

    for name in ("verifier", "verifier_hash", "reading_key", "consent_key", "consent_public"):
        assert getattr(root, name) == getattr(vector, name), name
    assert root.reading_public.raw == vector.reading_public


OPENS = {
    "block-1": block,
    "commitment-1": commitment_,
    "context-1": context,
    "entry-1": entry,
    "file-1": file,
    "file-key-1": file_key,
    "on-demand-1": on_demand,
    "passphrase-1": passphrase,
    "reader-1": reader,
    "room-1": room,
    "signature-1": signature,
    "token-1": token,
    "wrapped-1": wrapped,
}


@pytest.mark.parametrize("name", OPENS)
def test_a_vector_written_long_ago_still_holds(tmp_path, name):
    vector = Vector(VECTORS / f"{name}.json")

    OPENS[name](vector, tmp_path)


def test_no_vector_is_missing_or_unread():
    assert {path.stem for path in VECTORS.glob("*.json")} == set(OPENS)


def test_every_suite_has_a_vector():
    vectors = [Vector(VECTORS / f"{name}.json") for name in OPENS]

    covered = {read_header(vector.sealed).suite for vector in vectors if "sealed" in vector.fields}

    assert covered == set(SUITES)
