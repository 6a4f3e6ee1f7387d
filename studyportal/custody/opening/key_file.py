"""Keep custody's keys in one file that only custody can read. Nothing that prints a value shows a key.

A generation is a key-encryption key (KEK) with the transport pair that intake seals fresh seeds to. There is one,
or, while a rotation is under way, the old and the new one. Which counts is for the keyring to say, not for this file.
"""

import os
import secrets
import stat
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Self

import msgspec

from studyportal.errors import CannotOpen, Unsafe
from studyportal.sealing import Pair, new_pair
from studyportal.sealing.keys import SEED_SIZE, public_of
from studyportal.sealing.opening import WrappingKey, new_kek
from studyportal.sealing.signatures import public_of as public_signing_key
from studyportal.snapshots.shelf import one_at_a_time, replace_file, write_new
from studyportal.snapshots.writing import ShelfKeys

SECRET = 32


@dataclass(frozen=True, slots=True)
class Generation:
    """A KEK and the transport pair that came with it."""

    kek: WrappingKey
    transport: Pair

    @classmethod
    def new(cls) -> Self:
        return cls(new_kek(), new_pair())


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """All that custody holds; every secret is 32 bytes.

    `signing` is an Ed25519 seed, `pseudonym` decides in which order newcomers get their place among the subjects,
    `snapshot` wraps the keys of published files.
    """

    generations: tuple[Generation, ...]
    signing: bytes = field(repr=False)
    pseudonym: bytes = field(repr=False)
    snapshot: bytes = field(repr=False)

    @property
    def public(self) -> bytes:
        """The public half of the signing key (32 bytes): what every other room checks custody's papers against."""
        return public_signing_key(self.signing)

    def kek(self, key_id: bytes) -> WrappingKey:
        """The KEK of this id; raises `CannotOpen` when this file does not hold it."""
        return self._find({one.kek.id: one.kek for one in self.generations}, key_id)

    def transport(self, key_id: bytes) -> Pair:
        """The transport pair of this id; raises `CannotOpen` when this file does not hold it."""
        return self._find({one.transport.public.id: one.transport for one in self.generations}, key_id)

    def generation(self, transport_id: bytes) -> Generation:
        """The generation whose transport key the keyring calls current; raises `CannotOpen`."""
        return self._find({one.transport.public.id: one for one in self.generations}, transport_id)

    @staticmethod
    def _find(held, key_id):
        try:
            return held[key_id]
        except KeyError:
            raise CannotOpen("The key file does not hold the key that the keyring names.") from None

    def shelf_keys(self, study: str) -> ShelfKeys:
        return ShelfKeys(study=study, signing_key=self.signing, snapshot_key=self.snapshot)


class _Generation(msgspec.Struct, forbid_unknown_fields=True):
    kek: bytes
    transport: bytes

    def __repr__(self) -> str:
        return "_Generation(...)"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    format: Literal[1]
    generations: list[_Generation]
    signing: bytes
    pseudonym: bytes
    snapshot: bytes

    def __repr__(self) -> str:
        return "_File(...)"


def new_keys() -> Keys:
    """Fresh keys from the operating system's randomness."""
    return Keys(
        generations=(Generation.new(),),
        signing=secrets.token_bytes(SECRET),
        pseudonym=secrets.token_bytes(SECRET),
        snapshot=secrets.token_bytes(SECRET),
    )


def _encoded(keys: Keys) -> bytes:
    generations = [_Generation(one.kek.raw, one.transport.seed) for one in keys.generations]
    document = _File(1, generations, keys.signing, keys.pseudonym, keys.snapshot)
    return msgspec.json.format(msgspec.json.encode(document)) + b"\n"


def write_key_file(path: Path, keys: Keys) -> None:
    """Make the file; an existing one is never overwritten (`FileExistsError`)."""
    write_new(path, _encoded(keys), mode=0o600)


def load_keys(path: Path) -> Keys:
    """Read the file. Raises `Unsafe` when it is missing, readable by others, or not such a file."""
    try:
        mode = path.stat().st_mode
        if stat.S_IMODE(mode) & 0o077 or not stat.S_ISREG(mode):
            raise Unsafe("The key file must be readable by custody alone (chmod 600).")
        read = msgspec.json.decode(path.read_bytes(), type=_File)
    except OSError:
        raise Unsafe("The key file cannot be read.") from None
    except msgspec.MsgspecError:
        raise Unsafe("The key file is damaged or from another version.") from None
    whole = all(len(one) == SECRET for one in (read.signing, read.pseudonym, read.snapshot))
    if not whole or not read.generations or any(len(one.transport) != SEED_SIZE for one in read.generations):
        raise Unsafe("The key file is damaged or from another version.")
    generations = tuple(
        Generation(WrappingKey(one.kek), Pair(one.transport, public_of(one.transport))) for one in read.generations
    )
    return Keys(generations=generations, signing=read.signing, pseudonym=read.pseudonym, snapshot=read.snapshot)


def replace_generations(path: Path, keys: Keys, generations: tuple[Generation, ...]) -> Keys:
    """Put other generations into the file, durably, and overwrite what the old file held.

    Overwriting reaches the disk that shows itself; what a drive keeps beneath is for disk encryption.
    """
    changed = replace(keys, generations=generations)
    with path.open("r+b") as former:
        replace_file(path, _encoded(changed), mode=0o600)
        former.write(bytes(os.fstat(former.fileno()).st_size))
        former.flush()
        os.fsync(former.fileno())
    return changed


def only_changer(path: Path) -> AbstractContextManager[None]:
    """One process at a time changes the key file; others wait."""
    return one_at_a_time(path.with_name(f".{path.name}.lock"))
