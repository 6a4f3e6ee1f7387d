"""Seal a secret that a room keeps for itself, such as what an authenticator app shares with it, and open it there.

Both directions are here, because the room that seals is the room that opens: its own secret key is what the sealing
key is derived from. So a copy of the database alone opens nothing.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from studyportal import errors
from studyportal.sealing.context import Context
from studyportal.sealing.header import HEADER_SIZE, ROOM, header_bytes
from studyportal.sealing.padding import pad, unpad
from studyportal.sealing.symmetric import KEY_SIZE, NONCE_SIZE, derived_key, seal_under

_BODY = HEADER_SIZE + NONCE_SIZE


def _cipher(room_key: str) -> tuple[AESGCM, bytes]:
    """The cipher, and the header that names its key. Raises errors.Invalid for a key that cannot be a room's."""
    if len(room_key) < KEY_SIZE:
        raise errors.Invalid("A room's secret key has 32 random bytes.")
    key, name = derived_key(room_key.encode(), label=b"room secrets")
    return AESGCM(key), header_bytes(ROOM, name)


def seal_for_room(secret: bytes, *, room_key: str, about: Context) -> bytes:
    """`secret` sealed under the room's secret key (as its settings file has it)."""
    cipher, header = _cipher(room_key)
    return seal_under(cipher, pad(secret, size=None), header=header, about=about)


def open_for_room(sealed: bytes, *, room_key: str, about: Context) -> bytes:
    """The secret inside. Raises errors.CannotOpen, also when the room has another secret key by now."""
    cipher, header = _cipher(room_key)
    if sealed[:HEADER_SIZE] != header:
        raise errors.CannotOpen
    try:
        return unpad(cipher.decrypt(sealed[HEADER_SIZE:_BODY], sealed[_BODY:], header + about.canonical))
    except (InvalidTag, ValueError):
        raise errors.CannotOpen from None
