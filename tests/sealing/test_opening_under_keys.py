"""Blocks, wrapped seeds and session secrets: each under its own key, as what it is, and not otherwise."""

import dataclasses
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.errors import CannotOpen, Invalid
from studyportal.sealing import Context, read_header, seal
from studyportal.sealing.file_keys import unwrap_file_key, wrap_file_key
from studyportal.sealing.header import HEADER_SIZE, SUITES
from studyportal.sealing.opening import (
    Opener,
    WrappingKey,
    new_kek,
    open_block,
    open_under_token,
    rewrap_seed,
    seal_block,
    unseal,
    unwrap_seed,
    wrap_seed,
)
from studyportal.sealing.sessions import new_token, seal_under_token, token_hash
from studyportal.sealing.symmetric import NONCE_SIZE

SECRET = b"thirty-two bytes of reading key!"
LOCKS = ["block", "wrapped", "token", "file key"]


def flips(sealed: bytes):
    """Every record that differs from `sealed` in one bit."""
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


@pytest.fixture(scope="module")
def kek():
    return new_kek()


@pytest.fixture
def locks(diary, kek, tuesday):
    """For each symmetric format: a sealed record, and what opens it given a record and a context."""
    token = new_token()
    opener = Opener(diary.seed)
    return {
        "block": (opener.seal_block(SECRET, about=tuesday), lambda s, c: opener.open_block(s, about=c), SECRET),
        "wrapped": (
            wrap_seed(diary.seed, kek=kek, about=tuesday),
            lambda s, c: unwrap_seed(s, kek=kek, about=c),
            diary.seed,
        ),
        "file key": (
            wrap_file_key(SECRET, by=kek.raw, about=tuesday),
            lambda s, c: unwrap_file_key(s, by=kek.raw, about=c),
            SECRET,
        ),
        "token": (seal_under_token(SECRET, token, tuesday), lambda s, c: open_under_token(s, token, c), SECRET),
    }


@pytest.mark.parametrize("name", LOCKS)
def test_it_opens_as_what_it_is(locks, tuesday, name):
    sealed, opens, plaintext = locks[name]

    assert opens(sealed, tuesday) == plaintext


@pytest.mark.parametrize("name", LOCKS)
def test_every_bit_flip_and_truncation_is_refused(locks, tuesday, name):
    sealed, opens, _ = locks[name]

    for changed in [*flips(sealed), *(sealed[:length] for length in range(len(sealed))), sealed + b"\0"]:
        with pytest.raises(CannotOpen, match="^This record cannot be opened.$"):
            opens(changed, tuesday)


@pytest.mark.parametrize("name", LOCKS)
@pytest.mark.parametrize("field", ["study", "enrolment", "kind", "id", "revision"])
def test_every_context_swap_is_refused(locks, tuesday, name, field):
    sealed, opens, _ = locks[name]

    elsewhere = dataclasses.replace(tuesday, **{field: 2 if field == "revision" else "other"})

    with pytest.raises(CannotOpen):
        opens(sealed, elsewhere)


@pytest.mark.parametrize("name", LOCKS)
@pytest.mark.parametrize("other", LOCKS)
def test_no_format_passes_for_another(locks, tuesday, name, other):
    sealed, opens = locks[name][0], locks[other][1]  # the KEK and the file wrapping key are the same 32 bytes here

    if name != other:
        with pytest.raises(CannotOpen):
            opens(sealed, tuesday)


@given(st.binary(max_size=3000))
@settings(deadline=None)
def test_a_block_comes_back_unchanged(diary, tuesday, plaintext):
    sealed = seal_block(plaintext, seed=diary.seed, about=tuesday)

    assert open_block(sealed, seed=diary.seed, about=tuesday) == plaintext
    assert (len(sealed) - 42) % 256 == 0


def test_one_opener_opens_entries_and_blocks_of_its_enrolment(diary, tuesday):
    opener = Opener(diary.seed)
    block = Context("MCP-1", "e-17", "block", "1")

    entries = [seal(bytes((n,)), to=diary.public, about=tuesday) for n in range(5)]

    assert [opener.unseal(entry, about=tuesday) for entry in entries] == [bytes((n,)) for n in range(5)]
    assert opener.open_block(opener.seal_block(b"all of them", about=block), about=block) == b"all of them"


def test_another_enrolment_opens_no_block(diary, somebody_else, tuesday):
    sealed = seal_block(SECRET, seed=diary.seed, about=tuesday)

    with pytest.raises(CannotOpen):
        open_block(sealed, seed=somebody_else.seed, about=tuesday)


def test_a_rewrapped_seed_opens_under_the_new_key_alone(diary, kek, tuesday):
    new = new_kek()

    rewrapped = rewrap_seed(wrap_seed(diary.seed, kek=kek, about=tuesday), old=kek, new=new, about=tuesday)

    assert unwrap_seed(rewrapped, kek=new, about=tuesday) == diary.seed
    with pytest.raises(CannotOpen):
        unwrap_seed(rewrapped, kek=kek, about=tuesday)


def test_an_erased_seed_does_not_come_back_from_an_old_copy(diary, kek, tuesday):
    """The keyring's copy from before is useless once the KEK has been rotated and the old one destroyed."""
    copy = wrap_seed(diary.seed, kek=kek, about=tuesday)

    keys_that_remain = [new_kek() for _ in range(3)]

    for remaining in keys_that_remain:
        with pytest.raises(CannotOpen):
            unwrap_seed(copy, kek=remaining, about=tuesday)


def test_a_wrapped_seed_still_opens_its_entries(diary, kek, tuesday):
    about = Context("MCP-1", "e-17", "seed:diary", "e-17")
    sealed = seal(SECRET, to=diary.public, about=tuesday)

    seed = unwrap_seed(wrap_seed(diary.seed, kek=kek, about=about), kek=kek, about=about)

    assert unseal(sealed, seed=seed, about=tuesday) == SECRET


def test_another_token_opens_nothing(tuesday):
    token, stolen = new_token(), new_token()

    sealed = seal_under_token(SECRET, token, tuesday)

    with pytest.raises(CannotOpen):
        open_under_token(sealed, stolen, tuesday)


def test_what_is_stored_of_a_token_does_not_open_its_secret(tuesday):
    token = new_token()
    sealed = seal_under_token(SECRET, token, tuesday)

    stored = token_hash(token)

    for guess in (stored.hex(), stored.decode("latin-1")):
        with pytest.raises(CannotOpen):
            open_under_token(sealed, guess, tuesday)


def test_tokens_are_long_and_never_the_same():
    tokens = {new_token() for _ in range(1000)}

    assert len(tokens) == 1000
    assert {len(token) for token in tokens} == {43} and {len(token_hash(token)) for token in tokens} == {32}


@pytest.mark.parametrize("raw", [b"", bytes(31), bytes(33), None, "x" * 32])
def test_what_is_no_key_encryption_key_is_refused(raw):
    with pytest.raises(Invalid):
        WrappingKey(raw)


@pytest.mark.parametrize("raw", [b"", bytes(31), bytes(33)])
def test_what_is_no_wrapping_key_wraps_no_file_key(tuesday, raw):
    with pytest.raises(Invalid):
        wrap_file_key(SECRET, by=raw, about=tuesday)


@pytest.mark.parametrize("length", [0, 95, 97])
def test_what_is_no_seed_is_not_wrapped(kek, tuesday, length):
    with pytest.raises(Invalid):
        wrap_seed(bytes(length), kek=kek, about=tuesday)


def test_a_key_encryption_key_does_not_print_itself():
    raw = os.urandom(32)

    shown = repr(WrappingKey(raw))

    assert repr(raw)[2:-1] not in shown and raw.hex() not in shown


def test_a_record_names_its_suite_and_key(diary, kek, tuesday):
    entry = read_header(seal(SECRET, to=diary.public, about=tuesday))
    wrapped = read_header(wrap_seed(diary.seed, kek=kek, about=tuesday))

    assert entry.key_id == diary.public.id and wrapped.key_id == kek.id
    assert entry.suite != wrapped.suite and {entry.suite, wrapped.suite} <= set(SUITES)


@pytest.mark.parametrize("place, value", [(0, 0x88), (3, 0), (4, 0), (4, 2), (4, 255), (5, 0), (5, len(SUITES) + 1)])
def test_an_unknown_magic_version_or_suite_names_nothing(diary, tuesday, place, value):
    sealed = bytearray(seal(SECRET, to=diary.public, about=tuesday))

    sealed[place] = value

    with pytest.raises(CannotOpen):
        read_header(bytes(sealed))


@pytest.mark.parametrize("name", LOCKS)
def test_no_nonce_comes_twice(diary, kek, tuesday, name):
    opener, token = Opener(diary.seed), new_token()
    seals = {
        "block": lambda: opener.seal_block(SECRET, about=tuesday),
        "wrapped": lambda: wrap_seed(diary.seed, kek=kek, about=tuesday),
        "token": lambda: seal_under_token(SECRET, token, tuesday),
        "file key": lambda: wrap_file_key(SECRET, by=kek.raw, about=tuesday),
    }

    nonces = {seals[name]()[HEADER_SIZE : HEADER_SIZE + NONCE_SIZE] for _ in range(100)}

    assert len(nonces) == 100


@given(st.binary(max_size=40))
def test_noise_names_nothing(noise):
    with pytest.raises(CannotOpen):
        read_header(noise)
