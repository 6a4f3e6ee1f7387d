"""Judge, hash and check the passphrases of staff.

Offline: length, and a few rules against what is guessed first. Refuses the study's and the account's own words.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import Type

from studyportal.errors import Invalid

# ASVS 5.0, 6.2.9 and NIST SP 800-63B-4, 3.1.1.2: 15 where the passphrase stands alone; long ones are welcome.
SHORTEST, LONGEST = 15, 128
FEWEST_DIFFERENT = 6

# OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)

# What is tried first: runs of the keyboard and the alphabet, and the stems of nearly every breached passphrase.
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "1qaz2wsx3edc4rfv",
)
_COMMON = [
    "password",
    "passwort",
    "passphrase",
    "letmein",
    "welcome",
    "admin",
    "administrator",
    "iloveyou",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "sunshine",
    "princess",
    "master",
    "shadow",
    "superman",
    "batman",
    "trustno",
    "correcthorsebatterystaple",
    "changeme",
    "secret",
    "login",
    "access",
]
_SENTENCE = "This passphrase would be guessed soon."


def check_passphrase(passphrase: str, *, own_words: Iterable[str]) -> str:
    """The passphrase in its one form (NFKC), or `Invalid`. `own_words` are names that a guesser knows."""
    form = unicodedata.normalize("NFKC", passphrase)
    if len(form) < SHORTEST:
        raise Invalid(f"Use at least {SHORTEST} characters; four or five random words do.")
    if len(form) > LONGEST:
        raise Invalid(f"Use at most {LONGEST} characters.")
    # What is left when everything guessable is taken out must still be long enough to resist.
    left = re.sub(r"[\W_]", "", form.casefold())
    for word in sorted({*_COMMON, *_folded(own_words)}, key=len, reverse=True):
        left = left.replace(word, "")
    left = _without_runs(_without_repeats(left))
    if len(left) < SHORTEST // 2 + 1 or len(set(left)) < FEWEST_DIFFERENT:
        raise Invalid(f"{_SENTENCE} Leave out names, sequences and repeats; four or five random words do.")
    return form


def hash_passphrase(passphrase: str) -> str:
    """The Argon2id hash to be stored, with its salt and parameters."""
    return _HASHER.hash(_bytes(passphrase))


def is_passphrase(passphrase: str, stored: str | None) -> bool:
    """Whether it is the right one. For nobody's account (None), or one that has none yet, it takes as long and says no.

    `warm_up` must have run, or the first unknown name takes twice as long.
    """
    try:
        right = _HASHER.verify(stored or _dummy(), _bytes(passphrase))
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
    return right and bool(stored)


def warm_up() -> None:
    """Make the hash that stands in for unknown accounts."""
    _dummy()


def _bytes(passphrase: str) -> bytes:
    return unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")


@cache
def _dummy() -> str:
    return _HASHER.hash("nobody's passphrase, hashed so that an unknown name takes as long as a known one")


def _folded(words: Iterable[str]) -> Iterable[str]:
    for word in words:
        for part in re.split(r"[\W_]+", word.casefold()):
            if len(part) >= 3:
                yield part


def _without_repeats(text: str) -> str:
    r""" "aaaa" is worth "a", "abcabcabc" is worth "abc"."""
    return re.sub(r"(.{1,40}?)\1+", r"\1", text)


def _without_runs(text: str) -> str:
    """A run of four or more neighbours, in either direction, is worth its first character."""
    for run in _RUNS:
        for line in (run, run[::-1]):
            for length in range(len(line), 3, -1):
                for start in range(len(line) - length + 1):
                    text = text.replace(line[start : start + length], line[start])
    return text
