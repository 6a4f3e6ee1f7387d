"""Put a whole snapshot on a shelf at once, as custody does part by part."""

from pathlib import Path

import pyarrow as pa

from studyportal.snapshots import sealed_parquet
from studyportal.snapshots.drafts import Draft, Papers
from studyportal.snapshots.parts import divided, of_people
from studyportal.snapshots.shelf import MADE_FROM, SUBJECTS


def write_snapshot(
    shelf: Path, number: int, *, protocol, protocol_digest, subjects, instruments, consents, keys, now, weeks_over=None
) -> bytes:
    draft = Draft(shelf, number, keys=keys)
    marks = pa.table({"index": subjects["index"], "mark": pa.nulls(len(subjects), pa.binary(16))})
    tables = {SUBJECTS: subjects, MADE_FROM: marks, **instruments}
    for part, people in divided(subjects["index"].to_pylist()).items():
        cut = {name: sealed_parquet.sealed(of_people(table, people)) for name, table in tables.items()}
        draft.put(part, cut, made_from=f"test {part}", people=len(people), rows=0)
        if weeks_over is not None:
            draft.put_weeks_over(part, sealed_parquet.sealed(of_people(weeks_over, people)))
    return draft.publish(Papers(protocol=protocol, protocol_digest=protocol_digest, consents=consents), now=now)
