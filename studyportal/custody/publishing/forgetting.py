"""Take the rows of people who were erased out of every snapshot on the shelf, and out of what is being put together.

Who was erased is worked out anew each time: every subject that leads to nobody. So doing it late, or twice, is the
same.
"""

from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.opening.key_file import Keys
from studyportal.custody.publishing.sharing import shelf_reader
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen
from studyportal.keyring.publications import replace_manifest
from studyportal.keyring.subjects import all_indices
from studyportal.protocol import Protocol
from studyportal.snapshots.drafts import throw_away
from studyportal.snapshots.rewriting import rewrite_without
from studyportal.snapshots.shelf import drafts, one_at_a_time, published

# Who publishes, or writes snapshots anew, is alone.
LOCK = ".publishing.lock"


def forget_erased(shelf: Path, *, keys: Keys, protocol: Protocol, actor: Actor, now: datetime) -> int:
    """Write every snapshot anew that holds somebody who was erased; how many. Waits for a publication under way.

    What is not as custody signed it is left as it is, so that no erasure fails because of it: nobody can read it,
    counting tells of it, and the next erasure or publication tries again.
    """
    with one_at_a_time(shelf / LOCK):
        throw_away(drafts(shelf))
        return forget_in_published(shelf, keys=keys, protocol=protocol, actor=actor, now=now)


def forget_in_published(shelf: Path, *, keys: Keys, protocol: Protocol, actor: Actor, now: datetime) -> int:
    """The same for whoever is alone already."""
    with reading("keyring") as connection:
        erased = [index for index, enrolment in all_indices(connection).items() if enrolment is None]
    reader, shelf_keys, changed = shelf_reader(shelf, protocol, keys), keys.shelf_keys(protocol.study.code), 0
    for number in published(shelf) if erased else ():
        remember = partial(_remember, number, actor=actor, now=now)
        with suppress(CannotOpen):
            changed += rewrite_without(reader, number, erased, keys=shelf_keys, remember=remember)
    return changed


def _remember(number: int, digest: bytes, *, actor: Actor, now: datetime) -> None:
    with writing("keyring") as connection:
        replace_manifest(connection, number, manifest_sha256=digest)
        record(connection, "keyring", AuditEvent(actor, "snapshot:rewrite", "snapshot", str(number)), now=now)
