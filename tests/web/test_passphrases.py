"""A passphrase of staff must resist a guesser who knows the study, the name and the usual lists."""

import pytest

from studyportal.errors import Invalid
from studyportal.web.sign_in.passphrases import LONGEST, check_passphrase, hash_passphrase, is_passphrase

OWN = ["Microdosing and chronic pain", "MCP-1", "Dr Ada Lindqvist"]

GOOD = [
    "marble-cactus-violin-harbor",
    "seven yellow boats at dawn",
    "xK9#vQ2m!Lp7@wZ4",
    "Zwölf Boxkämpfer jagen Viktor",
    "雨が降るときは本を読むのが好きです",
]
GUESSED = {
    "too short": "aB3$xY9!kL2",
    "one letter": "a" * 20,
    "a repeat": "abcabcabcabcabcabc",
    "a repeated word": "harborharborharborharbor",
    "the alphabet": "abcdefghijklmnopqrs",
    "backwards": "zyxwvutsrqponmlkj",
    "digits": "12345678901234567890",
    "the keyboard": "qwertyuiopasdfghjkl",
    "a common word": "password1234567890",
    "common words": "Letmein-Welcome-Admin!",
    "a known phrase": "correct horse battery staple",
    "the study": "microdosing-chronic-pain-1",
    "the name": "Ada-Lindqvist-Lindqvist-1",
    "spaces": " " * 20,
    "too long": "marble cactus violin harbor " * 6,
}


@pytest.mark.parametrize("passphrase", GOOD)
def test_random_words_are_taken(passphrase: str) -> None:
    assert check_passphrase(passphrase, own_words=OWN)


@pytest.mark.parametrize("weakness", GUESSED)
def test_what_is_guessed_first_is_refused_without_being_repeated(weakness: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_passphrase(GUESSED[weakness], own_words=OWN)

    assert GUESSED[weakness].strip().casefold()[:12] not in refusal.value.sentence.casefold() or weakness == "spaces"


def test_the_longest_is_taken() -> None:
    words = " ".join(f"{a}{b}ok" for a in "bcdfghjk" for b in "aeiou")[:LONGEST]

    assert check_passphrase(words, own_words=[]) == words


def test_a_passphrase_is_the_same_however_its_letters_are_composed() -> None:
    composed, decomposed = "zw\u00f6lf graue Tauben fliegen", "zwo\u0308lf graue Tauben fliegen"

    assert is_passphrase(decomposed, hash_passphrase(composed))


def test_a_passphrase_fits_its_own_hash_only() -> None:
    stored = hash_passphrase(GOOD[0])

    assert is_passphrase(GOOD[0], stored)
    assert not is_passphrase(GOOD[1], stored)
    assert not is_passphrase(GOOD[0] + "x", stored)
    assert not is_passphrase(GOOD[0], None)
    assert not is_passphrase(GOOD[0], "not a hash")
    assert hash_passphrase(GOOD[0]) != stored
