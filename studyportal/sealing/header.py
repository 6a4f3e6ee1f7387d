"""The first fourteen bytes of everything sealed: magic, format version, suite, key id.

The header names the key, so no key is ever tried, and it is bound into the seal, so no bit of it can change. An
unknown magic, version or suite is refused: nothing is guessed and nothing falls back to something older.
"""

import hashlib
from typing import NamedTuple

from studyportal import errors
from studyportal.sealing.context import framed

MAGIC = b"\x89spr"  # the first bit is set, so that a channel that strips it or takes it for text is noticed at once
VERSION = 1
KEY_ID_SIZE = 8
HEADER_SIZE = len(MAGIC) + 1 + 1 + KEY_ID_SIZE

ENTRY, READER, WRAPPED, BLOCK, TOKEN, FILE, ROOM = range(1, 8)
SUITES = {
    ENTRY: "HPKE MLKEM768-X25519, HKDF-SHA256, AES-256-GCM to an enrolment's or custody's public key",
    READER: "HPKE X25519, HKDF-SHA256, AES-256-GCM to a participant's reading key",
    WRAPPED: "AES-256-GCM under a key that wraps other keys: seeds for custody, file keys for research",
    BLOCK: "AES-256-GCM under HKDF-SHA256 of an enrolment's seed",
    TOKEN: "AES-256-GCM under HKDF-SHA256 of a session token",
    FILE: "Cobblestone-256 under a file key",
    ROOM: "AES-256-GCM under HKDF-SHA256 of a room's own secret key",
}


class Header(NamedTuple):
    """What a record says of itself before it is opened: its suite and the id of the key that opens it."""

    suite: int
    key_id: bytes


def header_bytes(suite: int, key_id: bytes) -> bytes:
    """The header of a record sealed by `suite` (a key of SUITES) under the key named by `key_id` (8 bytes)."""
    return MAGIC + bytes((VERSION, suite)) + key_id


def read_header(sealed: bytes) -> Header:
    """Which suite and key a sealed record names. Raises errors.CannotOpen for anything that is not known here."""
    known = len(sealed) >= HEADER_SIZE and sealed[:4] == MAGIC and sealed[4] == VERSION and sealed[5] in SUITES
    if not known:
        raise errors.CannotOpen
    return Header(sealed[5], bytes(sealed[6:HEADER_SIZE]))


def key_id(what: bytes, key: bytes) -> bytes:
    """Eight bytes that name `key` and say nothing of it; `what` keeps different sorts of keys apart."""
    return hashlib.sha256(framed(b"studyportal key id 1", what, key)).digest()[:KEY_ID_SIZE]
