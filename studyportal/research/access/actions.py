"""What a researcher can do before custody has approved: ask."""

from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.errors import Invalid
from studyportal.workbench.applications import add_application

# Ethics approvals are commonly reviewed within five years; a later day is a slip of the year.
LONGEST = timedelta(days=5 * 366)


def ask_for_access(
    connection: sa.Connection,
    application: UUID,
    *,
    account: UUID,
    title: str,
    purpose: str,
    ethics_reference: str,
    wanted_until: date,
    actor: Actor,
    now: datetime,
) -> None:
    """Put a request before custody. Raises `Invalid` if the day has passed or lies too far ahead."""
    if wanted_until <= now.date():
        raise Invalid("This day has passed.", {"wanted_until": "Give a day in the future."})
    if wanted_until > now.date() + LONGEST:
        raise Invalid("This day is too far ahead.", {"wanted_until": "Give a day within the next five years."})
    add_application(
        connection,
        application,
        account=account,
        title=" ".join(title.split()),
        purpose=purpose.strip(),
        ethics_reference=" ".join(ethics_reference.split()),
        wanted_until=wanted_until,
        now=now,
    )
    record(connection, "workbench", AuditEvent(actor, "application:create", "application", str(application)), now=now)
