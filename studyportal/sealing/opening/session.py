"""Open what a session keeps, with the token that only the participant's browser has."""

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from studyportal.sealing.context import Context
from studyportal.sealing.header import TOKEN, header_bytes
from studyportal.sealing.opening.symmetric import open_under
from studyportal.sealing.padding import unpad
from studyportal.sealing.sessions import token_key


def open_under_token(sealed: bytes, token: str, about: Context) -> bytes:
    """The secret that `seal_under_token` sealed under `token`. Raises errors.CannotOpen."""
    key, name = token_key(token)
    return unpad(open_under(AESGCM(key), sealed, header=header_bytes(TOKEN, name), about=about))
