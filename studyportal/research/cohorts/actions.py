"""Save a cohort: its name, criteria and snapshot, for everybody in the project."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.research.cohorts.criteria import Criteria
from studyportal.workbench.cohorts import add_cohort


def save_cohort(
    connection: sa.Connection,
    cohort: UUID,
    *,
    project: str,
    name: str,
    criteria: Criteria,
    snapshot: int,
    account: UUID,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep a cohort under a name that is new in its project; raises `Conflict` otherwise."""
    add_cohort(
        connection,
        cohort,
        project=project,
        name=" ".join(name.split()),
        criteria=criteria.canonical,
        snapshot=snapshot,
        created_by=account,
        now=now,
    )
    event = AuditEvent(actor, "cohort:save", "cohort", str(cohort), {"project": project, "snapshot": snapshot})
    record(connection, "workbench", event, now=now)
