"""Put a snapshot on the shelf: every file sealed under its own key, then one rename. Only custody can, it signs.

What is on the shelf is never changed: a number that is taken is refused.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec
import pyarrow as pa

from studyportal.errors import Conflict
from studyportal.sealing.file_keys import wrap_file_key
from studyportal.sealing.signatures import sign
from studyportal.snapshots import sealed_parquet
from studyportal.snapshots import shelf as places
from studyportal.snapshots.documents import (
    CODES_LABEL,
    SMALLEST_COUNT,
    SNAPSHOT_LABEL,
    STEP,
    WITHDRAWALS_LABEL,
    CodesNote,
    ConsentRecords,
    Manifest,
    SealedFile,
    Withdrawals,
    encode,
    file_context,
    signature_text,
    signed,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfKeys:
    """What custody needs to write: the study's code, the Ed25519 seed that signs, the key that wraps file keys."""

    study: str
    signing_key: bytes = field(repr=False)
    snapshot_key: bytes = field(repr=False)


def shown_count(people: int) -> int | None:
    """A number of people as a manifest may say it: rounded down to fives, none below 11."""
    return None if people < SMALLEST_COUNT else people // STEP * STEP


def sealed_file(table: pa.Table, place: str, keys: ShelfKeys) -> tuple[bytes, SealedFile]:
    """The bytes of a sealed file, and how the papers describe it."""
    key = sealed_parquet.new_key()
    data = sealed_parquet.written(table, key=key)
    wrapped = wrap_file_key(key, by=keys.snapshot_key, about=file_context(keys.study, place))
    return data, SealedFile(hashlib.sha256(data).hexdigest(), len(data), wrapped)


def write_snapshot(
    shelf: Path,
    number: int,
    *,
    protocol: Mapping[str, object],
    protocol_digest: str,
    subjects: pa.Table,
    instruments: Mapping[str, pa.Table],
    consents: ConsentRecords,
    keys: ShelfKeys,
    now: datetime,
) -> bytes:
    """Publish snapshot `number` and return the SHA-256 (32 bytes) of its manifest.

    `protocol` is the released view. Raises `Conflict` when the number is taken. After a crash there is the whole
    snapshot or none; what an interrupted attempt left behind is swept away by the next one.
    """
    home = places.folder(shelf, number)
    if home.exists():
        raise Conflict(f"Snapshot {number} has been published already.")
    draft = home.with_name(f"{home.name}.tmp")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o750)
    files = {}
    # The protocol in the order of the document: it is the order of pages and codebooks.
    for name, plain in ((places.PROTOCOL, msgspec.json.encode(protocol)), (places.CONSENTS, encode(consents))):
        places.write_new(draft / name, plain)
        files[name] = SealedFile(hashlib.sha256(plain).hexdigest(), len(plain), None)
    tables = {places.SUBJECTS: subjects} | {f"{name}.parquet": table for name, table in instruments.items()}
    for name, table in tables.items():
        data, files[name] = sealed_file(table, f"{home.name}/{name}", keys)
        places.write_new(draft / name, data)
    people = shown_count(subjects.num_rows)
    manifest = encode(Manifest(1, keys.study, number, now, protocol_digest, people, files))
    places.write_new(draft / places.MANIFEST, manifest)
    places.write_new(draft / places.SIGNATURE, signature_text(sign(SNAPSHOT_LABEL, manifest, key=keys.signing_key)))
    places.sync_folder(draft)
    os.rename(draft, home)
    places.sync_folder(shelf)
    return hashlib.sha256(manifest).digest()


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
    data, described = sealed_file(codes, f"codes/{name}", keys)
    places.write_new(note.with_name(name), data)
    places.replace_file(
        note, signed(CodesNote(1, keys.study, project, name, described), CODES_LABEL, key=keys.signing_key)
    )
    for other in note.parent.glob(f"{project}-????????????????.parquet"):
        if other.name != name:
            other.unlink(missing_ok=True)
