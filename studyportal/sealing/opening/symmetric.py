"""Open what `sealing.symmetric` sealed. The caller says which header must stand there; any other is refused."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from studyportal import errors
from studyportal.sealing.context import Context
from studyportal.sealing.header import HEADER_SIZE
from studyportal.sealing.symmetric import NONCE_SIZE

_BODY = HEADER_SIZE + NONCE_SIZE


def open_under(cipher: AESGCM, sealed: bytes, *, header: bytes, about: Context) -> bytes:
    """The plaintext of `sealed`, which must begin with `header`. Raises errors.CannotOpen."""
    if sealed[:HEADER_SIZE] != header:
        raise errors.CannotOpen
    try:
        body = memoryview(sealed)[_BODY:]  # a view, so that a large block is not copied before it is opened
        return cipher.decrypt(sealed[HEADER_SIZE:_BODY], body, header + about.canonical)
    except (InvalidTag, ValueError):
        raise errors.CannotOpen from None
