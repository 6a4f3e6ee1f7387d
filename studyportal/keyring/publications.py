"""What was published when, and who was erased: the keyring's own record beside the shelf."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.keyring.tables import PUBLICATIONS, TOMBSTONES


def publications(connection: sa.Connection) -> Sequence[sa.Row]:
    """Every publication (snapshot, published_at, manifest_sha256, participants), newest first."""
    return connection.execute(sa.select(PUBLICATIONS).order_by(PUBLICATIONS.c.snapshot.desc())).all()


def add_publication(
    connection: sa.Connection, snapshot: int, *, published_at: datetime, manifest_sha256: bytes, participants: int
) -> None:
    """Remember that a snapshot is on the shelf."""
    row = {
        "snapshot": snapshot,
        "published_at": published_at,
        "manifest_sha256": manifest_sha256,
        "participants": participants,
    }
    connection.execute(sa.insert(PUBLICATIONS), row)


def replace_manifest(connection: sa.Connection, snapshot: int, *, manifest_sha256: bytes) -> None:
    """Remember that a snapshot is about to be written anew, and how its manifest will be; how many were in it stays."""
    same = sa.update(PUBLICATIONS).where(PUBLICATIONS.c.snapshot == snapshot)
    connection.execute(same.values(manifest_sha256=manifest_sha256))


def tombstone(connection: sa.Connection, enrolment: UUID) -> sa.Row | None:
    """What is left of an erased enrolment: when, and the signed certificate; None for anybody else."""
    return connection.execute(sa.select(TOMBSTONES).where(TOMBSTONES.c.enrolment == enrolment)).first()


def put_tombstone(
    connection: sa.Connection, enrolment: UUID, *, erased_at: datetime, certificate: str, signature: bytes
) -> None:
    """Remember that an enrolment was erased; a later certificate takes the place of an earlier one."""
    paper = {"erased_at": erased_at, "certificate": certificate, "signature": signature}
    again = sa.update(TOMBSTONES).where(TOMBSTONES.c.enrolment == enrolment).values(paper)
    if connection.execute(again).rowcount == 0:
        connection.execute(sa.insert(TOMBSTONES), {"enrolment": enrolment, **paper})
