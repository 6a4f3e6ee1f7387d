"""Keep visits to the reading desk, and whom it opened for whom. Who and what for, never what was read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from studyportal.registry.alert_tables import ALERT_EVENTS, SAFETY_ALERTS
from studyportal.registry.desk_tables import DESK_OPENINGS, DESK_VISITS
from studyportal.registry.tables import ENROLMENTS, SEALED_ENTRIES

_VISITS, _OPENINGS, _ENTRIES = DESK_VISITS.c, DESK_OPENINGS.c, SEALED_ENTRIES.c
_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def begin_visit(
    connection: sa.Connection, id: UUID, *, session: UUID, account: UUID, enrolment: UUID, purpose: str, now: datetime
) -> None:
    """Write down what somebody came for."""
    row = {"id": id, "session": session, "account": account, "enrolment": enrolment, "purpose": purpose}
    connection.execute(sa.insert(DESK_VISITS), row | {"begun_at": now})


def purpose_of_visit(connection: sa.Connection, *, session: UUID, enrolment: UUID, since: datetime) -> str | None:
    """The purpose of this session's latest visit to a participant that began after a moment, or None."""
    query = sa.select(_VISITS.purpose).where(
        _VISITS.session == session, _VISITS.enrolment == enrolment, _VISITS.begun_at > since
    )
    return connection.scalar(query.order_by(_VISITS.begun_at.desc()).limit(1))


def last_visit(connection: sa.Connection, *, account: UUID, enrolment: UUID, before: datetime) -> sa.Row | None:
    """This account's latest visit to a participant before a moment (begun_at), or None."""
    query = sa.select(_VISITS.begun_at).where(
        _VISITS.account == account, _VISITS.enrolment == enrolment, _VISITS.begun_at < before
    )
    return connection.execute(query.order_by(_VISITS.begun_at.desc()).limit(1)).first()


def came_since(connection: sa.Connection, enrolment: UUID, since: datetime) -> int:
    """How many entries of this participant have arrived after a moment."""
    query = sa.select(sa.func.count(_ENTRIES.id)).where(_ENTRIES.enrolment == enrolment, _ENTRIES.received_at > since)
    return connection.scalar(query) or 0


def enrolled_at(connection: sa.Connection, site: str, enrolment: UUID) -> sa.Row | None:
    """Somebody of this site (id, participant_code, zone, started_on), also before they began; None for anybody else."""
    columns = ENROLMENTS.c.id, ENROLMENTS.c.participant_code, ENROLMENTS.c.zone, ENROLMENTS.c.started_on
    query = sa.select(*columns).where(ENROLMENTS.c.site == site, ENROLMENTS.c.id == enrolment)
    return connection.execute(query).first()


def note_opening(connection: sa.Connection, *, account: UUID, enrolment: UUID, now: datetime) -> None:
    """Write down that something of this participant is opened for this account."""
    statement = _INSERTS[connection.dialect.name](DESK_OPENINGS).values(
        account=account, enrolment=enrolment, last_at=now
    )
    connection.execute(statement.on_conflict_do_update(index_elements=["account", "enrolment"], set_={"last_at": now}))


def others_opened(connection: sa.Connection, *, account: UUID, but: UUID, since: datetime) -> int:
    """For how many other participants something was opened for this account since a moment."""
    query = sa.select(sa.func.count()).where(
        _OPENINGS.account == account, _OPENINGS.enrolment != but, _OPENINGS.last_at > since
    )
    return connection.scalar(query) or 0


def read_by_site(connection: sa.Connection, enrolment: UUID) -> sa.Row | None:
    """The site and study day 1 of an enrolment (site, started_on), or None."""
    query = sa.select(ENROLMENTS.c.site, ENROLMENTS.c.started_on).where(ENROLMENTS.c.id == enrolment)
    return connection.execute(query).first()


def alerts_of(connection: sa.Connection, enrolment: UUID) -> Sequence[sa.Row]:
    """The alerts of one enrolment, the latest first: id, entry, source, level, raised_at, acknowledged_at,
    closed_at."""
    alerts = SAFETY_ALERTS.c
    columns = (
        alerts.id,
        alerts.entry,
        alerts.source,
        alerts.level,
        alerts.raised_at,
        alerts.acknowledged_at,
        alerts.closed_at,
    )
    query = sa.select(*columns).where(alerts.enrolment == enrolment)
    return connection.execute(query.order_by(alerts.raised_at.desc(), alerts.id)).all()


def done_about(connection: sa.Connection, enrolment: UUID) -> Mapping[UUID, Sequence[sa.Row]]:
    """What was done about each alert of one enrolment, in order: alert, at, account, receiver, what, code."""
    events, alerts = ALERT_EVENTS.c, SAFETY_ALERTS.c
    columns = events.alert, events.at, events.account, events.receiver, events.what, events.code
    of = sa.select(*columns).join(SAFETY_ALERTS, alerts.id == events.alert).where(alerts.enrolment == enrolment)
    found: dict[UUID, list[sa.Row]] = {}
    for row in connection.execute(of.order_by(events.alert, events.number)):
        found.setdefault(row.alert, []).append(row)
    return found


def sealed_alert(connection: sa.Connection, alert: UUID) -> sa.Row | None:
    """The seal of one safety alert and whose it is (enrolment, sealed), or None."""
    alerts = SAFETY_ALERTS.c
    return connection.execute(sa.select(alerts.enrolment, alerts.sealed).where(alerts.id == alert)).first()
