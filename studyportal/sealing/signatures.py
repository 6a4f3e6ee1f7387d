"""Signatures that say what they sign, and commitments that nobody can guess.

A signature covers a label beside the message, so that a receipt never passes for a grant. A commitment hides its
body behind a random blind: ten ratings alone fall to trying all of them. Private keys are parsed for each call or
kept inside a `Signer`; no repr shows them.
"""

import functools
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from studyportal import errors
from studyportal.sealing.context import framed

BLIND_SIZE = 32
_REFUSED = "This signature does not belong to this text."


def _signed(label: str, message: bytes) -> bytes:
    return framed(b"studyportal signature 1", label.encode(), message)


def _private(key: bytes) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(key)
    except (TypeError, ValueError):
        raise errors.Invalid("A signing key is 32 bytes long.") from None


class Signer:
    """Signs often with one key: `Signer(key).sign(label, message)`. Parsing an Ed25519 seed costs as much as
    signing."""

    __slots__ = ("public", "sign")

    def __init__(self, key: bytes) -> None:
        private = _private(key)
        self.public = private.public_key().public_bytes_raw()
        self.sign = lambda label, message: private.sign(_signed(label, message))  # the key lives in the closure only


def sign(label: str, message: bytes, *, key: bytes) -> bytes:
    """64 bytes of Ed25519 over `label` and `message` by the 32-byte seed `key`. Raises errors.Invalid for another
    length."""
    return _private(key).sign(_signed(label, message))


@functools.lru_cache(maxsize=1024)
def _public(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


def verify(label: str, message: bytes, signature: bytes, *, public: bytes) -> None:
    """Return if `signature` is by the holder of `public` (32 bytes) over exactly this; else raise errors.CannotOpen."""
    try:
        _public(public).verify(signature, _signed(label, message))
    except (InvalidSignature, TypeError, ValueError):
        raise errors.CannotOpen(_REFUSED) from None


def public_of(key: bytes) -> bytes:
    """The 32 public bytes that belong to the 32-byte seed `key`. Raises errors.Invalid for another length."""
    return _private(key).public_key().public_bytes_raw()


def commitment(blind: bytes, body: bytes) -> bytes:
    """32 bytes that stand for `body` and tell nothing of it without `blind`. Raises errors.Invalid unless it has 32
    bytes."""
    if len(blind) != BLIND_SIZE:
        raise errors.Invalid("A blind is 32 random bytes.")
    return hashlib.sha256(framed(b"studyportal commitment 1", blind, body)).digest()
