"""Seal to somebody's public key. Nothing here can open what it has sealed.

Each record is HPKE (RFC 9180), single shot, base mode; header and context are its `info`. Base mode does not say
who sealed: whoever knows a public key can write to it, and what was written counts only with its row and receipt.
"""

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from studyportal import errors
from studyportal.sealing.context import Context
from studyportal.sealing.header import ENTRY, READER, header_bytes
from studyportal.sealing.keys import CLASSIC, HYBRID, PublicKey, ReadingKey, parsed_public
from studyportal.sealing.padding import pad


def seal(plaintext: bytes, *, to: PublicKey, about: Context, size: int | None = None) -> bytes:
    """Seal `plaintext` so that only the seed behind `to` opens it, and only as what `about` says.

    Padded to a multiple of 256 bytes, or to exactly `size` bytes (ON_DEMAND_SIZE for on-demand entries); the record
    is 1150 bytes longer than that. Raises errors.TooLarge when it does not fit, errors.Invalid for an unusable key.
    """
    header = header_bytes(ENTRY, to.id)
    padded = pad(plaintext, size=size)
    try:
        return header + HYBRID.encrypt(padded, parsed_public(to.raw), info=header + about.canonical)
    except ValueError:
        raise errors.Invalid("This public key cannot be sealed to.") from None


def seal_to_reader(plaintext: bytes, *, to: ReadingKey, about: Context) -> bytes:
    """Seal `plaintext` to a participant's reading key; the record is 62 bytes longer than the padded plaintext.

    X25519 alone, so the one link that is not post-quantum (docs/decisions/0002-sealed-formats.md says what that costs).
    Raises errors.Invalid for an unusable key.
    """
    header = header_bytes(READER, to.id)
    public = X25519PublicKey.from_public_bytes(to.raw)
    try:
        return header + CLASSIC.encrypt(pad(plaintext, size=None), public, info=header + about.canonical)
    except ValueError:
        raise errors.Invalid("This reading key cannot be sealed to.") from None
