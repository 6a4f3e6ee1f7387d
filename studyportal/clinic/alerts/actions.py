"""Take an alert on. Once: of two clinicians who do so at the same moment, one is told of the other."""

from datetime import datetime
from uuid import UUID

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.errors import Conflict, NotFound
from studyportal.registry.alerts import alert_of_site, take_alert


def acknowledge(alert: UUID, *, site: str, account: UUID, actor: Actor, now: datetime) -> None:
    """Write down that this account takes care of an alert of its site; again by the same one changes nothing.

    Raises `NotFound` for an unknown alert and another site's, `Conflict` when a colleague has taken it on before.
    """
    with writing("registry", site=site) as connection:
        if take_alert(connection, site, alert, account=account, now=now):
            record(connection, "registry", AuditEvent(actor, "alert:acknowledge", "alert", str(alert)), now=now)
            return
        row = alert_of_site(connection, site, alert)
    if row is None:
        raise NotFound("There is no such alert.")
    if row.acknowledged_by != account:
        raise Conflict("A colleague has taken this alert on already; it is listed below with their name.")
