"""The public halves of keys, and the making of new pairs.

An enrolment has one pair per domain; its private half is a 96-byte seed. Public keys are parsed when they are
made, so that inside there are only usable ones. No repr shows a seed, and parsed private keys are kept nowhere here.
"""

import functools
import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey, Suite

from studyportal import errors
from studyportal.sealing.header import key_id

DOMAINS = ("diary", "contact", "consent")

HYBRID_KEY, READING_KEY = b"hybrid", b"reader"  # what key ids are made under

HYBRID = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
CLASSIC = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

# ML-KEM-768 as FIPS 203 section 8 gives it: encapsulation key 1184 bytes, seed 64; X25519 (RFC 7748): 32 and 32.
_MLKEM_PUBLIC, _MLKEM_SEED, _X25519 = 1184, 64, 32
PUBLIC_SIZE = _MLKEM_PUBLIC + _X25519
SEED_SIZE = _MLKEM_SEED + _X25519


@functools.lru_cache(maxsize=1024)
def parsed_public(raw: bytes) -> MLKEM768X25519PublicKey:
    """The usable form of a public key of 1216 bytes; about 6 KB each, so that the cache stays below 10 MB."""
    mlkem = MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC])
    return MLKEM768X25519PublicKey(mlkem, X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC:]))


def private_halves(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """The usable forms of a 96-byte seed. Never cached: whoever holds them decides for how long."""
    mlkem = MLKEM768PrivateKey.from_seed_bytes(seed[:_MLKEM_SEED])
    return mlkem, X25519PrivateKey.from_private_bytes(seed[_MLKEM_SEED:])


def public_bytes(mlkem: MLKEM768PrivateKey, x25519: X25519PrivateKey) -> bytes:
    """The 1216 public bytes that belong to the two private halves."""
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


@dataclass(frozen=True, slots=True)
class PublicKey:
    """To whom a record is sealed: 1216 bytes, ML-KEM-768 then X25519. Raises errors.Invalid for anything else."""

    raw: bytes = field(repr=False)
    id: bytes = field(init=False, compare=False)

    def __post_init__(self) -> None:
        try:
            if len(self.raw) != PUBLIC_SIZE:
                raise ValueError
            parsed_public(self.raw)
        except (TypeError, ValueError):
            raise errors.Invalid("This is not a public key of an enrolment.") from None
        object.__setattr__(self, "id", key_id(HYBRID_KEY, self.raw))


@dataclass(frozen=True, slots=True)
class ReadingKey:
    """The public half of a participant's reading key: 32 bytes (X25519). Raises errors.Invalid for anything else."""

    raw: bytes = field(repr=False)
    id: bytes = field(init=False, compare=False)

    def __post_init__(self) -> None:
        if type(self.raw) is not bytes or len(self.raw) != _X25519:
            raise errors.Invalid("This is not a reading key.")
        object.__setattr__(self, "id", key_id(READING_KEY, self.raw))


@dataclass(frozen=True, slots=True)
class Pair:
    """A fresh pair: the private half as a seed (96 bytes: 64 for ML-KEM, 32 for X25519) and its public key."""

    seed: bytes = field(repr=False)
    public: PublicKey


def public_of(seed: bytes) -> PublicKey:
    """The public key that belongs to a 96-byte seed."""
    return PublicKey(public_bytes(*private_halves(seed)))


def new_pair() -> Pair:
    """A pair made now from the operating system's randomness; there is no way to choose its seed."""
    seed = secrets.token_bytes(SEED_SIZE)
    return Pair(seed, PublicKey(public_bytes(*private_halves(seed))))
