"""Seal files that leave the building or rest in it: Cobblestone-256 (key-committing, streaming) behind our header.

A target appears whole or not at all: a truncated, changed or foreign file never leaves half a plaintext behind,
and memory stays at one piece however large the file is.
"""

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from studyportal import errors
from studyportal.sealing.context import Context
from studyportal.sealing.header import FILE, HEADER_SIZE, header_bytes, key_id
from studyportal.sealing.symmetric import KEY_SIZE

_PIECE = 1 << 20


def new_file_key() -> bytes:
    """32 random bytes."""
    return secrets.token_bytes(KEY_SIZE)


def _header(key: bytes) -> bytes:
    if len(key) != KEY_SIZE:
        raise errors.Invalid("A file key is 32 random bytes.")
    return header_bytes(FILE, key_id(b"file", key))


def _whole(target: Path, write: Callable[[BinaryIO], None]) -> None:
    """Let `write` fill a temporary neighbour of `target` that takes its place only when everything has succeeded."""
    descriptor, neighbour = tempfile.mkstemp(dir=target.parent, prefix=".sealing-")  # readable by the owner only
    try:
        with open(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(neighbour, target)
    except BaseException:
        os.unlink(neighbour)
        raise


def seal_file(source: Path, target: Path, *, key: bytes, about: Context) -> None:
    """Write `source` to `target`, sealed under `key` (32 bytes) as what `about` says; replaces `target` at once.

    The name of the file is not bound, its size shows. Raises errors.Invalid for a key of another length.
    """
    header = _header(key)
    encryptor = Cobblestone256Encryptor(key, header + about.canonical)

    def write(sealed: BinaryIO) -> None:
        sealed.write(header)
        with source.open("rb") as plain:
            while piece := plain.read(_PIECE):
                sealed.write(encryptor.update(piece))
        sealed.write(encryptor.finalize())

    _whole(target, write)


def open_file(source: Path, target: Path, *, key: bytes, about: Context) -> None:
    """Write the plaintext of the sealed `source` to `target`; raises errors.CannotOpen and leaves `target` as it
    was."""
    header = _header(key)
    decryptor = Cobblestone256Decryptor(key, header + about.canonical)

    def write(plain: BinaryIO) -> None:
        with source.open("rb") as sealed:
            if sealed.read(HEADER_SIZE) != header:
                raise errors.CannotOpen
            try:
                while piece := sealed.read(_PIECE):
                    plain.write(decryptor.update(piece))
                plain.write(decryptor.finalize())
            except (InvalidTag, ValueError):
                raise errors.CannotOpen from None

    _whole(target, write)
