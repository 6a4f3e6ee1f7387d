"""Give each project its own random name for every subject, on the shelf where that project's pages find it."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.opening.key_file import Keys
from studyportal.database import writing
from studyportal.keyring.subjects import Chance, subject_codes, subjects
from studyportal.protocol import Protocol
from studyportal.snapshots.writing import write_codes


def publish_codes(
    project: str, *, shelf: Path, keys: Keys, protocol: Protocol, rng: Chance, actor: Actor, now: datetime
) -> int:
    """Write the codes of all present subjects for `project`; how many. A code once given stays; new ones are random."""
    with writing("keyring") as connection:
        indices = [row.disclosure_index for row in subjects(connection).values()]
        codes, new = subject_codes(connection, project, indices, rng=rng)
        if new:
            record(connection, "keyring", AuditEvent(actor, "subject:code", "project", project, {"new": new}), now=now)
    table = pa.table({"index": pa.array(list(codes), pa.int32()), "code": pa.array(list(codes.values()), pa.string())})
    write_codes(shelf, project, table, keys=keys.shelf_keys(protocol.study.code))
    return len(codes)
