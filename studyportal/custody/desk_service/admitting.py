"""Let somebody of a clinic read one participant of their site, or refuse; either stands in the trail before anything
opens.

Custody believes the clinic nothing: it looks the session up for itself, and keeps its own count of whom an account has
had opened.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.desk import PURPOSES, Pass
from studyportal.errors import Invalid, NotAllowed, NotFound, NotSignedIn, Refusal, TooMany
from studyportal.registry.desk import note_opening, others_opened, read_by_site
from studyportal.web.sign_in.sessions import live_session
from studyportal.web.sign_in.tables import SIGN_IN

READERS = frozenset({"clinician", "coordinator"})

# A clinician who gives each participant one minute sees sixty in an hour; whoever wants more is copying.
PARTICIPANTS, WITHIN = 60, timedelta(hours=1)

NOBODY = "There is no such participant."
_TOO_MANY = "You have had the entries of many participants opened in the last hour. Wait a little, then go on."


@dataclass(frozen=True, slots=True)
class Admitted:
    """Whom custody opens for, and study day 1 of the participant."""

    account: UUID
    started_on: date | None


def admit(pass_: Pass, enrolment: UUID, *, act: str, detail: Mapping[str, str], now: datetime) -> Admitted:
    """Write down that this is opened (`act` is an action of the trail) and for whom. Raises what `Desk` says."""
    if pass_.purpose not in PURPOSES:
        raise Invalid("Say what you need these entries for: choose a purpose.")
    with writing("registry") as connection:
        found = live_session(connection, "registry", pass_.token, now=now)
        if found is None:
            raise NotSignedIn("You are not signed in, or were away too long. Sign in, then do it again.")
        whose = read_by_site(connection, enrolment)
        refusal = _refusal(connection, found, whose, enrolment, now=now)
        actor = Actor("clinic", found.role, str(found.account))
        if refusal is None:
            note_opening(connection, account=found.account, enrolment=enrolment, now=now)
            told: Mapping[str, str] = {"purpose": pass_.purpose, **detail}
            event = AuditEvent(actor, act, "enrolment", str(enrolment), told)
        else:
            told = {"purpose": pass_.purpose, "refusal": type(refusal).__name__}
            event = AuditEvent(actor, "desk:refuse", "enrolment", str(enrolment), told)
        record(connection, "registry", event, now=now)
    if refusal is not None:
        raise refusal
    return Admitted(found.account, whose.started_on)  # type: ignore[union-attr]


def _refusal(
    connection: sa.Connection, found: sa.Row, whose: sa.Row | None, enrolment: UUID, *, now: datetime
) -> Refusal | None:
    if found.role not in READERS or found.site is None:
        return NotAllowed("Your role does not read participants' entries.")
    if whose is None or whose.site != found.site:
        return NotFound(NOBODY)
    # Of two requests at once, the second counts the first.
    accounts = SIGN_IN["registry"].accounts
    connection.execute(sa.select(accounts.c.id).where(accounts.c.id == found.account).with_for_update())
    if others_opened(connection, account=found.account, but=enrolment, since=now - WITHIN) >= PARTICIPANTS:
        return TooMany(_TOO_MANY, retry_after=600)
    return None
