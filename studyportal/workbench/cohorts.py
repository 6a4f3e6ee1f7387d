"""Saved cohorts: a name, criteria as canonical JSON and the snapshot on which they were made."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from studyportal.database import insert_once
from studyportal.errors import Conflict, NotFound
from studyportal.workbench.tables import COHORTS


def add_cohort(
    connection: sa.Connection,
    cohort: UUID,
    *,
    project: str,
    name: str,
    criteria: str,
    snapshot: int,
    created_by: UUID,
    now: datetime,
) -> None:
    """Keep a cohort; raises `Conflict` if the project has one of this name."""
    values = {
        "id": cohort,
        "project": project,
        "name": name,
        "criteria": criteria,
        "snapshot": snapshot,
        "created_at": now,
        "created_by": created_by,
    }
    if not insert_once(connection, COHORTS, values, key=["project", "name"]):
        raise Conflict("This project already has a cohort of that name. Choose another name.")


def cohorts_of(connection: sa.Connection, project: str) -> list[Mapping[str, Any]]:
    """The cohorts of a project, by name."""
    statement = sa.select(COHORTS).where(COHORTS.c.project == project).order_by(COHORTS.c.name)
    return [*connection.execute(statement).mappings()]


def cohort(connection: sa.Connection, project: str, identifier: UUID) -> Mapping[str, Any]:
    """One cohort of this project; raises `NotFound`, also for another project's."""
    statement = sa.select(COHORTS).where(COHORTS.c.id == identifier, COHORTS.c.project == project)
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound("There is no such cohort in this project.")
    return row
