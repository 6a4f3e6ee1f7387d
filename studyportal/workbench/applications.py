"""Requests for access: who wants to do what, until when, and how custody decided."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from studyportal.errors import Conflict, NotFound
from studyportal.workbench.tables import APPLICATIONS


def add_application(
    connection: sa.Connection,
    application: UUID,
    *,
    account: UUID,
    title: str,
    purpose: str,
    ethics_reference: str,
    wanted_until: date,
    now: datetime,
) -> None:
    """Keep a request that nobody has decided yet."""
    connection.execute(
        sa.insert(APPLICATIONS).values(
            id=application,
            account=account,
            title=title,
            purpose=purpose,
            ethics_reference=ethics_reference,
            wanted_until=wanted_until,
            created_at=now,
        )
    )


def applications_of(connection: sa.Connection, account: UUID) -> list[Mapping[str, Any]]:
    """The requests of one researcher, newest first."""
    statement = sa.select(APPLICATIONS).where(APPLICATIONS.c.account == account)
    return [*connection.execute(statement.order_by(APPLICATIONS.c.created_at.desc())).mappings()]


def undecided_applications(connection: sa.Connection) -> list[Mapping[str, Any]]:
    """Every request that waits for custody, oldest first."""
    statement = sa.select(APPLICATIONS).where(APPLICATIONS.c.decision.is_(None))
    return [*connection.execute(statement.order_by(APPLICATIONS.c.created_at)).mappings()]


def application(connection: sa.Connection, identifier: UUID) -> Mapping[str, Any]:
    """One request; raises `NotFound`."""
    row = connection.execute(sa.select(APPLICATIONS).where(APPLICATIONS.c.id == identifier)).mappings().first()
    if row is None:
        raise NotFound("There is no such request.")
    return row


def decide_application(
    connection: sa.Connection, identifier: UUID, *, decision: str, reason: str, now: datetime
) -> None:
    """Write down "granted" or "refused"; raises `Conflict` if it was decided before."""
    statement = (
        sa.update(APPLICATIONS)
        .where(APPLICATIONS.c.id == identifier, APPLICATIONS.c.decision.is_(None))
        .values(decision=decision, decided_at=now, reason=reason)
    )
    if connection.execute(statement).rowcount != 1:
        raise Conflict("This request has been decided already.")
