"""Six words that are a participant's own key: what signs in, what reads, and what signs the consent.

Generated, never chosen: six words of the EFF long list are 77 bits. One Argon2id gives everything; nothing of it
is stored but a hash of the verifier, so the database neither signs in nor reads.
"""

import functools
import hashlib
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from xkcdpass import xkcd_password

from studyportal import errors
from studyportal.sealing import signatures
from studyportal.sealing.context import framed
from studyportal.sealing.keys import ReadingKey
from studyportal.sealing.symmetric import derived

WORDS = 6
SALT_SIZE = 16
MAX_LENGTH = 256  # characters; the longest six words have 59, and Argon2 should not be fed megabytes
_LIST_SIZE = 7776  # EFF long list: one word for five throws of a die

# OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1

T = TypeVar("T")


class Chance(Protocol):
    """What picks the words: `secrets`, or a seeded `random.Random` in a test or demonstration."""

    def choice(self, options: Sequence[T], /) -> T: ...


@functools.cache
def _words() -> tuple[str, ...]:
    """The EFF long list, sorted so that a seeded chance gives the same words everywhere."""
    words = xkcd_password.generate_wordlist(xkcd_password.locate_wordfile("eff-long"), min_length=1, max_length=40)
    if len(words) != _LIST_SIZE:
        raise errors.Unsafe("The word list for passphrases is missing or not the EFF long list.")
    return tuple(sorted(words))


def generate_passphrase(rng: Chance = secrets) -> str:
    """Six words with spaces between them, to be shown once."""
    return " ".join(rng.choice(_words()) for _ in range(WORDS))


def normalise(passphrase: str) -> str:
    """The one form of what people type: compatible letters, lower case, single spaces also for hyphens, dots and
    commas.

    Raises errors.Invalid for more than 256 characters or for text that is none (lone surrogates).
    """
    if len(passphrase) > MAX_LENGTH:
        raise errors.Invalid("A passphrase is six words.")
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", passphrase).casefold())
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise errors.Invalid("A passphrase is six words.")
    return " ".join("".join(character if character.isalnum() else " " for character in text).split())


@dataclass(frozen=True, slots=True)
class Root:
    """What one passphrase yields, 32 bytes each; only the two public halves and `verifier_hash` may be stored."""

    verifier: bytes = field(repr=False)
    reading_key: bytes = field(repr=False)
    reading_public: ReadingKey = field(repr=False)
    consent_key: bytes = field(repr=False)
    consent_public: bytes = field(repr=False)

    @property
    def verifier_hash(self) -> bytes:
        """What the database keeps to recognise the passphrase: 32 bytes; compare with hmac.compare_digest."""
        return hashlib.sha256(framed(b"studyportal verifier 1", self.verifier)).digest()


def derive(passphrase: str, *, salt: bytes) -> Root:
    """Everything that `passphrase` yields with this participant's own `salt` (16 random bytes); about 25 ms.

    A wrong passphrase gives another Root and no error: it is its verifier that nobody knows.
    """
    if len(salt) != SALT_SIZE:
        raise errors.Invalid("A salt is 16 random bytes.")
    secret = hash_secret_raw(
        normalise(passphrase).encode(), salt, _PASSES, _MEMORY_KIB, _LANES, hash_len=32, type=Type.ID
    )
    reading_key = derived(secret, label=b"reading")
    consent_key = derived(secret, label=b"consent")
    reading_public = X25519PrivateKey.from_private_bytes(reading_key).public_key().public_bytes_raw()
    return Root(
        verifier=derived(secret, label=b"verifier"),
        reading_key=reading_key,
        reading_public=ReadingKey(reading_public),
        consent_key=consent_key,
        consent_public=signatures.public_of(consent_key),
    )
