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
    FirstManifest,
    Manifest,
    SealedFile,
    Withdrawals,
    checked,
    decode,
    encode,
    file_context,
    is_signed,
)
from studyportal.snapshots.parts import without_people
from studyportal.snapshots.sealed_parquet import SealedTable


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

    def sealed_at(self, place: str, described: SealedFile) -> SealedTable:
        """A sealed file with its key."""
        if described.key is None:
            raise CannotOpen
        about = file_context(self.study, place)
        key = unwrap_file_key(described.key, by=self.snapshot_key, about=about)
        return SealedTable(self.bytes_of(place, described), key)

    def table_at(self, place: str, described: SealedFile) -> pa.Table:
        sealed = self.sealed_at(place, described)
        return sealed_parquet.read(sealed.data, key=sealed.key)


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
        return tuple(name for name in self.manifest.tables if name not in places.ABOUT_PEOPLE)

    @cached_property
    def subjects(self) -> pa.Table:
        """One row per subject: index, record keys, scopes, and the items of instruments given once."""
        return self._whole(places.SUBJECTS)

    @cached_property
    def weeks_over(self) -> pa.Table | None:
        """One row per subject: index, weeks_since_start (study weeks that were over at publication, in steps of four),
        weeks_over (at stopping, of who stopped before), paused_weeks (those of the latter that a pause touched); None
        in a snapshot that was made without. To count with, never to be shown or released."""
        return self._whole(places.WEEKS_OVER) if places.WEEKS_OVER in self.manifest.tables else None

    def table(self, instrument: str) -> pa.Table:
        """All rows of an instrument that is given more than once; raises `NotFound` for another name."""
        if instrument not in self.instruments:
            raise NotFound("This snapshot has no such instrument.")
        return self._whole(instrument)

    def place(self, name: str) -> str:
        """Where on the shelf a file of this snapshot lies."""
        return f"{places.folder(self.reader.shelf, self.number).name}/{name}"

    def sealed_part(self, table: str, part: int) -> SealedTable:
        """The file with a part of a table and its key, nobody left out: for custody, which makes the next one from
        it."""
        name = self.manifest.tables[table][part]
        return self.reader.sealed_at(self.place(name), self.manifest.files[name])

    def part(self, table: str, part: int) -> pa.Table:
        """The rows in that file."""
        sealed = self.sealed_part(table, part)
        return sealed_parquet.read(sealed.data, key=sealed.key)

    @cached_property
    def consents(self) -> ConsentRecords | None:
        """Consent and withdrawal as weeks went by, already protected; None in a snapshot that was made without."""
        if places.CONSENTS not in self.manifest.files:
            return None
        data = self.reader.bytes_of(self.place(places.CONSENTS), self.manifest.files[places.CONSENTS])
        return decode(data, ConsentRecords)

    def _whole(self, table: str) -> pa.Table:
        try:
            rows = self._rows(table, self.manifest)
        except CannotOpen:
            # Written anew since it was opened, without people who were erased: then what lies there now counts.
            present, _ = read_manifest(self.reader, self.number)
            if present.revision <= self.manifest.revision:
                raise
            rows = self._rows(table, present)
        return without_people(rows, self.withdrawn)

    def _rows(self, table: str, manifest: Manifest) -> pa.Table:
        files = manifest.tables[table].values()
        return pa.concat_tables(self.reader.table_at(self.place(name), manifest.files[name]) for name in files)


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
    data = _bytes(home / places.MANIFEST)
    if is_signed(data):
        manifest = checked(data, Manifest, SNAPSHOT_LABEL, public=reader.custody_public)
        text = encode(manifest)
    else:
        manifest, text = _first_manifest(data, home, reader), data
    if (manifest.study, manifest.number) != (reader.study, number):
        raise CannotOpen
    return manifest, hashlib.sha256(text).digest()


def _first_manifest(text: bytes, home: Path, reader: ShelfReader) -> Manifest:
    """Snapshots of the first format stay readable: they lie on shelves."""
    try:
        signature = base64.b64decode(_bytes(home / places.FORMER_SIGNATURE).strip(), validate=True)
    except binascii.Error:
        raise CannotOpen from None
    verify(SNAPSHOT_LABEL, text, signature, public=reader.custody_public)
    return decode(text, FirstManifest).as_now


def everybody_in(reader: ShelfReader, number: int) -> frozenset[int]:
    """The indices of all who are in a snapshot, also of those who have left since; raises `NotFound` or
    `CannotOpen`."""
    manifest, _ = read_manifest(reader, number)
    home, tables = places.folder(reader.shelf, number).name, manifest.tables
    files = tables.get(places.MADE_FROM, tables[places.SUBJECTS]).values()
    return frozenset(
        index
        for name in files
        for index in reader.table_at(f"{home}/{name}", manifest.files[name])["index"].to_pylist()
    )


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
    return without_people(reader.table_at(f"codes/{note.name}", note.file), snapshot.withdrawn)
