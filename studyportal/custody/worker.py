"""What custody does when the registry's outbox asks for it. Each handler may be called again with the same work."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from studyportal.audit import Actor
from studyportal.custody.consent_copies import actions as consent_copies
from studyportal.custody.delivery.actions import send_mail
from studyportal.custody.erasure.actions import Means, carry_through
from studyportal.custody.looking_back.actions import look_back
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.opening.transport import rewrap
from studyportal.custody.publishing.sharing import renew_withdrawals
from studyportal.custody.reminders import sending
from studyportal.custody.reminders.pushing import Pusher
from studyportal.custody.resets.actions import carry_on
from studyportal.custody.settings import CustodySettings
from studyportal.errors import CannotOpen
from studyportal.outbox import Work
from studyportal.protocol import load_protocol

WORKER = Actor("custody", "worker", "worker")

Handler = Callable[..., None]


def handle_rewrap(work: Work, *, settings: CustodySettings, now: datetime) -> None:
    """Put a new enrolment's seeds under the KEK (payload: enrolment)."""
    keys, study = load_keys(settings.key_file), load_protocol(settings.protocol).study.code
    done = rewrap([UUID(work.payload["enrolment"])], keys=keys, study=study, actor=WORKER, now=now)
    if done.left:
        raise CannotOpen("A new enrolment's keys do not open.")


def handle_withdraw(work: Work, *, settings: CustodySettings, now: datetime) -> None:
    """Carry a withdrawal through (payload: withdrawal)."""
    means = Means(
        key_file=settings.key_file,
        shelf=settings.shelf,
        protocol=load_protocol(settings.protocol),
        actor=WORKER,
        now=now,
    )
    carry_through(UUID(work.payload["withdrawal"]), means)


def handle_consent_copy(work: Work, *, settings: CustodySettings, now: datetime) -> None:
    """Make the signed copy of a consent (payload: consent)."""
    means = consent_copies.Means(
        keys=load_keys(settings.key_file),
        protocol=load_protocol(settings.protocol),
        address=f"{settings.diary or settings.origin}/verify",
        synthetic=settings.synthetic,
        actor=WORKER,
        now=now,
    )
    consent_copies.make_copy(UUID(work.payload["consent"]), means)


def handle_sharing(work: Work, *, settings: CustodySettings, now: datetime) -> None:
    """Look who still shares, after somebody agreed to less than before."""
    protocol = load_protocol(settings.protocol)
    renew_withdrawals(settings.shelf, keys=load_keys(settings.key_file), protocol=protocol, now=now)


def handle_alerts(work: Work, *, settings: CustodySettings, now: datetime) -> None:
    """Look at what an entry raises together with former ones (payload: entry)."""
    keys, protocol = load_keys(settings.key_file), load_protocol(settings.protocol)
    look_back(UUID(work.payload["entry"]), keys=keys, protocol=protocol, actor=WORKER, now=now)


def handle_mail(work: Work, *, settings: CustodySettings, now: datetime) -> None:
    """Send a mail about an alert that waits (payload: alert, step)."""
    study = load_protocol(settings.protocol).study.code
    alert, step = UUID(work.payload["alert"]), int(work.payload["step"])
    send_mail(alert, step, mail=settings.mail, study=study, actor=WORKER, now=now)


def handle_reset(work: Work, *, settings: CustodySettings, now: datetime) -> None:
    """Carry a reset of somebody's words on (payload: reset)."""
    keys, study = load_keys(settings.key_file), load_protocol(settings.protocol).study.code
    carry_on(UUID(work.payload["reset"]), keys=keys, study=study, actor=WORKER, now=now)


def handle_reminder(work: Work, *, settings: CustodySettings, now: datetime) -> None:
    """Send somebody a reminder (payload: message)."""
    means = sending.Means(
        keys=load_keys(settings.key_file),
        protocol=load_protocol(settings.protocol),
        mail=settings.mail,
        pusher=Pusher(settings.push) if settings.push else None,
        diary=settings.diary,
        actor=WORKER,
    )
    sending.send_reminder(UUID(work.payload["message"]), means, now=now)


# Outbox kind in the registry -> what to do; called inside custody's application context.
HANDLERS: Mapping[str, Handler] = {
    "alerts": handle_alerts,
    "consent_copy": handle_consent_copy,
    "mail": handle_mail,
    "reminder": handle_reminder,
    "reset": handle_reset,
    "rewrap": handle_rewrap,
    "sharing": handle_sharing,
    "withdraw": handle_withdraw,
}
# A mail server that hangs must not hold up an erasure: these wait for all the others.
PATIENT = frozenset({"reminder"})
