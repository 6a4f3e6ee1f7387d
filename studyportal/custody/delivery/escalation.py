"""Find urgent alerts that nobody has taken on in their time, and want a mail about each: once an alert and step."""

from datetime import datetime, timedelta

from studyportal import outbox
from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.delivery.settings import MailSettings
from studyportal.database import writing
from studyportal.registry.alert_mails import overdue_alerts, tell_mail_works, want_mail

# How often a worker looks. Two workers that look at once want one mail.
LOOK_EVERY = timedelta(minutes=1)


def escalate(mail: MailSettings | None, *, actor: Actor, now: datetime) -> int:
    """Put the mails that are due into the outbox; how many. Without a mail server none is due, and the sites are
    told."""
    with writing("registry") as connection:
        tell_mail_works(connection, mail is not None)
        if mail is None:
            return 0
        due = overdue_alerts(connection, now=now)
        wanted = 0
        for alert, step in due:
            if (step == 2 and mail.monitoring is None) or not want_mail(connection, alert, step, now=now):
                continue
            payload = {"alert": str(alert), "step": str(step)}
            outbox.put(connection, "registry", "mail", f"{alert}:{step}", payload, now=now)
            event = AuditEvent(actor, "alert:escalate", "alert", str(alert), {"step": step})
            record(connection, "registry", event, now=now)
            wanted += 1
        return wanted
