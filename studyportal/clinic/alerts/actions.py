"""What a clinician can do about an alert: take it on, write down what was done, hand it over, close it, add a note.

Whoever does something says which event they saw last. Of two who do something at the same moment one is first, and the
other is told by whom. A closed alert stays closed. Notes are sealed here and read by nobody without the keys.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.clinic.alerts.course import ACTS, OUTCOMES, TOLD, UNKNOWN
from studyportal.database import writing
from studyportal.errors import Conflict, Invalid, NotFound
from studyportal.outbox import put
from studyportal.registry.alerts import (
    add_event,
    alert_events,
    alert_of_site,
    close_alert,
    give_alert,
    see_erased,
    take_alert,
)
from studyportal.registry.contexts import note_context
from studyportal.registry.enrolments import public_key
from studyportal.registry.withdrawals import erasures_waiting
from studyportal.sealing import seal
from studyportal.web.sign_in.accounts import accounts

NOTE_LENGTH = 2000
NOT_TAKEN = "Nobody has taken this alert on yet. Take it on first."
CLOSED = "This alert is closed and stays closed. You can still add a note."
NOT_THERE = "There is no such alert."


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who acts, at which site, in which study, and when."""

    site: str
    study: str
    account: UUID
    actor: Actor
    now: datetime


def acknowledge(alert: UUID, by: By) -> None:
    """Write down that this account takes care of an alert; again by the same one changes nothing.

    Raises `NotFound` for an unknown alert and another site's, `Conflict` when a colleague has taken it on before.
    """
    with writing("registry", site=by.site) as connection:
        if take_alert(connection, by.site, alert, account=by.account, now=by.now):
            add_event(connection, _row(alert, 1, by, "acknowledged"))
            _record(connection, by, "alert:acknowledge", alert)
            return
        row = alert_of_site(connection, by.site, alert)
        if row is None:
            raise NotFound(NOT_THERE)
        if row.acknowledged_by != by.account:
            raise Conflict(_beaten(connection, alert))


def act(alert: UUID, code: str, by: By, *, note: str, seen: int) -> None:
    """Write down what was done (a code of ACTS); `seen` is how many events the clinician saw.

    Raises `Invalid` for an unknown code or a long note, `NotFound`, and `Conflict` when somebody was faster, when
    nobody has taken the alert on, or when it is closed. The same holds for the actions below.
    """
    _check_code(code, ACTS, "act_what", "Choose what was done.")
    _go_on(alert, by, "acted", seen=seen, note=_checked(note, "act_note"), code=code)


def hand_over(alert: UUID, receiver: UUID, by: By, *, note: str, seen: int) -> None:
    """Put an alert into the hands of a clinician of the site, who may be the caller. Raises `Invalid` for anybody
    else."""
    text = _checked(note, "hand_note")

    def give(connection: sa.Connection, row: sa.Row) -> None:
        if receiver not in colleagues(connection, by.site) or receiver == row.holder:
            raise Invalid("This cannot be handed over as it is.", {"hand_to": "Choose a colleague of your site."})
        give_alert(connection, by.site, alert, holder=receiver)

    _go_on(alert, by, "handed_over", seen=seen, note=text, receiver=receiver, change=give)


def close(alert: UUID, code: str, by: By, *, note: str, seen: int) -> None:
    """Close an alert with an outcome (a code of OUTCOMES). It is not opened again. An erasure that waits for it goes
    on."""
    _check_code(code, OUTCOMES, "close_outcome", "Choose how it ended.")
    text = _checked(note, "close_note")

    def end(connection: sa.Connection, row: sa.Row) -> None:
        close_alert(connection, by.site, alert, now=by.now)
        for erasure in erasures_waiting(connection, row.enrolment, now=by.now):
            # Custody looks whether this was the last one that was open.
            about = {"withdrawal": str(erasure.id)}
            put(connection, "registry", "withdraw", f"{erasure.id} {alert}", about, now=by.now)

    _go_on(alert, by, "closed", seen=seen, note=text, code=code, change=end)


def add_note(alert: UUID, by: By, *, note: str, seen: int) -> None:
    """Add a note, also to a closed alert."""
    text = _checked(note, "note")
    if not text:
        raise Invalid("There is no note yet.", {"note": "Write the note."})
    _go_on(alert, by, "noted", seen=seen, note=text)


def read_of_erasure(alert: UUID, by: By) -> None:
    """Write down that somebody read that an alert was erased while it ran. Raises `NotFound`."""
    with writing("registry", site=by.site) as connection:
        if not see_erased(connection, by.site, alert, account=by.account, now=by.now):
            raise NotFound(NOT_THERE)
        _record(connection, by, "alert:read_erased", alert)


def colleagues(connection: sa.Connection, site: str) -> Mapping[UUID, str]:
    """The clinicians of a site who can sign in, by name."""
    rows = accounts(connection, "registry")
    return {row.id: row.shown_name for row in rows if row.role == "clinician" and row.site == site and not row.ended_at}


_AUDITED = {
    "acted": "alert:act",
    "handed_over": "alert:hand_over",
    "closed": "alert:close",
    "noted": "alert:note",
}


def _go_on(
    alert: UUID,
    by: By,
    what: str,
    *,
    seen: int,
    note: str,
    change: Callable[[sa.Connection, sa.Row], None] = lambda connection, row: None,
    **more: Any,
) -> None:
    with writing("registry", site=by.site) as connection:
        row = alert_of_site(connection, by.site, alert)
        if row is None:
            raise NotFound(NOT_THERE)
        if len(alert_events(connection, alert)) != seen:
            raise Conflict(_beaten(connection, alert))
        if row.acknowledged_at is None:
            raise Conflict(NOT_TAKEN)
        if row.closed_at is not None and what != "noted":
            raise Conflict(CLOSED)
        event = _row(alert, seen + 1, by, what) | more
        event["sealed"] = _sealed(connection, row.enrolment, event["id"], note, by.study)
        if not add_event(connection, event):
            raise Conflict(_beaten(connection, alert))
        change(connection, row)
        _record(connection, by, _AUDITED[what], alert, **({"code": more["code"]} if "code" in more else {}))


def _row(alert: UUID, number: int, by: By, what: str) -> dict[str, Any]:
    return {"id": uuid4(), "alert": alert, "number": number, "at": by.now, "account": by.account, "what": what}


def _sealed(connection: sa.Connection, enrolment: UUID, event: UUID, note: str, study: str) -> bytes | None:
    key = public_key(connection, enrolment, "diary") if note else None
    return seal(note.encode(), to=key, about=note_context(study, enrolment, event)) if key else None


def _record(connection: sa.Connection, by: By, action: str, alert: UUID, **detail: str) -> None:
    record(connection, "registry", AuditEvent(by.actor, action, "alert", str(alert), detail), now=by.now)


def _beaten(connection: sa.Connection, alert: UUID) -> str:
    """Who was faster, and what they did."""
    events = alert_events(connection, alert)
    if not events:
        return "This page is not complete any more. Look at the alert again."
    last, names = events[-1], {row.id: row.shown_name for row in accounts(connection, "registry")}
    who, did = names.get(last.account, UNKNOWN), TOLD[last.what](last, names)
    return f"{who} was faster: “{did}”. Nothing of yours was written down; look at what was done, then go on."


def _check_code(code: str, known: Mapping[str, str], field: str, sentence: str) -> None:
    if code not in known:
        raise Invalid("This cannot be written down as it is.", {field: sentence})


def _checked(note: str, field: str) -> str:
    text = note.strip()
    if len(text) > NOTE_LENGTH:
        raise Invalid("The note is too long.", {field: f"Shorten the note to {NOTE_LENGTH:,} characters."})
    return text
