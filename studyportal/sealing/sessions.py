"""Session tokens: 256 random bits for the browser or app, a hash for the database, a seal for what a session needs.

The database never has the token, so neither a copy of it nor the server at rest opens what is sealed under it.
"""

import base64
import hashlib
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from studyportal.sealing.context import Context, framed
from studyportal.sealing.header import TOKEN, header_bytes
from studyportal.sealing.padding import pad
from studyportal.sealing.symmetric import derived_key, seal_under


def new_token() -> str:
    """A token of 256 random bits as 43 characters that are safe in a cookie, header or URL."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """The 32 bytes to be stored and looked up. No slow hash: nobody guesses 256 bits."""
    return hashlib.sha256(framed(b"studyportal token 1", token.encode())).digest()


def token_bytes(token: str) -> bytes:
    """The 32 random bytes of a token, where they are asked for as such: a passkey signs them."""
    return base64.urlsafe_b64decode(token + "=")


def token_key(token: str) -> tuple[bytes, bytes]:
    """The key (32 bytes) that a token yields, and its id; independent of `token_hash`."""
    return derived_key(token.encode(), label=b"session")


def seal_under_token(secret: bytes, token: str, about: Context) -> bytes:
    """Seal a session's `secret` (such as a reading key) so that only the bearer of `token` opens it."""
    key, name = token_key(token)
    return seal_under(AESGCM(key), pad(secret, size=None), header=header_bytes(TOKEN, name), about=about)
