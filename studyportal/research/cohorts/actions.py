"""Save a cohort: its name, criteria and snapshot, for everybody in the project."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.research.cohorts.criteria import Criteria
from studyportal.workbench.cohorts import add_cohort


def save_cohort(
    connection: sa.Connection,
    *,
    project: str,
    name: str,
    criteria: Criteria,
    snapshot: int,
    account: UUID,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Keep a cohort under a name; one that the project has gets its next version. Raises `Conflict` if nothing
    changed."""
    kept = add_cohort(
        connection,
        project=project,
        name=" ".join(name.split()),
        criteria=criteria.canonical,
        snapshot=snapshot,
        created_by=account,
        now=now,
    )
    event = AuditEvent(actor, "cohort:save", "cohort", str(kept), {"project": project, "snapshot": snapshot})
    record(connection, "workbench", event, now=now)
    return kept
