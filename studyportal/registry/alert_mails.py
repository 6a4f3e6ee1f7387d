"""Keep which alerts are mailed about because they wait too long, whether the mail went, and where it goes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from studyportal.database import insert_once
from studyportal.registry.alert_tables import ALERT_MAILS, SAFETY_ALERTS
from studyportal.registry.tables import ENROLMENTS, SITES

_ALERTS, _ENROLMENTS, _MAILS, _SITES = SAFETY_ALERTS.c, ENROLMENTS.c, ALERT_MAILS.c, SITES.c
# The site is mailed when its time is over, whoever watches over the study after twice that time.
STEPS = (1, 2)
_OPEN = sa.and_(_MAILS.sent_at.is_(None), _MAILS.dropped_at.is_(None))


def set_mail(connection: sa.Connection, site: str, *, address: str | None, after: int | None) -> bool:
    """Say who is mailed when an urgent alert of a site waits for `after` minutes (None: nobody); False: no such
    site."""
    values = {"alert_address": address, "escalate_after_minutes": after}
    return connection.execute(sa.update(SITES).where(_SITES.id == site).values(values)).rowcount == 1


def tell_mail_works(connection: sa.Connection, works: bool) -> None:
    """Write at the sites whether there is a mail server, where that has changed."""
    connection.execute(sa.update(SITES).where(_SITES.has_mail.is_not(works)).values(has_mail=works))


def site_mail(connection: sa.Connection, site: str) -> sa.Row:
    """How a site is mailed: alert_address, escalate_after_minutes, has_mail."""
    query = sa.select(_SITES.alert_address, _SITES.escalate_after_minutes, _SITES.has_mail)
    return connection.execute(query.where(_SITES.id == site)).one()


def overdue_alerts(connection: sa.Connection, *, now: datetime) -> Sequence[tuple[UUID, int]]:
    """Urgent alerts that nobody has taken on in the time of their site, with each step that is due and not wanted
    yet."""
    joined = SAFETY_ALERTS.join(ENROLMENTS, _ENROLMENTS.id == _ALERTS.enrolment).join(SITES)
    waiting = (
        sa.select(_ALERTS.id, _ALERTS.raised_at, _SITES.escalate_after_minutes)
        .select_from(joined)
        .where(_ALERTS.acknowledged_at.is_(None), _ALERTS.level == "urgent", _SITES.alert_address.is_not(None))
    )
    rows = connection.execute(waiting.order_by(_ALERTS.raised_at)).all()
    wanted = set()
    if rows:
        known = sa.select(_MAILS.alert, _MAILS.step).join(SAFETY_ALERTS, _ALERTS.id == _MAILS.alert)
        wanted = {(row.alert, row.step) for row in connection.execute(known.where(_ALERTS.acknowledged_at.is_(None)))}
    return [
        (row.id, step)
        for row in rows
        for step in STEPS
        if now - row.raised_at >= step * timedelta(minutes=row.escalate_after_minutes) and (row.id, step) not in wanted
    ]


def want_mail(connection: sa.Connection, alert: UUID, step: int, *, now: datetime) -> bool:
    """Write down that a mail is due; False if it was before."""
    row = {"alert": alert, "step": step, "wanted_at": now}
    return insert_once(connection, ALERT_MAILS, row, key=["alert", "step"])


def mail_of(connection: sa.Connection, alert: UUID, step: int) -> sa.Row | None:
    """One mail with its alert: sent_at, dropped_at, acknowledged_at, alert_address; None when the alert is gone."""
    joined = ALERT_MAILS.join(SAFETY_ALERTS).join(ENROLMENTS, _ENROLMENTS.id == _ALERTS.enrolment).join(SITES)
    query = sa.select(_MAILS.sent_at, _MAILS.dropped_at, _ALERTS.acknowledged_at, _SITES.alert_address)
    return connection.execute(query.select_from(joined).where(_MAILS.alert == alert, _MAILS.step == step)).first()


def mails_of(connection: sa.Connection, alert: UUID) -> Sequence[sa.Row]:
    """The mails about one alert, in order."""
    return connection.execute(sa.select(ALERT_MAILS).where(_MAILS.alert == alert).order_by(_MAILS.step)).all()


def end_mail(connection: sa.Connection, alert: UUID, step: int, *, sent: bool, now: datetime) -> bool:
    """Write down that a mail was sent, or is no longer needed; False if that was written before."""
    this = sa.and_(_MAILS.alert == alert, _MAILS.step == step, _OPEN)
    done = sa.update(ALERT_MAILS).where(this).values({"sent_at" if sent else "dropped_at": now})
    return connection.execute(done).rowcount == 1


def count_failure(connection: sa.Connection, alert: UUID, step: int) -> None:
    """Count one more try that failed."""
    this = sa.and_(_MAILS.alert == alert, _MAILS.step == step, _OPEN)
    connection.execute(sa.update(ALERT_MAILS).where(this).values(failures=_MAILS.failures + 1))


def mail_counts(connection: sa.Connection) -> Mapping[str, int]:
    """How many mails were "sent", "failed" at least once and are still to be sent, and "waiting" for their first
    try."""
    sent, failed, waiting = connection.execute(
        sa.select(
            sa.func.count(_MAILS.sent_at),
            sa.func.count().filter(_OPEN, _MAILS.failures > 0),
            sa.func.count().filter(_OPEN, _MAILS.failures == 0),
        ).select_from(ALERT_MAILS)
    ).one()
    return {"sent": sent, "failed": failed, "waiting": waiting}
