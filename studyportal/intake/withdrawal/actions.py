"""Leave the study or a part of it. Intake ends what it takes at once; what custody must do is an outbox row."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.errors import Conflict, Invalid, NotFound
from studyportal.intake.withdrawal.consequences import choices, is_covered
from studyportal.outbox import put
from studyportal.protocol import ConsentForm
from studyportal.registry.alerts import has_open_alert
from studyportal.registry.consents import (
    add_withdrawal,
    agreed_scopes,
    consent_records,
    still_counting,
    withdrawals_of,
)
from studyportal.registry.enrolments import lock_enrolment
from studyportal.registry.passkeys import remove_passkeys
from studyportal.registry.sessions import end_all_sessions
from studyportal.registry.withdrawals import erasures_waiting, wait_no_longer
from studyportal.saying import said

# Longer than a weekend with holidays; an erasure that waited for somebody else for weeks would be none.
WAITS = timedelta(days=7)
# What becomes of an alert that is open when everything is erased: the clinic closes it first, or it is told that there
# was one.
CLOSED_FIRST, HANDED_OVER = "close", "hand_over"
CHOOSE_FIRST = said("An answer of yours has raised an alert that is open. Choose what becomes of it.")


def withdraw(enrolment: UUID, scope: str, strength: str, *, form: ConsentForm, now: datetime, alert: str = "") -> UUID:
    """Withdraw from a scope that was agreed to, by "stop", "remove" or "erase"; the id of the withdrawal.

    An erasure ends every session and takes every passkey away, unless it waits for the clinic. `alert` (CLOSED_FIRST or
    HANDED_OVER) is what somebody chose for an alert that is open. Raises `NotFound` for what is not offered, `Conflict`
    when this was asked before or is covered by what was, `Invalid` for an erasure without that choice while an alert is
    open. What was taken back before the latest consent counts no more, but for an erasure.
    """
    if scope not in form.scopes or strength not in dict(choices(form, form.scopes[scope])):
        raise NotFound("There is no such choice.")
    id, actor = uuid4(), Actor("intake", "participant", str(enrolment))
    event = AuditEvent(actor, "withdrawal:request", "withdrawal", str(id), {"scope": scope, "strength": strength})
    with writing("registry", enrolment=enrolment) as connection:
        lock_enrolment(connection, enrolment)
        agreed = next(iter(consent_records(connection, enrolment)), None)
        if agreed is None or scope not in agreed_scopes(agreed):
            raise NotFound("There is no such choice.")
        # Nobody withdraws before they agreed: a clock that was set back must not make this look like the older word.
        asked_at = max(now, agreed.agreed_at)
        taken = [
            (row.scope, row.strength) for row in still_counting(withdrawals_of(connection, enrolment), agreed.agreed_at)
        ]
        is_open = strength == "erase" and has_open_alert(connection, enrolment)
        if is_open and alert not in (CLOSED_FIRST, HANDED_OVER):
            raise Invalid(CHOOSE_FIRST, {"alert": CHOOSE_FIRST})
        waits_until = asked_at + WAITS if is_open and alert == CLOSED_FIRST else None
        if is_covered(form, form.scopes[scope], strength, taken) or not add_withdrawal(
            connection,
            id,
            enrolment,
            scope=scope,
            strength=strength,
            now=asked_at,
            waits_until=waits_until,
            hands_over=is_open,
        ):
            raise Conflict("You have chosen this before, or more than this, and it holds.")
        put(connection, "registry", "withdraw", str(id), {"withdrawal": str(id)}, now=now, not_before=waits_until)
        if waits_until is not None:
            # What researchers have of them closes at once, whatever the clinic does.
            put(connection, "registry", "sharing", f"{id} waits", {"withdrawal": str(id)}, now=now)
        elif strength == "erase":
            remove_passkeys(connection, enrolment)
            end_all_sessions(connection, enrolment, now=now)
        record(connection, "registry", event, now=now)
    return id


def erase_at_once(enrolment: UUID, *, now: datetime) -> None:
    """Let an erasure go on that waits for the clinic, and end every session. Raises `Conflict` if none waits."""
    actor = Actor("intake", "participant", str(enrolment))
    with writing("registry", enrolment=enrolment) as connection:
        lock_enrolment(connection, enrolment)
        waiting = [row.id for row in erasures_waiting(connection, enrolment, now=now)]
        if not waiting:
            raise Conflict("Nothing waits any more: everything is being erased, or is erased already.")
        for id in waiting:
            wait_no_longer(connection, id, now=now)
            put(connection, "registry", "withdraw", f"{id} at once", {"withdrawal": str(id)}, now=now)
            record(connection, "registry", AuditEvent(actor, "withdrawal:hasten", "withdrawal", str(id)), now=now)
        end_all_sessions(connection, enrolment, now=now)
