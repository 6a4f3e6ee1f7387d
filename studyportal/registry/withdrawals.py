"""Carry a withdrawal through: look it up, and write down that it is done."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.errors import NotFound
from studyportal.registry.tables import ENROLMENTS, WITHDRAWALS


def withdrawal(connection: sa.Connection, identifier: UUID) -> sa.Row:
    """One withdrawal; raises `NotFound`."""
    row = connection.execute(sa.select(WITHDRAWALS).where(WITHDRAWALS.c.id == identifier)).first()
    if row is None:
        raise NotFound("There is no such withdrawal.")
    return row


def has_left(connection: sa.Connection, enrolment: UUID, required_scopes: Collection[str]) -> bool:
    """Whether a scope without which nothing is collected was withdrawn; asked again where an entry is written."""
    columns = WITHDRAWALS.c
    left = sa.select(sa.literal(1)).where(columns.enrolment == enrolment, columns.scope.in_(required_scopes)).limit(1)
    return connection.scalar(left) is not None


def all_withdrawals(connection: sa.Connection) -> Sequence[sa.Row]:
    """Every withdrawal with its participant_code, newest first."""
    columns = WITHDRAWALS.c
    query = sa.select(WITHDRAWALS, ENROLMENTS.c.participant_code).join(ENROLMENTS, ENROLMENTS.c.id == columns.enrolment)
    return connection.execute(query.order_by(columns.requested_at.desc())).all()


def erasures_waiting(connection: sa.Connection, enrolment: UUID, *, now: datetime) -> Sequence[sa.Row]:
    """The erasures of one enrolment that wait until an alert is closed: id, waits_until."""
    of = WITHDRAWALS.c
    query = sa.select(of.id, of.waits_until)
    return connection.execute(
        query.where(of.enrolment == enrolment, of.completed_at.is_(None), of.waits_until > now)
    ).all()


def wait_no_longer(connection: sa.Connection, identifier: UUID, *, now: datetime) -> bool:
    """Let an erasure that waits go on at once; False when it does not wait."""
    waiting = (WITHDRAWALS.c.id == identifier, WITHDRAWALS.c.waits_until > now)
    return connection.execute(sa.update(WITHDRAWALS).where(*waiting).values(waits_until=now)).rowcount == 1


def complete_withdrawal(connection: sa.Connection, identifier: UUID, *, certificate: str | None, now: datetime) -> bool:
    """Write down that it is done; False when that was written before."""
    open_one = (WITHDRAWALS.c.id == identifier, WITHDRAWALS.c.completed_at.is_(None))
    done = sa.update(WITHDRAWALS).where(*open_one).values(completed_at=now, certificate=certificate)
    return connection.execute(done).rowcount == 1


def withdrawal_counts(connection: sa.Connection) -> Mapping[tuple[str, bool], int]:
    """How many withdrawals there are by strength and whether they are done."""
    done = WITHDRAWALS.c.completed_at.is_not(None)
    counted = sa.select(WITHDRAWALS.c.strength, done, sa.func.count()).group_by(WITHDRAWALS.c.strength, done)
    return {(strength, bool(is_done)): count for strength, is_done, count in connection.execute(counted)}
