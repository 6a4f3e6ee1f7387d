"""Wrap the key of one file under a key that its readers hold, so that each file has a key of its own.

Both directions are here: who reads files needs to unwrap, and may hold nothing of `opening`.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from studyportal import errors
from studyportal.sealing.context import Context
from studyportal.sealing.header import HEADER_SIZE, WRAPPED, header_bytes, key_id
from studyportal.sealing.symmetric import KEY_SIZE, NONCE_SIZE, seal_under


def _header(by: bytes) -> bytes:
    if len(by) != KEY_SIZE:
        raise errors.Invalid("A wrapping key is 32 random bytes.")
    return header_bytes(WRAPPED, key_id(b"file wrapping", by))


def wrap_file_key(key: bytes, *, by: bytes, about: Context) -> bytes:
    """`key` sealed under `by` (32 bytes). Raises errors.Invalid for another length of `by`."""
    header = _header(by)
    return seal_under(AESGCM(by), key, header=header, about=about)


def unwrap_file_key(wrapped: bytes, *, by: bytes, about: Context) -> bytes:
    """The key inside. Raises errors.CannotOpen, also when another key wrapped it."""
    header, body = _header(by), HEADER_SIZE + NONCE_SIZE
    if wrapped[:HEADER_SIZE] != header:
        raise errors.CannotOpen
    try:
        return AESGCM(by).decrypt(wrapped[HEADER_SIZE:body], wrapped[body:], header + about.canonical)
    except (InvalidTag, ValueError):
        raise errors.CannotOpen from None
