"""Count what came, for one site: how many occasions were given, and when the last entry arrived.

Dates and counts only. Aggregated by the database for one page of participants at a time, so that a site with ten
thousand of them is as quick as one with ten. On-demand entries are not told apart or counted here.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.registry.tables import ENROLMENTS, SEALED_ENTRIES, SITES, WITHDRAWALS

_ENROLMENTS, _ENTRIES = ENROLMENTS.c, SEALED_ENTRIES.c

_LAST = sa.select(sa.func.max(_ENTRIES.received_at)).where(_ENTRIES.enrolment == _ENROLMENTS.id).scalar_subquery()
# How a page may be ordered; the name comes from the address.
ORDERS = {
    "code": (_ENROLMENTS.participant_code.asc(),),
    "quiet": (sa.literal_column("has_left").asc(), _LAST.asc().nulls_first(), _ENROLMENTS.participant_code.asc()),
}


def site_name(connection: sa.Connection, site: str) -> str:
    """The site's name, or its id if there is none."""
    return connection.scalar(sa.select(SITES.c.name).where(SITES.c.id == site)) or site


def count_participants(connection: sa.Connection, site: str) -> int:
    """How many have begun at this site."""
    begun = sa.select(sa.func.count()).where(_ENROLMENTS.site == site, _ENROLMENTS.started_on.is_not(None))
    return connection.scalar(begun) or 0


def participants_page(
    connection: sa.Connection, site: str, *, required_scopes: Collection[str], order: str, page: int, size: int
) -> Sequence[sa.Row]:
    """One page (from 1) of those who have begun: id, participant_code, zone, started_on, last_entry, has_left.

    `order` is a key of ORDERS: "code", or "quiet" for those first from whom nothing has come the longest, and those
    last who have left.
    """
    query = _participants(site, required_scopes).order_by(*ORDERS[order]).limit(size).offset((page - 1) * size)
    return connection.execute(query).all()


def participant_of_site(
    connection: sa.Connection, site: str, enrolment: UUID, *, required_scopes: Collection[str]
) -> sa.Row | None:
    """The same row for one participant; None also for another site's."""
    return connection.execute(_participants(site, required_scopes).where(_ENROLMENTS.id == enrolment)).first()


def participant_called(connection: sa.Connection, site: str, participant_code: str) -> UUID | None:
    """The id of this site's participant with this code, or None."""
    query = sa.select(_ENROLMENTS.id).where(
        _ENROLMENTS.site == site,
        _ENROLMENTS.participant_code == participant_code,
        _ENROLMENTS.started_on.is_not(None),
    )
    return connection.scalar(query)


def has_left(required_scopes: Collection[str]) -> sa.ColumnElement[bool]:
    """Whether an enrolment has withdrawn what nobody can take part without, in whichever strength."""
    of = WITHDRAWALS.c
    # A column of its own: `*` would need the right to read all of them.
    return sa.exists(of.enrolment).where(of.enrolment == _ENROLMENTS.id, of.scope.in_(sorted(required_scopes)))


def _participants(site: str, required_scopes: Collection[str]) -> sa.Select:
    return sa.select(
        _ENROLMENTS.id,
        _ENROLMENTS.participant_code,
        _ENROLMENTS.zone,
        _ENROLMENTS.started_on,
        _LAST.label("last_entry"),
        has_left(required_scopes).label("has_left"),
    ).where(_ENROLMENTS.site == site, _ENROLMENTS.started_on.is_not(None))


def given_counts(
    connection: sa.Connection, enrolments: Sequence[UUID], instruments: Collection[str]
) -> Mapping[UUID, int]:
    """How many occasions of these instruments have their entry, for each of these enrolments."""
    query = (
        sa.select(_ENTRIES.enrolment, sa.func.count())
        .where(
            _ENTRIES.enrolment.in_(enrolments),
            _ENTRIES.occasion.is_not(None),
            _ENTRIES.schedule.in_(sorted(instruments)),
        )
        .group_by(_ENTRIES.enrolment)
    )
    return dict(connection.execute(query).all())


def occasions_since(
    connection: sa.Connection, enrolments: Sequence[UUID], since: datetime
) -> Mapping[UUID, frozenset[tuple[str, int]]]:
    """The occasions (instrument, number) of each of these enrolments whose entries came since a moment."""
    query = sa.select(_ENTRIES.enrolment, _ENTRIES.schedule, _ENTRIES.occasion).where(
        _ENTRIES.enrolment.in_(enrolments), _ENTRIES.occasion.is_not(None), _ENTRIES.received_at >= since
    )
    found: dict[UUID, set[tuple[str, int]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.enrolment, set()).add((row.schedule, row.occasion))
    return {enrolment: frozenset(occasions) for enrolment, occasions in found.items()}
