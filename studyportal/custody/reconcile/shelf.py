"""Compare the shelf with what the keyring remembers of it: a shelf put back to an earlier state is noticed here."""

from collections.abc import Collection, Mapping
from pathlib import Path

from studyportal.custody.opening.key_file import Keys
from studyportal.custody.publishing.sharing import sharing_now, shelf_reader
from studyportal.database import reading
from studyportal.errors import CannotOpen
from studyportal.keyring.publications import publications
from studyportal.keyring.subjects import all_indices
from studyportal.protocol import Protocol
from studyportal.snapshots.reading import ShelfReader, everybody_in, read_manifest, withdrawn_now
from studyportal.snapshots.shelf import published


def shelf_counts(shelf: Path, *, keys: Keys, protocol: Protocol) -> Mapping[str, int]:
    """How many things on the shelf are not as they should be, by what is wrong; all zero if all is well."""
    with reading("keyring") as connection:
        remembered = {row.snapshot: row.manifest_sha256 for row in publications(connection)}
        indices = all_indices(connection)
    there = published(shelf)
    reader = shelf_reader(shelf, protocol, keys)
    changed = [number for number in there if remembered.get(number) != _digest(reader, number)]
    erased = {index for index, enrolment in indices.items() if enrolment is None}
    shares = sharing_now(protocol)
    gone = {index for index, enrolment in indices.items() if enrolment not in shares}
    return {
        "Snapshots that are missing from the shelf": len(set(remembered) - set(there)),
        "Snapshots that are not the ones published": len(changed),
        "Snapshots in which somebody who was erased may still stand": sum(
            _may_hold(reader, one, erased) for one in there
        )
        if erased
        else 0,
        "Subjects who do not share any more, but are not on the list of withdrawals": len(gone - _listed(reader))
        if there
        else 0,
    }


def _digest(reader: ShelfReader, number: int) -> bytes | None:
    try:
        return read_manifest(reader, number)[1]
    except CannotOpen:
        return None


def _may_hold(reader: ShelfReader, number: int, erased: Collection[int]) -> bool:
    try:
        return not everybody_in(reader, number).isdisjoint(erased)
    except CannotOpen:
        return True


def _listed(reader: ShelfReader) -> set[int]:
    try:
        return set(withdrawn_now(reader).indices)
    except CannotOpen:
        return set()
