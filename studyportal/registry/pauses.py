"""Keep who has paused their diary, from when until when. Nobody is asked or reminded meanwhile, and nothing is
refused."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.protocol.schedules import Pause, pause_at
from studyportal.registry.adherence import has_left
from studyportal.registry.pause_tables import PAUSES
from studyportal.registry.tables import ENROLMENTS

_PAUSES, _ENROLMENTS = PAUSES.c, ENROLMENTS.c


def is_paused(connection: sa.Connection, enrolment: UUID, now: datetime) -> bool:
    """Whether somebody is to be left in peace at this moment: no reminder, no occasion that is due."""
    return current_pause(connection, enrolment, now=now) is not None


def current_pause(connection: sa.Connection, enrolment: UUID, *, now: datetime) -> Pause | None:
    """The pause in which somebody is, or None."""
    return pause_at(pauses_of(connection, enrolment), now)


def pauses_of(connection: sa.Connection, enrolment: UUID) -> Sequence[Pause]:
    """Every pause of one enrolment, the oldest first."""
    return pauses_among(connection, [enrolment]).get(enrolment, ())


def pauses_among(connection: sa.Connection, enrolments: Collection[UUID]) -> Mapping[UUID, Sequence[Pause]]:
    """The pauses of those of these enrolments that ever had one."""
    return _by_enrolment(connection, _PAUSES.enrolment.in_(enrolments))


def all_pauses(connection: sa.Connection) -> Mapping[UUID, Sequence[Pause]]:
    """The pauses of everybody who ever had one."""
    return _by_enrolment(connection, sa.true())


def _by_enrolment(connection: sa.Connection, which: sa.ColumnElement[bool]) -> Mapping[UUID, Sequence[Pause]]:
    query = sa.select(_PAUSES.enrolment, _PAUSES.began_at, _PAUSES.until).where(which)
    found: dict[UUID, list[Pause]] = defaultdict(list)
    for row in connection.execute(query.order_by(_PAUSES.began_at)):
        found[row.enrolment].append(Pause(row.began_at, row.until))
    return found


def paused_at_site(
    connection: sa.Connection, site: str, *, required_scopes: Collection[str], now: datetime
) -> Sequence[sa.Row]:
    """Who of this site is in a pause now: enrolment, participant_code, zone, began_at, until. Who has left is not."""
    query = (
        sa.select(_PAUSES.enrolment, _PAUSES.began_at, _PAUSES.until, _ENROLMENTS.participant_code, _ENROLMENTS.zone)
        .select_from(PAUSES.join(ENROLMENTS, _ENROLMENTS.id == _PAUSES.enrolment))
        .where(_ENROLMENTS.site == site, *_running(now), sa.not_(has_left(required_scopes)))
        .order_by(_PAUSES.until.asc().nulls_last(), _ENROLMENTS.participant_code)
    )
    return connection.execute(query).all()


def begin_pause(connection: sa.Connection, id: UUID, enrolment: UUID, *, until: datetime | None, now: datetime) -> bool:
    """Begin a pause; False for somebody who is in one. The caller holds `lock_enrolment`."""
    if is_paused(connection, enrolment, now):
        return False
    connection.execute(sa.insert(PAUSES), {"id": id, "enrolment": enrolment, "began_at": now, "until": until})
    return True


def end_pause(connection: sa.Connection, enrolment: UUID, *, now: datetime) -> UUID | None:
    """End the pause in which somebody is; its id, or None if there is none."""
    id = connection.scalar(sa.select(_PAUSES.id).where(_PAUSES.enrolment == enrolment, *_running(now)))
    if id is not None:
        connection.execute(sa.update(PAUSES).where(_PAUSES.id == id).values(until=now))
    return id


def erase_pauses(connection: sa.Connection, enrolment: UUID) -> None:
    """Forget every pause of one enrolment."""
    connection.execute(sa.delete(PAUSES).where(_PAUSES.enrolment == enrolment))


def _running(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return _PAUSES.began_at <= now, sa.or_(_PAUSES.until.is_(None), _PAUSES.until > now)
