"""Find what had left the walls before an erasure: the data sets that hold somebody's de-identified answers, and how
many packages were released from each.

Read off the shelf before the link to the subject is cut. An erasure never fails because a file on the shelf is damaged:
such a data set is named as one that may hold them.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from studyportal.custody.erasure.certificate import ReleasedBefore, released_in
from studyportal.custody.opening.key_file import Keys
from studyportal.custody.publishing.sharing import shelf_reader
from studyportal.database import reading
from studyportal.errors import CannotOpen, NotFound
from studyportal.keyring.publications import publications, tombstone
from studyportal.keyring.subjects import subjects
from studyportal.protocol import Protocol
from studyportal.snapshots.reading import ShelfReader, everybody_in
from studyportal.workbench.releases import packages_by_snapshot


def released_before(
    enrolment: UUID, *, shelf: Path, keys: Keys, protocol: Protocol, now: datetime
) -> Sequence[ReleasedBefore]:
    """The data sets with this person in them, the oldest first. Asked again after the link is cut, as after a crash, it
    says what the certificate of the first time says."""
    with reading("keyring") as connection:
        done, known, published = tombstone(connection, enrolment), subjects(connection), publications(connection)
    if done is not None:
        return released_in(done.certificate)
    if enrolment not in known:
        return ()
    with reading("workbench") as connection:
        packages = packages_by_snapshot(connection, until=now)
    reader, index = shelf_reader(shelf, protocol, keys), known[enrolment].disclosure_index
    return [
        ReleasedBefore(row.snapshot, row.published_at.date(), packages.get(row.snapshot, 0))
        for row in sorted(published, key=lambda row: row.snapshot)
        if _holds(reader, row.snapshot, index)
    ]


def _holds(reader: ShelfReader, snapshot: int, index: int) -> bool:
    try:
        return index in everybody_in(reader, snapshot)
    except (CannotOpen, NotFound):
        return True
