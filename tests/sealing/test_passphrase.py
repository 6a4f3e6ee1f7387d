"""Six words give back the same keys however they are typed, and other words give others."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xkcdpass import xkcd_password

from studyportal.errors import CannotOpen, Invalid, Unsafe
from studyportal.sealing import Context, seal_to_reader
from studyportal.sealing.opening import unseal_as_reader
from studyportal.sealing.passphrase import MAX_LENGTH, WORDS, _words, derive, generate_passphrase, normalise
from studyportal.sealing.signatures import sign, verify

SALT = bytes(range(16))
PASSPHRASE = "oxidant alias bulk flashcard sanctuary unsecured"


@pytest.fixture(scope="module")
def root():
    return derive(PASSPHRASE, salt=SALT)


def test_a_passphrase_is_six_words_of_the_list():
    words = generate_passphrase(random.Random(7)).split(" ")

    assert len(words) == WORDS and set(words) <= set(_words())


def test_the_list_is_the_long_one():
    words = _words()

    assert len(set(words)) == 7776 and "zoom" in words


def test_a_shorter_list_is_not_used_in_its_place(monkeypatch):
    short = xkcd_password.locate_wordfile("eff-short")
    monkeypatch.setattr(xkcd_password, "locate_wordfile", lambda _: short)

    with pytest.raises(Unsafe):
        _words.__wrapped__()


def test_a_passphrase_is_different_each_time_unless_chance_is_seeded():
    fresh = {generate_passphrase() for _ in range(200)}
    seeded = {generate_passphrase(random.Random(7)) for _ in range(3)}

    assert len(fresh) == 200 and len(seeded) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "Oxidant Alias Bulk Flashcard Sanctuary Unsecured",
        "  oxidant  alias\tbulk\nflashcard sanctuary unsecured ",
        "oxidant-alias-bulk-flashcard-sanctuary-unsecured",
        "oxidant, alias, bulk, flashcard, sanctuary, unsecured.",
        "\uff4f\uff58\uff49\uff44\uff41\uff4e\uff54 alias bulk flashcard sanctuary unsecured",
    ],
)
def test_the_ways_people_type_it_are_one_passphrase(typed):
    assert normalise(typed) == PASSPHRASE


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_normalising_again_changes_nothing(typed):
    once = normalise(typed)

    assert len(once) > MAX_LENGTH or normalise(once) == once


def test_every_generated_passphrase_survives_normalising():
    squeezed = {normalise(word) for word in _words()}

    assert len(squeezed) == 7776


@pytest.mark.parametrize("typed", ["x" * (MAX_LENGTH + 1), "caf\ud800"])
def test_what_nobody_could_have_been_given_is_refused_before_the_slow_part(typed):
    with pytest.raises(Invalid):
        derive(typed, salt=SALT)


@pytest.mark.parametrize("salt", [b"", bytes(15), bytes(17)])
def test_a_salt_of_another_length_is_refused(salt):
    with pytest.raises(Invalid):
        derive(PASSPHRASE, salt=salt)


def test_the_same_passphrase_gives_the_same_keys(root):
    again = derive(PASSPHRASE.upper(), salt=SALT)

    assert again == root and again.verifier_hash == root.verifier_hash


def test_everything_that_one_passphrase_yields_is_different(root):
    parts = [root.verifier, root.verifier_hash, root.reading_key, root.reading_public.raw, root.consent_key]

    assert len({*parts, root.consent_public}) == 6 and {len(part) for part in parts} == {32}


@pytest.mark.parametrize("passphrase, salt", [(PASSPHRASE + "x", SALT), ("", SALT), (PASSPHRASE, bytes(16))])
def test_a_wrong_passphrase_or_salt_shares_nothing(root, passphrase, salt):
    other = derive(passphrase, salt=salt)

    assert other.verifier_hash != root.verifier_hash
    assert other.reading_public != root.reading_public and other.consent_public != root.consent_public


def test_a_wrong_passphrase_reads_nothing(root):
    about = Context("MCP-1", "e-17", "seed:diary", "e-17")
    sealed = seal_to_reader(bytes(96), to=root.reading_public, about=about)

    wrong = derive("six other words that are wrong", salt=SALT)

    with pytest.raises(CannotOpen):
        unseal_as_reader(sealed, reading_key=wrong.reading_key, about=about)


def test_consent_signed_with_a_wrong_passphrase_does_not_hold(root):
    statement = b"form 1.2, all scopes"

    wrong = derive("six other words that are wrong", salt=SALT)

    verify("consent", statement, sign("consent", statement, key=root.consent_key), public=root.consent_public)
    with pytest.raises(CannotOpen):
        verify("consent", statement, sign("consent", statement, key=wrong.consent_key), public=root.consent_public)
