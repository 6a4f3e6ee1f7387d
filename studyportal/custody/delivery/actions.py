"""Send one mail about an alert that waits; and say whom a site wants mailed.

A mail that was sent is not sent again, one whose alert was taken on meanwhile is dropped, and a failure is counted
before the work goes back to the outbox. Killed between sending and writing it down, it is sent twice: better than
never.
"""

from datetime import datetime
from uuid import UUID

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.delivery.letters import letter
from studyportal.custody.delivery.mailer import send
from studyportal.custody.delivery.settings import MailSettings
from studyportal.database import reading, writing
from studyportal.errors import Invalid, NotFound, Refusal, Unavailable
from studyportal.registry.alert_mails import count_failure, end_mail, mail_of, set_mail
from studyportal.web.mail_addresses import read_address

LEAST, MOST = 5, 1440  # minutes; as the table's check says


def set_site_mail(site: str, *, address: str | None, after: int | None, actor: Actor, now: datetime) -> None:
    """Mail `address` when an urgent alert of a site waits for `after` minutes; None and None: mail nobody.

    Raises `Invalid` for another address or time, `NotFound` for an unknown site.
    """
    if (address is None) != (after is None) or (after is not None and not LEAST <= after <= MOST):
        raise Invalid(f"Give an address and a time from {LEAST} to {MOST:,} minutes, or neither.")
    with writing("registry") as connection:
        if not set_mail(connection, site, address=address and read_address(address), after=after):
            raise NotFound("There is no such site.")
        record(connection, "registry", AuditEvent(actor, "site:mail", "site", site, {"after": after or 0}), now=now)


def send_mail(alert: UUID, step: int, *, mail: MailSettings | None, study: str, actor: Actor, now: datetime) -> None:
    """Send the mail of this step. Raises `Unavailable` when it could not be sent, and counts that."""
    with reading("registry") as connection:
        row = mail_of(connection, alert, step)
    if row is None or row.sent_at or row.dropped_at:
        return
    to = row.alert_address if step == 1 else mail and mail.monitoring
    if row.acknowledged_at is not None or (mail is not None and to is None):
        _end(alert, step, sent=False, actor=actor, now=now)
        return
    try:
        if mail is None or to is None:
            raise Unavailable("There is no mail server in custody's settings.")
        id = f"{alert}.{step}"
        send(letter(step, study=study, to=to, sender=mail.sender, clinic=mail.clinic, id=id, now=now), mail)
    except (Refusal, ValueError):
        with writing("registry") as connection:
            count_failure(connection, alert, step)
        raise
    _end(alert, step, sent=True, actor=actor, now=now)


def _end(alert: UUID, step: int, *, sent: bool, actor: Actor, now: datetime) -> None:
    with writing("registry") as connection:
        if end_mail(connection, alert, step, sent=sent, now=now) and sent:
            record(connection, "registry", AuditEvent(actor, "mail:send", "alert", str(alert), {"step": step}), now=now)
