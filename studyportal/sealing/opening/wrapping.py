"""Keep enrolments' seeds under custody's key-encryption key (KEK).

A wrapped seed names its KEK. Destroy the wrapped seed and the KEK that it was under, and every copy of every record of
that enrolment is noise; everybody else's seeds are re-wrapped first (docs/decisions/0003-keyring-forward-secrecy.md).
"""

import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from studyportal import errors
from studyportal.sealing.context import Context
from studyportal.sealing.header import WRAPPED, header_bytes, key_id
from studyportal.sealing.keys import SEED_SIZE
from studyportal.sealing.opening.symmetric import open_under
from studyportal.sealing.symmetric import KEY_SIZE, seal_under


@dataclass(frozen=True, slots=True)
class WrappingKey:
    """A KEK: 32 random bytes with the id that wrapped seeds name. Raises errors.Invalid for another length."""

    raw: bytes = field(repr=False)
    id: bytes = field(init=False, compare=False)
    _cipher: AESGCM = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if type(self.raw) is not bytes or len(self.raw) != KEY_SIZE:
            raise errors.Invalid("A key-encryption key is 32 random bytes.")
        object.__setattr__(self, "id", key_id(b"kek", self.raw))
        object.__setattr__(self, "_cipher", AESGCM(self.raw))


def new_kek() -> WrappingKey:
    """A key-encryption key made now from the operating system's randomness."""
    return WrappingKey(secrets.token_bytes(KEY_SIZE))


def wrap_seed(seed: bytes, *, kek: WrappingKey, about: Context) -> bytes:
    """A 96-byte seed sealed under `kek` (138 bytes). Raises errors.Invalid for anything that is no seed."""
    if len(seed) != SEED_SIZE:
        raise errors.Invalid("A seed is 96 bytes long.")
    return seal_under(kek._cipher, seed, header=header_bytes(WRAPPED, kek.id), about=about)


def unwrap_seed(wrapped: bytes, *, kek: WrappingKey, about: Context) -> bytes:
    """The seed inside `wrapped`. Raises errors.CannotOpen, also when it was wrapped under another KEK."""
    return open_under(kek._cipher, wrapped, header=header_bytes(WRAPPED, kek.id), about=about)


def rewrap_seed(wrapped: bytes, *, old: WrappingKey, new: WrappingKey, about: Context) -> bytes:
    """The same seed under the `new` KEK. Raises errors.CannotOpen when `old` does not open it."""
    return wrap_seed(unwrap_seed(wrapped, kek=old, about=about), kek=new, about=about)
