"""Releases made: of which snapshot, cohort and items, and the hash of the package that left."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from studyportal.errors import NotFound
from studyportal.workbench.tables import RELEASES


def add_release(
    connection: sa.Connection,
    release: UUID,
    *,
    project: str,
    snapshot: int,
    criteria: str,
    items: str,
    sha256: bytes,
    size: int,
    created_by: UUID,
    now: datetime,
) -> None:
    """Keep what was released: `criteria` and `items` as canonical JSON, the package's SHA-256 and its size in bytes."""
    connection.execute(
        sa.insert(RELEASES).values(
            id=release,
            project=project,
            snapshot=snapshot,
            criteria=criteria,
            items=items,
            created_at=now,
            created_by=created_by,
            sha256=sha256,
            size=size,
        )
    )


def releases_of(connection: sa.Connection, project: str) -> list[Mapping[str, Any]]:
    """The releases of a project, newest first."""
    statement = sa.select(RELEASES).where(RELEASES.c.project == project).order_by(RELEASES.c.created_at.desc())
    return [*connection.execute(statement).mappings()]


def release(connection: sa.Connection, project: str, identifier: UUID) -> Mapping[str, Any]:
    """One release of this project; raises `NotFound`, also for another project's."""
    statement = sa.select(RELEASES).where(RELEASES.c.id == identifier, RELEASES.c.project == project)
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound("There is no such release in this project.")
    return row


def packages_by_snapshot(connection: sa.Connection, *, until: datetime) -> Mapping[int, int]:
    """How many packages had been released from each snapshot by a moment, whichever project they are of."""
    counted = sa.select(RELEASES.c.snapshot, sa.func.count()).where(RELEASES.c.created_at <= until)
    return dict(connection.execute(counted.group_by(RELEASES.c.snapshot)).all())
