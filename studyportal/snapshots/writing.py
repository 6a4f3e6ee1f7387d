"""Put on the shelf what lies beside the snapshots: who has left, and each project's codes. Only custody can, it
signs."""

import hashlib
import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from studyportal.sealing.file_keys import wrap_file_key
from studyportal.snapshots import sealed_parquet
from studyportal.snapshots import shelf as places
from studyportal.snapshots.documents import (
    CODES_LABEL,
    SMALLEST_COUNT,
    STEP,
    WITHDRAWALS_LABEL,
    CodesNote,
    SealedFile,
    Withdrawals,
    file_context,
    signed,
)
from studyportal.snapshots.sealed_parquet import SealedTable


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfKeys:
    """What custody needs to write: the study's code, the Ed25519 seed that signs, the key that wraps file keys."""

    study: str
    signing_key: bytes = field(repr=False)
    snapshot_key: bytes = field(repr=False)


def shown_count(people: int) -> int | None:
    """A number of people as a manifest may say it: rounded down to fives, none below 11."""
    return None if people < SMALLEST_COUNT else people // STEP * STEP


def described(sealed: SealedTable, place: str, keys: ShelfKeys) -> SealedFile:
    """How the papers describe a sealed file that lies at `place`."""
    return SealedFile(hashlib.sha256(sealed.data).hexdigest(), len(sealed.data), wrapped_for(sealed.key, place, keys))


def wrapped_for(key: bytes, place: str, keys: ShelfKeys) -> bytes:
    """A file's key as the papers carry it: under the snapshot key, bound to where the file lies."""
    return wrap_file_key(key, by=keys.snapshot_key, about=file_context(keys.study, place))


def write_withdrawals(shelf: Path, indices: frozenset[int], *, sequence: int, keys: ShelfKeys, now: datetime) -> None:
    """Replace the list of disclosure indices that readers must leave out; it holds from their next reading on."""
    shelf.mkdir(parents=True, exist_ok=True, mode=0o750)
    document = Withdrawals(1, keys.study, sequence, now, sorted(indices))
    places.replace_file(places.withdrawals_file(shelf), signed(document, WITHDRAWALS_LABEL, key=keys.signing_key))


def write_codes(shelf: Path, project: str, codes: pa.Table, *, keys: ShelfKeys) -> None:
    """Replace a project's subject codes (columns index int32, code string)."""
    note = places.codes_file(shelf, project)
    note.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    name = f"{project}-{os.urandom(8).hex()}.parquet"
    sealed = sealed_parquet.sealed(codes)
    places.write_new(note.with_name(name), sealed.data)
    paper = CodesNote(1, keys.study, project, name, described(sealed, f"codes/{name}", keys))
    places.replace_file(note, signed(paper, CODES_LABEL, key=keys.signing_key))
    for other in note.parent.glob(f"{project}-????????????????.parquet"):
        if other.name != name:
            other.unlink(missing_ok=True)
