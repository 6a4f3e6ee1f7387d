"""Read a snapshot: only if custody signed it, every byte is as signed, and those who left are left out.

Nothing is read by halves: a missing list of withdrawals, an altered file or a foreign study is `CannotOpen`.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from studyportal.errors import CannotOpen, NotFound
from studyportal.sealing.file_keys import unwrap_file_key
from studyportal.sealing.signatures import verify
from studyportal.snapshots import sealed_parquet
from studyportal.snapshots import shelf as places
from studyportal.snapshots.documents import (
    CODES_LABEL,
    SNAPSHOT_LABEL,
    WITHDRAWALS_LABEL,
    CodesNote,
    ConsentRecords,
    Manifest,
    SealedFile,
    Withdrawals,
    checked,
    decode,
    file_context,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfReader:
    """What a reader needs: the shelf, the study's code, the snapshot key (32 bytes), custody's public signing key."""

    shelf: Path
    study: str
    snapshot_key: bytes = field(repr=False)
    custody_public: bytes

    def bytes_of(self, place: str, described: SealedFile) -> bytes:
        """The bytes at a place on the shelf, if they are the signed ones."""
        data = _bytes(self.shelf / place)
        if hashlib.sha256(data).hexdigest() != described.sha256:
            raise CannotOpen("A file of this snapshot has been altered.")
        return data

    def table_at(self, place: str, described: SealedFile) -> pa.Table:
        if described.key is None:
            raise CannotOpen
        about = file_context(self.study, place)
        key = unwrap_file_key(described.key, by=self.snapshot_key, about=about)
        return sealed_parquet.read(self.bytes_of(place, described), key=key)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One published snapshot as it may be seen now: without the rows of `withdrawn` (disclosure indices)."""

    number: int
    published_at: datetime
    protocol: Mapping[str, object]
    manifest_sha256: str
    withdrawn: frozenset[int]
    manifest: Manifest = field(repr=False)
    reader: ShelfReader = field(repr=False)

    @property
    def instruments(self) -> tuple[str, ...]:
        """The names of the instruments that have a table of their own."""
        tables = set(self.manifest.files) - {places.PROTOCOL, places.CONSENTS, places.SUBJECTS}
        return tuple(sorted(name.removesuffix(".parquet") for name in tables))

    @cached_property
    def subjects(self) -> pa.Table:
        """One row per subject: index, record keys, scopes, and the items of instruments given once."""
        return self._file(places.SUBJECTS)

    def table(self, instrument: str) -> pa.Table:
        """All rows of an instrument that is given more than once; raises `NotFound` for another name."""
        if instrument not in self.instruments:
            raise NotFound("This snapshot has no such instrument.")
        return self._file(f"{instrument}.parquet")

    @cached_property
    def consents(self) -> ConsentRecords | None:
        """Consent and withdrawal as weeks went by, already protected; None in a snapshot that was made without."""
        if places.CONSENTS not in self.manifest.files:
            return None
        place = f"{places.folder(self.reader.shelf, self.number).name}/{places.CONSENTS}"
        return decode(self.reader.bytes_of(place, self.manifest.files[places.CONSENTS]), ConsentRecords)

    def _file(self, name: str) -> pa.Table:
        place = f"{places.folder(self.reader.shelf, self.number).name}/{name}"
        table = self.reader.table_at(place, self.manifest.files[name])
        return without(table, self.withdrawn)


def without(table: pa.Table, withdrawn: frozenset[int]) -> pa.Table:
    """The rows of those who have not left."""
    if not withdrawn:
        return table
    stays = np.isin(table.column("index").to_numpy(), np.fromiter(withdrawn, np.int64), invert=True)
    return table.filter(pa.array(stays))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise CannotOpen("A part of this snapshot is missing.") from None


def withdrawn_now(reader: ShelfReader) -> Withdrawals:
    """The signed list of those who have left; raises `CannotOpen` when there is none."""
    data = _bytes(places.withdrawals_file(reader.shelf))
    listed = checked(data, Withdrawals, WITHDRAWALS_LABEL, public=reader.custody_public)
    if listed.study != reader.study:
        raise CannotOpen
    return listed


def read_manifest(reader: ShelfReader, number: int) -> tuple[Manifest, bytes]:
    """A snapshot's manifest and its SHA-256, its signature checked; raises `NotFound` or `CannotOpen`."""
    home = places.folder(reader.shelf, number)
    if not home.is_dir():
        raise NotFound("There is no such snapshot.")
    text = _bytes(home / places.MANIFEST)
    try:
        signature = base64.b64decode(_bytes(home / places.SIGNATURE).strip(), validate=True)
    except binascii.Error:
        raise CannotOpen from None
    verify(SNAPSHOT_LABEL, text, signature, public=reader.custody_public)
    manifest = decode(text, Manifest)
    if (manifest.study, manifest.number) != (reader.study, number):
        raise CannotOpen
    return manifest, hashlib.sha256(text).digest()


def open_snapshot(
    shelf: Path, *, study: str, number: int | None, snapshot_key: bytes, custody_public: bytes
) -> Snapshot:
    """A snapshot, by default (None) the latest; tables are read and checked when they are asked for.

    Raises `NotFound` when nothing is published, `CannotOpen` when anything is not as custody signed it.
    """
    reader = ShelfReader(shelf=shelf, study=study, snapshot_key=snapshot_key, custody_public=custody_public)
    if number is None:
        number = max(places.published(shelf), default=0)
    manifest, digest = read_manifest(reader, number)
    protocol = reader.bytes_of(
        f"{places.folder(shelf, number).name}/{places.PROTOCOL}", manifest.files[places.PROTOCOL]
    )
    return Snapshot(
        number=number,
        published_at=manifest.published_at,
        protocol=msgspec.json.decode(protocol),
        manifest_sha256=digest.hex(),
        withdrawn=frozenset(withdrawn_now(reader).indices),
        manifest=manifest,
        reader=reader,
    )


def subject_codes(snapshot: Snapshot, project: str) -> pa.Table:
    """A project's subject codes (index, code), without those who left; raises `CannotOpen` when there are none."""
    reader = snapshot.reader
    data = _bytes(places.codes_file(reader.shelf, project))
    note = checked(data, CodesNote, CODES_LABEL, public=reader.custody_public)
    if (note.study, note.project) != (reader.study, project) or "/" in note.name:
        raise CannotOpen
    return without(reader.table_at(f"codes/{note.name}", note.file), snapshot.withdrawn)
