"""Put a new version of a study document into force on an instance, and keep the one before it.

Killed at any moment, every room reads the whole former version or the whole new one. Refused: what no column and no
calendar could stand, and a change that breaks columns unless it is asked for by name.
"""

import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.errors import Conflict, NotFound
from studyportal.portal.inside import inside
from studyportal.portal.settings import read_settings, settings_file
from studyportal.protocol import Protocol, released
from studyportal.protocol.amendments import Change, compare
from studyportal.protocol.amendments.comparing import breaks
from studyportal.protocol.amendments.rules import REFUSED
from studyportal.protocol.reading import load_protocol as load_one
from studyportal.protocol.versions import earlier_folder, load_protocol, with_earlier
from studyportal.snapshots.shelf import one_at_a_time, sync_folder, write_new

# Who reads a new version first must know it before entries of it arrive: custody opens, research only reads snapshots.
RESTART_ORDER = ("custody", "clinic", "intake", "research")


@dataclass(frozen=True, slots=True)
class Amended:
    """Which version took the place of which (the same: nothing had to change), and the rooms that read it here."""

    former: str
    present: str
    rooms: Sequence[str]


def amend(
    instance: Path,
    document: Path,
    *,
    breaking: bool,
    say: Callable[[Sequence[Change]], None],
    actor: Actor,
    now: datetime,
) -> Amended:
    """Put `document` into force on an instance. `say` is told the comparison before anything is decided.

    Raises `ProtocolMistakes` for a document with mistakes, `Conflict` for one that cannot follow, or that breaks
    columns without `breaking`; then nothing is changed.
    """
    rooms = tuple(room for room in RESTART_ORDER if settings_file(room, instance).exists())
    path = _document_of(instance, rooms)
    with one_at_a_time(path.with_name(f".{path.name}.lock")):
        old, new = load_protocol(path), load_one(document)
        if old.digest == new.digest:
            return Amended(old.study.version, new.study.version, rooms)
        changes = compare(old, new)
        say(changes)
        _refuse(changes, breaking)
        released(with_earlier(new, [*old.earlier.values(), old]))  # what custody would stumble over, it shall here
        mode = stat.S_IMODE(path.stat().st_mode)
        _keep(path, old, mode)
        if "custody" in rooms:
            _tell_trail(instance, old, new, actor=actor, now=now)
        _put(path, new.source.encode(), mode)
    return Amended(old.study.version, new.study.version, rooms)


def _document_of(instance: Path, rooms: Sequence[str]) -> Path:
    """The one document that all rooms of an instance read."""
    if not rooms:
        raise NotFound(f"There is no instance in {instance}. Make one with `studyportal init`.")
    paths = {read_settings(room, instance).protocol.resolve() for room in rooms}
    if len(paths) > 1:
        names = " and ".join(sorted(str(path) for path in paths))
        raise Conflict(f"The rooms read different study documents ({names}). Let them read one, then amend it.")
    return paths.pop()


def _refuse(changes: Sequence[Change], breaking: bool) -> None:
    if refused := [change for change in changes if change.verdict == REFUSED]:
        raise Conflict(f"Nothing has been changed: {'; '.join(map(str, refused))}")
    if breaks(tuple(changes)) and not breaking:
        raise Conflict("Nothing has been changed: columns would break. If that is meant, say so with --breaking.")


def _keep(path: Path, old: Protocol, mode: int) -> None:
    """Lay a copy of the present document beside it. One that an interrupted amendment left is the same."""
    folder = earlier_folder(path)
    # Whoever may read the document may look into the folder.
    folder.mkdir(exist_ok=True)
    folder.chmod(mode | (mode & 0o444) >> 2)
    sync_folder(path.parent)
    kept, present = folder / f"{old.study.version}.yaml", old.source.encode()
    if not kept.exists():
        _put(kept, present, mode)
    elif kept.read_bytes() != present:
        raise Conflict(f"Nothing has been changed: {folder.name} holds another version {old.study.version}.")


def _tell_trail(instance: Path, old: Protocol, new: Protocol, *, actor: Actor, now: datetime) -> None:
    """Before it is done: an amendment that is not in the trail would be worse than one there that was then
    interrupted."""
    detail = {"from": old.study.version, "document": new.digest}
    event = AuditEvent(actor, "protocol:amend", "protocol", new.study.version, detail)
    with inside("custody", instance), writing("keyring") as connection:
        record(connection, "keyring", event, now=now)


def _put(path: Path, data: bytes, mode: int) -> None:
    """Put `data` where `path` is, durably and at once, for whoever could read it before."""
    neighbour = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        write_new(neighbour, data, mode=0o600)
        neighbour.chmod(mode)
        os.replace(neighbour, path)
    except BaseException:
        neighbour.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
