"""Open an enrolment's entries and blocks with its seed.

An `Opener` keeps the parsed key for as long as it lives, inside closures: nothing that prints, logs or pickles an
object reaches it. Parsing the private key costs more than opening an entry, deriving the block key a thirtieth of
that, so each happens once, and only when something needs it.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, Suite

from studyportal import errors
from studyportal.sealing.context import Context
from studyportal.sealing.header import BLOCK, ENTRY, HEADER_SIZE, KEY_ID_SIZE, READER, header_bytes, key_id
from studyportal.sealing.keys import CLASSIC, HYBRID, HYBRID_KEY, SEED_SIZE, ReadingKey, private_halves, public_bytes
from studyportal.sealing.opening.symmetric import open_under
from studyportal.sealing.padding import pad, unpad
from studyportal.sealing.symmetric import KEY_SIZE, derived_key, seal_under


class Opener:
    """What the holder of a 96-byte seed can do; make one per enrolment and use it for all of its records.

    unseal(sealed, about=) -> bytes, open_block(sealed, about=) -> bytes, seal_block(plaintext, about=) -> bytes.
    Raises errors.CannotOpen, also when `seed` is none.
    """

    __slots__ = ("open_block", "seal_block", "unseal")

    def __init__(self, seed: bytes) -> None:
        if type(seed) is not bytes or len(seed) != SEED_SIZE:
            raise errors.CannotOpen
        entries = blocks = None

        def unseal(sealed: bytes, *, about: Context) -> bytes:
            nonlocal entries
            if entries is None:
                mlkem, x25519 = private_halves(seed)
                name = key_id(HYBRID_KEY, public_bytes(mlkem, x25519))
                entries = MLKEM768X25519PrivateKey(mlkem, x25519), header_bytes(ENTRY, name)
            private, header = entries
            return _opened(HYBRID, private, sealed, header=header, about=about)

        def under_blocks() -> BlockOpener:
            nonlocal blocks
            if blocks is None:
                blocks = BlockOpener(block_key(seed))
            return blocks

        def open_block(sealed: bytes, *, about: Context) -> bytes:
            return under_blocks().open_block(sealed, about=about)

        def seal_block(plaintext: bytes, *, about: Context) -> bytes:
            return under_blocks().seal_block(plaintext, about=about)

        self.unseal, self.open_block, self.seal_block = unseal, open_block, seal_block

    def __reduce__(self):
        raise TypeError(_STAYS)


def block_key(seed: bytes) -> bytes:
    """What opens and seals an enrolment's blocks and nothing else of it (40 bytes: a key and its id).

    For a process that folds nothing: from it nobody gets the seed, or a single entry. Raises errors.CannotOpen.
    """
    if type(seed) is not bytes or len(seed) != SEED_SIZE:
        raise errors.CannotOpen
    key, name = derived_key(seed, label=b"blocks")
    return key + name


class BlockOpener:
    """What the holder of a `block_key` can do: open_block(sealed, about=) and seal_block(plaintext, about=), both
    bytes.

    Raises errors.CannotOpen, also when `key` is none.
    """

    __slots__ = ("open_block", "seal_block")

    def __init__(self, key: bytes) -> None:
        if type(key) is not bytes or len(key) != KEY_SIZE + KEY_ID_SIZE:
            raise errors.CannotOpen
        cipher, header = AESGCM(key[:KEY_SIZE]), header_bytes(BLOCK, key[KEY_SIZE:])

        def open_block(sealed: bytes, *, about: Context) -> bytes:
            return unpad(open_under(cipher, sealed, header=header, about=about))

        def seal_block(plaintext: bytes, *, about: Context) -> bytes:
            return seal_under(cipher, pad(plaintext, size=None), header=header, about=about)

        self.open_block, self.seal_block = open_block, seal_block

    def __reduce__(self):
        raise TypeError(_STAYS)


_STAYS = "An opener holds a key and does not travel between processes."


def _opened(
    suite: Suite, private: MLKEM768X25519PrivateKey | X25519PrivateKey, sealed: bytes, *, header: bytes, about: Context
) -> bytes:
    if sealed[:HEADER_SIZE] != header:
        raise errors.CannotOpen
    try:
        return unpad(suite.decrypt(memoryview(sealed)[HEADER_SIZE:], private, info=header + about.canonical))
    except (InvalidTag, ValueError):
        raise errors.CannotOpen from None


def unseal(sealed: bytes, *, seed: bytes, about: Context) -> bytes:
    """The plaintext of one record that was sealed to `seed`'s public key. Raises errors.CannotOpen."""
    return Opener(seed).unseal(sealed, about=about)


def unseal_as_reader(sealed: bytes, *, reading_key: bytes, about: Context) -> bytes:
    """The plaintext of a record sealed to a participant's `reading_key` (32 private bytes). Raises
    errors.CannotOpen."""
    try:
        private = X25519PrivateKey.from_private_bytes(reading_key)
    except (TypeError, ValueError):
        raise errors.CannotOpen from None
    name = ReadingKey(private.public_key().public_bytes_raw()).id
    return _opened(CLASSIC, private, sealed, header=header_bytes(READER, name), about=about)


def open_block(sealed: bytes, *, seed: bytes, about: Context) -> bytes:
    """The plaintext of one block of the enrolment that `seed` belongs to. Raises errors.CannotOpen."""
    return Opener(seed).open_block(sealed, about=about)


def seal_block(plaintext: bytes, *, seed: bytes, about: Context) -> bytes:
    """Seal a block of many entries under the enrolment's seed: AES-256-GCM, padded to a multiple of 256 bytes."""
    return Opener(seed).seal_block(plaintext, about=about)
