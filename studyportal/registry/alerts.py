"""Keep safety alerts: how pressing, whose, since when, and who has taken them on. What raised one is under its seal."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from studyportal.registry.tables import ENROLMENTS, SAFETY_ALERTS

_ALERTS, _ENROLMENTS = SAFETY_ALERTS.c, ENROLMENTS.c
# The most pressing first.
RANKS: Mapping[str, int] = {"urgent": 0, "high": 1, "low": 2}
_RANK = sa.case(RANKS, value=_ALERTS.level)


def raise_alert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    """Insert the alert of an entry that has just been kept, in the same transaction."""
    connection.execute(sa.insert(SAFETY_ALERTS), dict(row))


def count_open_alerts(connection: sa.Connection, site: str) -> int:
    """How many alerts of this site nobody has taken on yet."""
    query = sa.select(sa.func.count()).select_from(SAFETY_ALERTS.join(ENROLMENTS))
    return connection.scalar(query.where(_ENROLMENTS.site == site, _ALERTS.acknowledged_at.is_(None))) or 0


def open_alerts(connection: sa.Connection, site: str, *, limit: int) -> Sequence[sa.Row]:
    """Alerts of this site that nobody has taken on, the most pressing first, of those the oldest.

    Each with its participant: id, level, raised_at, enrolment, participant_code, zone, started_on.
    """
    query = _of_site(site).where(_ALERTS.acknowledged_at.is_(None))
    return connection.execute(query.order_by(_RANK, _ALERTS.raised_at, _ALERTS.id).limit(limit)).all()


def taken_alerts(connection: sa.Connection, site: str, *, since: datetime, limit: int) -> Sequence[sa.Row]:
    """The same rows for alerts taken on since a moment, the latest first."""
    query = _of_site(site).where(_ALERTS.acknowledged_at >= since)
    return connection.execute(query.order_by(_ALERTS.acknowledged_at.desc(), _ALERTS.id).limit(limit)).all()


def alert_of_site(connection: sa.Connection, site: str, alert: UUID) -> sa.Row | None:
    """The same row for one alert; None also for another site's."""
    return connection.execute(_of_site(site).where(_ALERTS.id == alert)).first()


def take_alert(connection: sa.Connection, site: str, alert: UUID, *, account: UUID, now: datetime) -> bool:
    """Write down who takes an alert on; False if somebody has already, or it is not of this site."""
    own = sa.select(_ENROLMENTS.id).where(_ENROLMENTS.site == site)
    waiting = (_ALERTS.id == alert, _ALERTS.enrolment.in_(own), _ALERTS.acknowledged_at.is_(None))
    taken = sa.update(SAFETY_ALERTS).where(*waiting).values(acknowledged_at=now, acknowledged_by=account)
    return connection.execute(taken).rowcount == 1


def _of_site(site: str) -> sa.Select:
    columns = (_ALERTS.id, _ALERTS.level, _ALERTS.raised_at, _ALERTS.acknowledged_at, _ALERTS.acknowledged_by)
    whose = (_ALERTS.enrolment, _ENROLMENTS.participant_code, _ENROLMENTS.zone, _ENROLMENTS.started_on)
    joined = SAFETY_ALERTS.join(ENROLMENTS, _ENROLMENTS.id == _ALERTS.enrolment)
    return sa.select(*columns, *whose).select_from(joined).where(_ENROLMENTS.site == site)
