"""Saved cohorts: a name, criteria as canonical JSON and the snapshot on which they were made. A name has versions, and
none of them ever changes, so that what a paper cites is there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.errors import Conflict, NotFound
from studyportal.workbench.tables import COHORTS

# Any number will do, as long as it is always this one.
_LOCK = 7_313_004_004


def add_cohort(
    connection: sa.Connection,
    *,
    project: str,
    name: str,
    criteria: str,
    snapshot: int,
    created_by: UUID,
    now: datetime,
) -> UUID:
    """Keep a cohort: of a new name the first version, of a known one the next. Raises `Conflict` if the newest is the
    very same."""
    if connection.dialect.name == "postgresql":
        # Two at a time would get one number. On SQLite a writer is alone anyway.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    former = [one for one in cohorts_of(connection, project) if one["name"] == name]
    newest = max(former, key=lambda one: one["version"], default=None)
    if newest and (newest["criteria"], newest["snapshot"]) == (criteria, snapshot):
        raise Conflict(f"This cohort is already saved under this name, as {cited(newest)}.")
    most = connection.scalar(sa.select(sa.func.max(COHORTS.c.number)).where(COHORTS.c.project == project)) or 0
    values = {
        "id": uuid4(),
        "project": project,
        "name": name,
        "number": newest["number"] if newest else most + 1,
        "version": newest["version"] + 1 if newest else 1,
        "criteria": criteria,
        "snapshot": snapshot,
        "created_at": now,
        "created_by": created_by,
    }
    connection.execute(sa.insert(COHORTS).values(values))
    return values["id"]


def cited(cohort: Mapping[str, Any]) -> str:
    """The id by which a cohort is cited: its number in the project and its version."""
    return f"C-{cohort['number']}.{cohort['version']}"


def cohorts_of(connection: sa.Connection, project: str) -> list[Mapping[str, Any]]:
    """The cohorts of a project, by name, the newest version of each first."""
    statement = (
        sa.select(COHORTS).where(COHORTS.c.project == project).order_by(COHORTS.c.name, COHORTS.c.version.desc())
    )
    return [*connection.execute(statement).mappings()]


def cohort(connection: sa.Connection, project: str, identifier: UUID) -> Mapping[str, Any]:
    """One cohort of this project; raises `NotFound`, also for another project's."""
    statement = sa.select(COHORTS).where(COHORTS.c.id == identifier, COHORTS.c.project == project)
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound("There is no such cohort in this project.")
    return row
