"""Who works here: every account of the three databases, as the administrator may see it.

Of a sign-in no more than its day is told, and of a factor its kind.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from studyportal.custody.staff.homes import HOMES
from studyportal.database import BINDS, reading
from studyportal.errors import Conflict, NotFound
from studyportal.web.access_table import ROLES
from studyportal.web.sign_in.accounts import accounts, same_person
from studyportal.web.sign_in.invitations import waiting_invitations
from studyportal.web.sign_in.sessions import is_live
from studyportal.web.sign_in.tables import SIGN_IN

# An invitation holds for seven days; whoever is away for a week still finds it told.
LATELY = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Colleague:
    """One account. `begun` is whether its person ever followed an invitation, `invited_on` the day of the latest one;
    `sessions` are those that run now."""

    id: UUID
    name: str
    role: str
    site: str | None
    made_on: date
    begun: bool
    ended_on: date | None
    invited_on: date | None
    invited_until: datetime | None
    last_day: date | None
    factors: Mapping[str, int]
    sessions: int

    @property
    def room(self) -> str:
        return HOMES[self.role].room

    @property
    def bind(self) -> str:
        return HOMES[self.role].bind


def colleagues(*, now: datetime) -> list[Colleague]:
    """Everybody, ended accounts too, by room, role and name."""
    found = [one for bind in BINDS for one in _of_database(bind, now)]
    return sorted(found, key=lambda one: (one.room, one.role, one.site or "", one.name.casefold()))


def lately_invited(*, now: datetime) -> list[Colleague]:
    """Whose accounts were made or renewed in the last days: what custodians look at, because they know who should be
    here."""
    since = (now - LATELY).date()
    return [one for one in colleagues(now=now) if not one.ended_on and one.invited_on and one.invited_on >= since]


def colleague(account: UUID, *, now: datetime) -> Colleague:
    """The account of this id, in whichever room. Raises `NotFound`."""
    for one in colleagues(now=now):
        if one.id == account:
            return one
    raise NotFound("There is no such account.")


def check_one_account(name: str) -> None:
    """Raise `Conflict` if somebody of this name has an account in any room: one person has one account and one role."""
    for bind in BINDS:
        with reading(bind) as connection:
            for row in accounts(connection, bind):
                if row.ended_at is None and same_person(row.shown_name, name):
                    raise Conflict(
                        f"Somebody of this name has an account already, as {ROLES[row.role].lower()}. One person has one"
                        " account and one role: end that one first, or tell two people apart by a further name."
                    )


def _of_database(bind: str, now: datetime) -> list[Colleague]:
    tables = SIGN_IN[bind]
    factors, sessions = tables.factors.c, tables.sessions.c
    with reading(bind) as connection:
        rows = accounts(connection, bind)
        invited = {one.account: one.expires_at for one in waiting_invitations(connection, bind, now=now)}
        table = tables.invitations.c
        latest = sa.select(table.account, sa.func.max(table.made_at)).group_by(table.account)
        made = {account: at for account, at in connection.execute(latest)}
        signed_in = sa.select(sessions.account, sa.func.max(sessions.created_at)).group_by(sessions.account)
        last = {account: at for account, at in connection.execute(signed_in)}
        live = sa.select(sessions.account, sa.func.count()).where(*is_live(tables.sessions, now))
        running = {account: count for account, count in connection.execute(live.group_by(sessions.account))}
        kinds: dict[UUID, Counter[str]] = {}
        for account, kind in connection.execute(sa.select(factors.account, factors.kind)):
            kinds.setdefault(account, Counter())[kind] += 1
    return [
        Colleague(
            id=row.id,
            name=row.shown_name,
            role=row.role,
            site=row.site,
            made_on=row.created_at.date(),
            begun=bool(row.passphrase_hash),
            ended_on=row.ended_at.date() if row.ended_at else None,
            invited_on=made[row.id].date() if row.id in made else None,
            invited_until=None if row.ended_at else invited.get(row.id),
            last_day=last[row.id].date() if row.id in last else None,
            factors=kinds.get(row.id, {}),
            sessions=0 if row.ended_at else running.get(row.id, 0),
        )
        for row in rows
    ]
