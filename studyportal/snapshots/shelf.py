"""Where things stand on the shelf, and how a file appears there: whole or not at all."""

import fcntl
import os
import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

MANIFEST, PROTOCOL, SUBJECTS = "manifest.json", "protocol.json", "subjects"
# No instrument can be called so: the names of instruments have no hyphen.
CONSENTS, MADE_FROM, WEEKS_OVER = "consent-records.json", "made-from", "weeks-over"
# What is about people and holds no entry of an instrument.
ABOUT_PEOPLE = frozenset([SUBJECTS, MADE_FROM, WEEKS_OVER])
# Beside manifests of the first format, which the present one does without.
FORMER_SIGNATURE = "manifest.sig"
_NUMBERED = re.compile(r"[0-9]{6}")
_DRAFT = re.compile(r"[0-9]{6}\.tmp")
_TABLE = re.compile(r"(?P<table>[^.]+)(?:\.(?P<part>[0-9]{4,}))?(?:-[0-9]+)?\.parquet")
_PROJECT = re.compile(r"[A-Z0-9-]{1,16}")


def folder(shelf: Path, number: int) -> Path:
    """The folder of one snapshot; numbers count from 1."""
    return shelf / f"{number:06d}"


def published(shelf: Path) -> tuple[int, ...]:
    """The numbers of all snapshots on the shelf, ascending. Unfinished ones have other names and do not count."""
    if not shelf.is_dir():
        return ()
    return tuple(sorted(int(one.name) for one in shelf.iterdir() if _NUMBERED.fullmatch(one.name)))


def drafts(shelf: Path) -> tuple[Path, ...]:
    """The folders of snapshots that somebody began to put together."""
    if not shelf.is_dir():
        return ()
    return tuple(one for one in sorted(shelf.iterdir()) if _DRAFT.fullmatch(one.name))


def table_file(table: str, part: int, *, revision: int = 0) -> str:
    """The name of the file that holds a part of a table; one that was written anew later says so."""
    return f"{table}.{part:04d}-{revision}.parquet" if revision else f"{table}.{part:04d}.parquet"


def table_and_part(name: str) -> tuple[str, int] | None:
    """Which table and part a file holds (in the first format the whole table, part 0); None for what is no table."""
    found = _TABLE.fullmatch(name)
    return found and (found["table"], int(found["part"] or 0))


def withdrawals_file(shelf: Path) -> Path:
    return shelf / "withdrawals.json"


def codes_file(shelf: Path, project: str) -> Path:
    """The signed note that says where a project's subject codes are; refuses names that could leave the folder."""
    if not _PROJECT.fullmatch(project):
        raise ValueError("not a project's name")
    return shelf / "codes" / f"{project}.json"


def sync_folder(path: Path) -> None:
    """Make names in a folder durable: a rename that the disk has not seen is no rename."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make a file's bytes durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_new(path: Path, data: bytes, *, mode: int = 0o640) -> None:
    """Write a file that does not exist yet, durably."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sweep(folder: Path, keep: Collection[str]) -> None:
    """Remove every file of a folder that is not to be kept."""
    for one in folder.iterdir():
        if one.name not in keep:
            one.unlink()


def replace_file(path: Path, data: bytes, *, mode: int = 0o640) -> None:
    """Put `data` where `path` is, durably: after a crash there is the old file or the new one, never a mixture."""
    neighbour = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        write_new(neighbour, data, mode=mode)
        os.replace(neighbour, path)
    except BaseException:
        neighbour.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Hold a lock file; whoever else wants it on this machine waits. A process that ends lets go of it."""
    lock.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
