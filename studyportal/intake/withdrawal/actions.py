"""Leave the study or a part of it. Intake ends what it takes at once; what custody must do is an outbox row."""

from datetime import datetime
from uuid import UUID, uuid4

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.errors import Conflict, NotFound
from studyportal.intake.withdrawal.consequences import choices, is_covered
from studyportal.outbox import put
from studyportal.protocol import ConsentForm
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


def withdraw(enrolment: UUID, scope: str, strength: str, *, form: ConsentForm, now: datetime) -> UUID:
    """Withdraw from a scope that was agreed to, by "stop", "remove" or "erase"; the id of the withdrawal.

    An erasure ends every session and takes every passkey away. Raises `NotFound` for what is not offered, `Conflict` when this was asked before or is
    covered by what was. What was taken back before the latest consent counts no more, but for an erasure.
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
        if is_covered(form, form.scopes[scope], strength, taken) or not add_withdrawal(
            connection, id, enrolment, scope=scope, strength=strength, now=asked_at
        ):
            raise Conflict("You have chosen this before, or more than this, and it holds.")
        put(connection, "registry", "withdraw", str(id), {"withdrawal": str(id)}, now=now)
        if strength == "erase":
            remove_passkeys(connection, enrolment)
            end_all_sessions(connection, enrolment, now=now)
        record(connection, "registry", event, now=now)
    return id
