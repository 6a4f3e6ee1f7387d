"""What an administrator does with accounts: one transaction and one audit event each. No page of theirs shows data.

An invitation's token is answered once and kept nowhere. Nobody acts on their own account, nor has two.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from studyportal.audit import AuditEvent, record
from studyportal.custody.staff.administering import administering
from studyportal.custody.staff.homes import AT_A_SITE, HOMES
from studyportal.custody.staff.people import Colleague, check_one_account, colleague
from studyportal.database import reading
from studyportal.errors import Conflict, Gone, Invalid
from studyportal.registry.sites import is_site
from studyportal.web.sign_in import actions, sessions
from studyportal.web.sign_in.invitations import end_invitations


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who was invited: at which room the token is taken, until when."""

    name: str
    role: str
    room: str
    until: datetime
    token: str = field(repr=False)


def check_place(role: str, site: str | None) -> None:
    """Raise `Invalid` unless this role belongs to this site, or to none."""
    if role not in HOMES:
        raise Invalid("There is no such role.", {"role": "Choose a role that exists."})
    if (role in AT_A_SITE) != (site is not None):
        sentence = f"A {role} belongs to {'a site' if role in AT_A_SITE else 'no site'}."
        raise Invalid(sentence, {"site": f"{sentence} Choose {'one' if role in AT_A_SITE else 'none'}."})
    if site is not None:
        with reading("registry") as connection:
            if not is_site(connection, site):
                raise Invalid(f"There is no site {site}.", {"site": "Choose a site that exists."})


def invite(name: str, *, role: str, site: str | None, administrator: UUID, now: datetime) -> Invited:
    """Invite somebody new. Raises `Invalid`, `Conflict` for somebody who has or had an account, `NotAllowed`."""
    check_place(role, site)
    room, bind = HOMES[role]
    with administering(administrator, bind) as (connection, actor):
        check_one_account(name)
        about = {"name": name, "role": role, "site": site}
        token = actions.invite(connection, bind, **about, actor=actor, now=now)
    return Invited(" ".join(name.split()), role, room, _until(now), token)


def invite_again(account: UUID, *, administrator: UUID, now: datetime) -> Invited:
    """Invite somebody again; an invitation from before ends. Raises `NotFound`, `Gone`, `NotAllowed`."""
    person = _in_use(account, now)
    with administering(administrator, person.bind, on=account) as (connection, actor):
        about = {"name": person.name, "role": person.role, "site": person.site}
        token = actions.invite(connection, person.bind, **about, actor=actor, now=now, again=True)
    return Invited(person.name, person.role, person.room, _until(now), token)


def take_back(account: UUID, *, administrator: UUID, now: datetime) -> None:
    """End the invitation of somebody. Raises `NotFound`, `NotAllowed`, `Conflict` if none holds any more."""
    person = _in_use(account, now)
    with administering(administrator, person.bind, on=account) as (connection, actor):
        if not end_invitations(connection, person.bind, account, now=now):
            raise Conflict("No invitation of theirs holds any more: it was used, taken back or is too old.")
        event = AuditEvent(actor, "account:uninvite", "account", str(account), {"role": person.role})
        record(connection, person.bind, event, now=now)


def end(account: UUID, *, administrator: UUID, now: datetime) -> None:
    """End somebody's account and every session of it, at once. Raises `NotFound`, `Gone`, `NotAllowed`."""
    person = _in_use(account, now)
    with administering(administrator, person.bind, on=account) as (connection, actor):
        actions.end_account(connection, person.bind, account, actor=actor, now=now)


def end_sessions(account: UUID, *, administrator: UUID, now: datetime) -> int:
    """Sign somebody out everywhere; from how many places. Raises `NotFound`, `Gone`, `NotAllowed`."""
    person = _in_use(account, now)
    with administering(administrator, person.bind, on=account) as (connection, actor):
        sessions.end_all_sessions(connection, person.bind, account, now=now)
        event = AuditEvent(actor, "account:sign_out", "account", str(account), {"sessions": person.sessions})
        record(connection, person.bind, event, now=now)
    return person.sessions


def _in_use(account: UUID, now: datetime) -> Colleague:
    person = colleague(account, now=now)
    if person.ended_on:
        raise Gone("This account has ended.")
    return person


def _until(now: datetime) -> datetime:
    return now + timedelta(days=actions.INVITED_FOR)
