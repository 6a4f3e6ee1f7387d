"""Seal under a key that both sides hold: header, nonce, AES-256-GCM, with header and context as associated data.

The nonce is random and no argument: a caller who could choose it could repeat it, and one repetition breaks GCM.
At 96 bits a key seals 2**32 records before a repetition becomes likelier than 2**-32 (NIST SP 800-38D, 8.3).
"""

import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from studyportal.sealing.context import Context, framed
from studyportal.sealing.header import KEY_ID_SIZE

KEY_SIZE = 32
NONCE_SIZE = 12


def derived(secret: bytes, *, label: bytes, length: int = KEY_SIZE) -> bytes:
    """`length` bytes by HKDF-SHA256 from `secret`, which must have full entropy; labels give independent bytes."""
    return HKDF(hashes.SHA256(), length, salt=None, info=framed(b"studyportal key 1", label)).derive(secret)


def derived_key(secret: bytes, *, label: bytes) -> tuple[bytes, bytes]:
    """A key of 32 bytes and the 8-byte id that records name it by, both from `secret`; the id says nothing of the
    key."""
    both = derived(secret, label=label, length=KEY_SIZE + KEY_ID_SIZE)
    return both[:KEY_SIZE], both[KEY_SIZE:]


def seal_under(cipher: AESGCM, plaintext: bytes, *, header: bytes, about: Context) -> bytes:
    """`plaintext` sealed by `cipher`; 42 bytes longer with its header, nonce and tag."""
    nonce = secrets.token_bytes(NONCE_SIZE)
    return header + nonce + cipher.encrypt(nonce, plaintext, header + about.canonical)
