"""Keep safety alerts: how pressing, whose, since when, in whose hands. What raised one is under its seal."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from studyportal.database import insert_once
from studyportal.registry.alert_tables import ALERT_EVENTS, ERASED_ALERTS, SAFETY_ALERTS
from studyportal.registry.tables import ENROLMENTS

_ALERTS, _ENROLMENTS, _EVENTS, _ERASED = SAFETY_ALERTS.c, ENROLMENTS.c, ALERT_EVENTS.c, ERASED_ALERTS.c
# The most pressing first.
RANKS: Mapping[str, int] = {"urgent": 0, "high": 1, "low": 2}
_RANK = sa.case(RANKS, value=_ALERTS.level)
_WAITS_FIRST = _ALERTS.acknowledged_at.is_not(None)


def raise_alert(connection: sa.Connection, row: Mapping[str, Any]) -> bool:
    """Insert an alert, in the transaction of its entry where intake raises it; False if its entry has one already."""
    return insert_once(connection, SAFETY_ALERTS, row, key=["entry", "source"])


def count_open_alerts(connection: sa.Connection, site: str) -> int:
    """How many alerts of this site nobody has taken on yet."""
    return _count(connection, site, _ALERTS.acknowledged_at.is_(None))


def count_alerts(connection: sa.Connection, site: str, account: UUID) -> Mapping[str, int]:
    """How many alerts of this site there are behind each filter of the list."""
    return {name: _count(connection, site, which) for name, which in _filters(account).items()}


def alerts_page(
    connection: sa.Connection, site: str, filter: str, *, account: UUID, page: int, size: int
) -> Sequence[sa.Row]:
    """A page (from 1) of the alerts of this site that are "open" (not closed), "mine" (in this account's hands) or
    "closed". Those that wait come first, of them the most pressing, of those the oldest; closed ones the latest first.

    Each with its participant: id, level, raised_at, source, acknowledged_at, acknowledged_by, holder, closed_at, entry,
    enrolment, participant_code, zone, started_on.
    """
    order = (_ALERTS.closed_at.desc(),) if filter == "closed" else (_WAITS_FIRST, _RANK, _ALERTS.raised_at)
    query = _of_site(site).where(_filters(account)[filter]).order_by(*order, _ALERTS.id)
    return connection.execute(query.limit(size).offset((page - 1) * size)).all()


def open_alerts(connection: sa.Connection, site: str, *, limit: int) -> Sequence[sa.Row]:
    """The same rows for alerts that nobody has taken on, the most pressing first, of those the oldest."""
    query = _of_site(site).where(_ALERTS.acknowledged_at.is_(None))
    return connection.execute(query.order_by(_RANK, _ALERTS.raised_at, _ALERTS.id).limit(limit)).all()


def alert_of_site(connection: sa.Connection, site: str, alert: UUID) -> sa.Row | None:
    """The same row for one alert; None also for another site's."""
    return connection.execute(_of_site(site).where(_ALERTS.id == alert)).first()


def beside(connection: sa.Connection, site: str, row: sa.Row) -> Sequence[sa.Row]:
    """The other alerts of the same participant that are not closed."""
    query = _of_site(site).where(_ALERTS.enrolment == row.enrolment, _ALERTS.id != row.id, _ALERTS.closed_at.is_(None))
    return connection.execute(query.order_by(_RANK, _ALERTS.raised_at)).all()


def alert_events(connection: sa.Connection, alert: UUID) -> Sequence[sa.Row]:
    """What was done about an alert, in order: id, number, at, account, receiver, what, code, and whether it
    has_note."""
    columns = (_EVENTS.id, _EVENTS.number, _EVENTS.at, _EVENTS.account, _EVENTS.receiver, _EVENTS.what, _EVENTS.code)
    query = sa.select(*columns, _EVENTS.sealed.is_not(None).label("has_note")).where(_EVENTS.alert == alert)
    return connection.execute(query.order_by(_EVENTS.number)).all()


def sealed_notes(connection: sa.Connection, alert: UUID) -> Sequence[sa.Row]:
    """The notes about an alert, in order: id of the event, sealed. For custody, which opens them."""
    query = sa.select(_EVENTS.id, _EVENTS.sealed).where(_EVENTS.alert == alert, _EVENTS.sealed.is_not(None))
    return connection.execute(query.order_by(_EVENTS.number)).all()


def add_event(connection: sa.Connection, row: Mapping[str, Any]) -> bool:
    """Write down what was done about an alert; False when there is an event of this number already."""
    return insert_once(connection, ALERT_EVENTS, row, key=["alert", "number"])


def take_alert(connection: sa.Connection, site: str, alert: UUID, *, account: UUID, now: datetime) -> bool:
    """Write down who takes an alert on; False if somebody has already, or it is not of this site."""
    waiting = (_own(site, alert), _ALERTS.acknowledged_at.is_(None))
    values = {"acknowledged_at": now, "acknowledged_by": account, "holder": account}
    return connection.execute(sa.update(SAFETY_ALERTS).where(*waiting).values(values)).rowcount == 1


def give_alert(connection: sa.Connection, site: str, alert: UUID, *, holder: UUID) -> bool:
    """Put a running alert into other hands; False if it is closed, waits, or is not of this site."""
    return _change(connection, site, alert, {"holder": holder})


def close_alert(connection: sa.Connection, site: str, alert: UUID, *, now: datetime) -> bool:
    """Close a running alert; False if it is closed, waits, or is not of this site."""
    return _change(connection, site, alert, {"closed_at": now})


def erased_alerts(connection: sa.Connection, site: str) -> Sequence[sa.Row]:
    """Alerts of this site that were erased while they ran and that nobody has read of: id, participant_code,
    erased_at, holder, level (None: not handed over). The oldest first."""
    query = (
        sa.select(_ERASED.id, _ERASED.erased_at, _ERASED.holder, _ERASED.level, _ENROLMENTS.participant_code)
        .select_from(ERASED_ALERTS.join(ENROLMENTS, _ENROLMENTS.id == _ERASED.enrolment))
        .where(_ENROLMENTS.site == site, _ERASED.seen_at.is_(None))
    )
    return connection.execute(query.order_by(_ERASED.erased_at, _ERASED.id)).all()


def see_erased(connection: sa.Connection, site: str, alert: UUID, *, account: UUID, now: datetime) -> bool:
    """Write down who read that an alert was erased; False if somebody did before, or it is not of this site."""
    own = _ERASED.enrolment.in_(sa.select(_ENROLMENTS.id).where(_ENROLMENTS.site == site))
    unseen = (_ERASED.id == alert, own, _ERASED.seen_at.is_(None))
    values = {"seen_at": now, "seen_by": account}
    return connection.execute(sa.update(ERASED_ALERTS).where(*unseen).values(values)).rowcount == 1


def seen_at(connection: sa.Connection, enrolment: UUID, entry: UUID) -> tuple[bool, datetime | None]:
    """Whether an entry of this enrolment raised an alert by itself, and when somebody took it on."""
    mine = (_ALERTS.enrolment == enrolment, _ALERTS.entry == entry, _ALERTS.source == "entry")
    row = connection.execute(sa.select(_ALERTS.acknowledged_at).where(*mine)).first()
    return row is not None, row.acknowledged_at if row else None


def has_open_alert(connection: sa.Connection, enrolment: UUID) -> bool:
    """Whether an alert of this enrolment is not closed."""
    is_open = sa.exists(_ALERTS.enrolment).where(_ALERTS.enrolment == enrolment, _ALERTS.closed_at.is_(None))
    return bool(connection.scalar(sa.select(is_open)))


def bury_alerts(connection: sa.Connection, enrolment: UUID, *, hands_over: bool = False, now: datetime) -> int:
    """Delete the alerts of an enrolment with all that was done about them. Of those that were not closed a line stays
    that says no more than that there was one and, if it is handed over, how pressing it was; how many."""
    mine = _ALERTS.enrolment == enrolment
    columns = (_ALERTS.id, _ALERTS.holder, _ALERTS.level)
    running = connection.execute(sa.select(*columns).where(mine, _ALERTS.closed_at.is_(None))).all()
    connection.execute(sa.delete(SAFETY_ALERTS).where(mine))
    for row in running:
        left = {"id": row.id, "enrolment": enrolment, "erased_at": now, "holder": row.holder}
        left["level"] = row.level if hands_over else None
        insert_once(connection, ERASED_ALERTS, left, key=["id"])
    return len(running)


def _filters(account: UUID) -> Mapping[str, sa.ColumnElement[bool]]:
    return {
        "open": _ALERTS.closed_at.is_(None),
        "mine": sa.and_(_ALERTS.closed_at.is_(None), _ALERTS.holder == account),
        "closed": _ALERTS.closed_at.is_not(None),
    }


def _count(connection: sa.Connection, site: str, which: sa.ColumnElement[bool]) -> int:
    joined = SAFETY_ALERTS.join(ENROLMENTS, _ENROLMENTS.id == _ALERTS.enrolment)
    query = sa.select(sa.func.count()).select_from(joined).where(_ENROLMENTS.site == site, which)
    return connection.scalar(query) or 0


def _own(site: str, alert: UUID) -> sa.ColumnElement[bool]:
    own = sa.select(_ENROLMENTS.id).where(_ENROLMENTS.site == site)
    return sa.and_(_ALERTS.id == alert, _ALERTS.enrolment.in_(own))


def _change(connection: sa.Connection, site: str, alert: UUID, values: Mapping[str, Any]) -> bool:
    running = (_own(site, alert), _ALERTS.acknowledged_at.is_not(None), _ALERTS.closed_at.is_(None))
    return connection.execute(sa.update(SAFETY_ALERTS).where(*running).values(values)).rowcount == 1


def _of_site(site: str) -> sa.Select:
    columns = (
        _ALERTS.id, _ALERTS.level, _ALERTS.raised_at, _ALERTS.source, _ALERTS.acknowledged_at, _ALERTS.acknowledged_by,
        _ALERTS.holder, _ALERTS.closed_at, _ALERTS.entry,
    )  # fmt: skip
    whose = (_ALERTS.enrolment, _ENROLMENTS.participant_code, _ENROLMENTS.zone, _ENROLMENTS.started_on)
    joined = SAFETY_ALERTS.join(ENROLMENTS, _ENROLMENTS.id == _ALERTS.enrolment)
    return sa.select(*columns, *whose).select_from(joined).where(_ENROLMENTS.site == site)
