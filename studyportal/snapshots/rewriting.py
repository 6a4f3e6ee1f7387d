"""Write a published snapshot anew without people who were erased, as revision n.1, n.2, ...: their rows leave the
files.

Only the parts in which they stand are written, each under a fresh key. The new files lie beside the old ones until one
replacement of the manifest makes them the snapshot; then the old ones go. Killed at any moment, the whole snapshot is
there, before or after; doing it again finishes it. What readers show stays the same: they left these people out before.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import msgspec
import pyarrow as pa

from studyportal.snapshots import sealed_parquet
from studyportal.snapshots import shelf as places
from studyportal.snapshots.documents import SNAPSHOT_LABEL, Manifest, SealedFile, encode, signed
from studyportal.snapshots.parts import divided, of_people, without_people
from studyportal.snapshots.reading import ShelfReader, read_manifest
from studyportal.snapshots.sealed_parquet import SealedTable
from studyportal.snapshots.writing import ShelfKeys, described

Part = tuple[str, int]


def rewrite_without(
    reader: ShelfReader, number: int, erased: Collection[int], *, keys: ShelfKeys, remember: Callable[[bytes], None]
) -> bool:
    """Take these subjects out of every file of a snapshot; whether any was in it.

    `remember` gets the SHA-256 of the manifest to come before it is put there: what the shelf shows is then either what
    is remembered or what will be written again. Raises `CannotOpen` for a snapshot that is not as custody signed it.
    """
    home = places.folder(reader.shelf, number)
    manifest, digest = read_manifest(reader, number)
    changed = _changed(reader, number, manifest, frozenset(erased))
    if changed is not None:
        manifest = _revised(home, manifest, digest, changed, keys)
        remember(hashlib.sha256(encode(manifest)).digest())
        places.sync_folder(home)
        places.replace_file(home / places.MANIFEST, signed(manifest, SNAPSHOT_LABEL, key=keys.signing_key))
    if manifest.revision:
        places.sweep(home, {*manifest.files, places.MANIFEST})
        places.sync_folder(home)
    return changed is not None


def _changed(
    reader: ShelfReader, number: int, manifest: Manifest, erased: frozenset[int]
) -> dict[Part, pa.Table] | None:
    """The new parts that take the place of those in which somebody erased stands; None if nobody does."""
    tables = manifest.tables
    home = places.folder(reader.shelf, number).name

    def read(table: str, part: int) -> pa.Table:
        name = tables[table][part]
        return reader.table_at(f"{home}/{name}", manifest.files[name])

    if places.MADE_FROM not in tables:
        return _divided({table: read(table, 0) for table in tables}, erased)
    found: dict[Part, pa.Table] = {}
    for part in tables[places.MADE_FROM]:
        if erased.intersection(read(places.MADE_FROM, part)["index"].to_pylist()):
            found |= {(table, part): without_people(read(table, part), erased) for table in tables}
    return found or None


def _divided(tables: dict[str, pa.Table], erased: frozenset[int]) -> dict[Part, pa.Table] | None:
    """A snapshot of the first format, in which every table was one file, in parts."""
    everybody = tables[places.SUBJECTS]["index"]
    if not erased.intersection(everybody.to_pylist()):
        return None
    unknown = pa.nulls(len(everybody), pa.binary(16))
    tables = tables | {places.MADE_FROM: pa.table({"index": everybody, "mark": unknown})}
    tables = {name: without_people(table, erased) for name, table in tables.items()}
    parts = divided(tables[places.SUBJECTS]["index"].to_pylist()) or {1: frozenset()}
    return {(name, part): of_people(table, people) for name, table in tables.items() for part, people in parts.items()}


def _revised(home: Path, manifest: Manifest, digest: bytes, changed: dict[Part, pa.Table], keys: ShelfKeys) -> Manifest:
    revision = manifest.revision + 1
    gone = {
        name for name in manifest.files if (places.table_and_part(name) or ("", -1)) in {*changed, *_wholes(changed)}
    }
    files = {name: one for name, one in manifest.files.items() if name not in gone}
    for (table, part), rows in changed.items():
        name = places.table_file(table, part, revision=revision)
        files[name] = _written(home, name, sealed_parquet.sealed(rows), keys)
    return msgspec.structs.replace(
        manifest, revision=revision, files=files, replaces=[*manifest.replaces, digest.hex()]
    )


def _wholes(changed: dict[Part, pa.Table]) -> Iterator[Part]:
    """In the first format a whole table is part 0."""
    return ((table, 0) for table, _ in changed)


def _written(home: Path, name: str, sealed: SealedTable, keys: ShelfKeys) -> SealedFile:
    # An attempt that was cut off may have left a file of this name, under a key that nobody has.
    (home / name).unlink(missing_ok=True)
    places.write_new(home / name, sealed.data)
    return described(sealed, f"{home.name}/{name}", keys)
