"""What staff can do for new words: ask, confirm as a second person, hand out the code, stop it. Each is one event."""

import secrets
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal import outbox
from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.errors import Conflict, NotAllowed, NotFound
from studyportal.registry.codes import new_enrolment_code
from studyportal.registry.reached import check_reach, reached_by_site
from studyportal.registry.reset_states import MEANWHILE, has_lapsed, reset_code_hash
from studyportal.registry.resets import add_reset, change_reset, reset_of_site, running_reset

NONE = "There is no such request."
UNDER_WAY = "New words are on their way for this participant already; look at that request."
YOURSELF = "You asked for this yourself. A colleague of your site has to make sure as well, with their own account."


def ask(enrolment: UUID, check: str, *, site: str, account: UUID, actor: Actor, now: datetime) -> UUID:
    """Ask for new words for a participant of this site, as the first of two; the id of the request.

    Raises `NotFound`, `NotAllowed` and `Gone` for somebody who can have none, `Conflict` while a request is running.
    """
    id = uuid4()
    with writing("registry", site=site) as connection:
        check_reach(reached_by_site(connection, site, enrolment))
        former = running_reset(connection, enrolment)
        if former is not None and has_lapsed(former, now=now):
            _end(connection, former, "expire", {"ended_at": now}, actor=actor, now=now)
        if not add_reset(connection, id, enrolment, asked_by=account, check=check, now=now):
            raise Conflict(UNDER_WAY)
        record(connection, "registry", _event(actor, "reset:ask", id, check=check), now=now)
    return id


def confirm(id: UUID, check: str, *, site: str, account: UUID, actor: Actor, now: datetime) -> None:
    """Confirm as the second of two; custody then begins to count the day.

    Raises `NotFound`, `NotAllowed` for whoever asked, `Conflict` when a colleague was quicker or it has ended.
    """
    with writing("registry", site=site) as connection:
        row = _running(connection, site, id, now=now)
        if row.asked_by == account:
            raise NotAllowed(YOURSELF)
        values = {"confirmed_at": now, "confirmed_by": account, "confirmed_check": check}
        change_reset(connection, row, "confirm", values)
        outbox.put(connection, "registry", "reset", f"{id} confirmed", {"reset": str(id)}, now=now)
        record(connection, "registry", _event(actor, "reset:confirm", id, check=check), now=now)


def hand_over(id: UUID, *, site: str, account: UUID, actor: Actor, now: datetime) -> str:
    """A code that works once, in its printed form; an earlier one of this request stops working. Nobody can show it
    again.

    Raises `NotFound`, and `Conflict` before the day is over or after the end.
    """
    code = new_enrolment_code(secrets)
    with writing("registry", site=site) as connection:
        row = _running(connection, site, id, now=now)
        check_reach(reached_by_site(connection, site, row.enrolment))
        if row.state == "waiting" and now < row.ready_at:
            raise Conflict(MEANWHILE["waiting"])
        values = {"code_hash": reset_code_hash(code), "code_at": now, "code_by": account}
        change_reset(connection, row, "hand_over", values)
        record(connection, "registry", _event(actor, "reset:code", id), now=now)
    return code


def stop(id: UUID, *, site: str, actor: Actor, now: datetime) -> None:
    """Stop a request before the code is used. Raises `NotFound`, and `Conflict` once it is too late."""
    with writing("registry", site=site) as connection:
        row = reset_of_site(connection, site, id)
        if row is None:
            raise NotFound(NONE)
        _end(connection, row, "cancel", {"ended_at": now, "ended_by": "staff"}, actor=actor, now=now)


def _running(connection: sa.Connection, site: str, id: UUID, *, now: datetime) -> sa.Row:
    row = reset_of_site(connection, site, id)
    if row is None:
        raise NotFound(NONE)
    if has_lapsed(row, now=now):
        raise Conflict(MEANWHILE["expired"])
    return row


def _end(connection: sa.Connection, row: sa.Row, act: str, values: dict, *, actor: Actor, now: datetime) -> None:
    change_reset(connection, row, act, values)
    record(connection, "registry", _event(actor, ENDS[act], row.id), now=now)


ENDS = {"cancel": "reset:cancel", "expire": "reset:expire"}


def _event(actor: Actor, action: str, id: UUID, **detail: str) -> AuditEvent:
    return AuditEvent(actor, action, "reset", str(id), detail)
