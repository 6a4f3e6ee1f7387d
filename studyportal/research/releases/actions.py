"""Make and keep a release, and hand it out. The package lies in the room's own folder; the workbench knows its hash."""

import csv
import hashlib
import io
import json
import os
import secrets
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import reading, writing
from studyportal.errors import Gone
from studyportal.research.releases.fields import CODE, SUBJECTS
from studyportal.research.releases.making import Wanted, make
from studyportal.research.releases.rows import Chance
from studyportal.workbench.releases import add_release, release


def make_release(
    wanted: Wanted,
    *,
    codes: dict[int, str],
    folder: Path,
    export_key: bytes,
    certificate: bytes,
    account: UUID,
    still: Callable[[sa.Connection], None],
    actor: Actor,
    rng: Chance,
    now: datetime,
) -> None:
    """Make a release and keep it. Raises what `making.make` raises, and what `still` raises if the approval ended while
    it was made; then nothing was kept."""
    package = make(wanted, codes=codes, export_key=export_key, certificate=certificate, rng=rng, now=now)
    # The file first: one without a row is harmless, a row without its file would be a promise not kept.
    _keep(place(folder, wanted.release), package)
    digest = hashlib.sha256(package)
    detail = {"project": wanted.project, "snapshot": wanted.snapshot.number, "sha256": digest.hexdigest()}
    with _or_forgotten(place(folder, wanted.release)), writing("workbench") as connection:
        still(connection)
        add_release(
            connection,
            wanted.release,
            project=wanted.project,
            snapshot=wanted.snapshot.number,
            criteria=wanted.criteria.canonical,
            items=json.dumps(sorted(wanted.names), separators=(",", ":")),
            sha256=digest.digest(),
            size=len(package),
            created_by=account,
            now=now,
        )
        event = AuditEvent(actor, "release:make", "release", str(wanted.release), detail)
        record(connection, "workbench", event, now=now)


def take_release(
    identifier: UUID,
    *,
    project: str,
    folder: Path,
    codes: Callable[[int], Collection[str]],
    still: Callable[[sa.Connection], None],
    actor: Actor,
    now: datetime,
) -> bytes:
    """The package, for download. `codes` tells the subject codes of those who share now, by the number of a snapshot,
    and `still` raises if the approval has ended.

    Raises `NotFound`, or `Gone` if its file is not there or not what was made, or somebody in it has withdrawn since.
    """
    with reading("workbench") as connection:
        kept = release(connection, project, identifier)
    try:
        package = place(folder, identifier).read_bytes()
    except OSError:
        package = b""
    if hashlib.sha256(package).digest() != kept["sha256"]:
        raise Gone("The package of this release is no longer kept here. Make it again.")
    if not people_in(package) <= set(codes(kept["snapshot"])):
        raise Gone("Somebody in this release has withdrawn since it was made. Make it again, and delete copies of it.")
    with writing("workbench") as connection:
        still(connection)
        event = AuditEvent(actor, "release:take", "release", str(identifier), {"project": project})
        record(connection, "workbench", event, now=now)
    return package


def people_in(package: bytes) -> set[str]:
    """The subject codes in a package of ours."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive, archive.open(SUBJECTS) as file:
        return {line[CODE] for line in csv.DictReader(io.TextIOWrapper(file, "utf-8", newline=""))}


def place(folder: Path, identifier: UUID) -> Path:
    """Where a package lies."""
    return folder / f"{identifier}.zip"


@contextmanager
def _or_forgotten(path: Path) -> Iterator[None]:
    """Take the file away again if what must follow does not happen."""
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    neighbour = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(neighbour, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(neighbour, path)
