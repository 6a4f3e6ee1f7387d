"""Put a snapshot together part by part, in a folder that only custody can enter. Killed, the next attempt goes on
there.

A part is the rows of a range of subjects. It counts as done when its signed note lies beside its files and every byte
is as noted. The folder takes its final name when all parts, the papers and the manifest are there: one rename.
"""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from studyportal.errors import CannotOpen, Conflict
from studyportal.sealing.signatures import public_of
from studyportal.snapshots import sealed_parquet
from studyportal.snapshots import shelf as places
from studyportal.snapshots.documents import (
    PART_LABEL,
    SNAPSHOT_LABEL,
    ConsentRecords,
    Manifest,
    PartNote,
    SealedFile,
    checked,
    encode,
    signed,
)
from studyportal.snapshots.reading import Snapshot
from studyportal.snapshots.sealed_parquet import SealedTable
from studyportal.snapshots.writing import ShelfKeys, described, shown_count, wrapped_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What a snapshot has beside its tables; `protocol` is the released view."""

    protocol: Mapping[str, object]
    protocol_digest: str
    consents: ConsentRecords


class Draft:
    """Snapshot `number` while it is put together. Raises `Conflict` when the number is taken.

    One process at a time (`shelf.one_at_a_time`); drafts of other numbers are thrown away.
    """

    def __init__(self, shelf: Path, number: int, *, keys: ShelfKeys) -> None:
        self.home = places.folder(shelf, number)
        if self.home.exists():
            raise Conflict(f"Snapshot {number} has been published already.")
        self.folder = self.home.with_name(f"{self.home.name}.tmp")
        throw_away(one for one in places.drafts(shelf) if one != self.folder)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(_group_bit(self.folder) | 0o700)
        self.number, self._keys = number, keys
        self._parts: dict[int, PartNote] = {}
        self._weeks_over: dict[str, SealedFile] = {}

    def place(self, name: str) -> str:
        """Where on the shelf a file of this snapshot will lie."""
        return f"{self.home.name}/{name}"

    def is_done(self, part: int, *, made_from: str) -> bool:
        """Whether an earlier attempt finished this part from exactly the same."""
        try:
            data = self._note(part).read_bytes()
            note = checked(data, PartNote, PART_LABEL, public=public_of(self._keys.signing_key))
            whole = all(_digest(self.folder / name) == one.sha256 for name, one in note.files.items())
        except (OSError, CannotOpen):
            return False
        if (note.study, note.number, note.part) != (self._keys.study, self.number, part) or not whole:
            return False
        if note.made_from == made_from:
            self._parts[part] = note
        return note.made_from == made_from

    def put(self, part: int, tables: Mapping[str, SealedTable], *, made_from: str, people: int, rows: int) -> None:
        """Keep a part: its tables by name."""
        files = {}
        for table, sealed in tables.items():
            name = places.table_file(table, part)
            files[name] = described(sealed, self.place(name), self._keys)
            # Made durable all at once at the end; until then a note is believed only with every byte.
            (self.folder / name).unlink(missing_ok=True)
            (self.folder / name).write_bytes(sealed.data)
        self._keep(PartNote(1, self._keys.study, self.number, part, made_from, people, rows, files))

    def take_over(self, last: Snapshot, part: int, *, made_from: str, people: int) -> None:
        """Keep a part as it is in an earlier snapshot: the same files, their keys wrapped for this place."""
        files, rows = {}, 0
        for table, parts in last.manifest.tables.items():
            if table == places.WEEKS_OVER:
                continue
            name, sealed = places.table_file(table, part), last.sealed_part(table, part)
            rows += sealed_parquet.row_count(sealed) if table in last.instruments else 0
            (self.folder / name).unlink(missing_ok=True)
            try:
                os.link(last.reader.shelf / last.place(parts[part]), self.folder / name)
            except OSError:  # a file system without links
                (self.folder / name).write_bytes(sealed.data)
            key = wrapped_for(sealed.key, self.place(name), self._keys)
            files[name] = msgspec.structs.replace(last.manifest.files[parts[part]], key=key)
        self._keep(PartNote(1, self._keys.study, self.number, part, made_from, people, rows, files))

    def put_weeks_over(self, part: int, sealed: SealedTable) -> None:
        """Keep how long a part's people were followed. It is in no note, because each attempt says it anew: time goes
        by."""
        name = places.table_file(places.WEEKS_OVER, part)
        self._weeks_over[name] = described(sealed, self.place(name), self._keys)
        (self.folder / name).unlink(missing_ok=True)
        (self.folder / name).write_bytes(sealed.data)

    def _keep(self, note: PartNote) -> None:
        unfinished = self.folder / "note.new"
        unfinished.write_bytes(signed(note, PART_LABEL, key=self._keys.signing_key))
        unfinished.rename(self._note(note.part))
        self._parts[note.part] = note

    def _note(self, part: int) -> Path:
        return self.folder / f"part.{part:04d}.json"

    @property
    def people(self) -> int:
        return sum(one.people for one in self._parts.values())

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self._parts.values())

    def publish(self, papers: Papers, *, now: datetime) -> bytes:
        """Let the snapshot appear, and return the SHA-256 (32 bytes) of its manifest."""
        files = {name: one for note in self._parts.values() for name, one in note.files.items()} | self._weeks_over
        # The protocol in the order of the document: it is the order of pages and codebooks.
        plain = {places.PROTOCOL: msgspec.json.encode(papers.protocol), places.CONSENTS: encode(papers.consents)}
        for name, data in plain.items():
            (self.folder / name).write_bytes(data)
            files[name] = SealedFile(hashlib.sha256(data).hexdigest(), len(data), None)
        participants = shown_count(self.people)
        manifest = Manifest(3, self._keys.study, self.number, 0, now, papers.protocol_digest, participants, files, [])
        (self.folder / places.MANIFEST).write_bytes(signed(manifest, SNAPSHOT_LABEL, key=self._keys.signing_key))
        places.sweep(self.folder, {*files, places.MANIFEST})
        files_there = list(self.folder.iterdir())
        for file in files_there:
            file.chmod(0o640)
        with ThreadPoolExecutor(8) as threads:  # a disk makes many durable in the time of one
            list(threads.map(places.sync_file, files_there))
        self.folder.chmod(_group_bit(self.folder) | 0o750)
        places.sync_folder(self.folder)
        os.rename(self.folder, self.home)
        places.sync_folder(self.home.parent)
        return hashlib.sha256(encode(manifest)).digest()


def throw_away(drafts: Iterable[Path]) -> None:
    """Remove unfinished snapshots."""
    for one in drafts:
        shutil.rmtree(one, ignore_errors=True)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _group_bit(folder: Path) -> int:
    """Where the group of the shelf is passed on, it is passed on in every snapshot too."""
    return folder.stat().st_mode & stat.S_ISGID
