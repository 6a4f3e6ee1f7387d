"""Say who shares answers with researchers now, and from whom nothing newer may be shared.

The latest consent counts, then what was withdrawn since. Whoever is in doubt does not share.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from studyportal.registry.consents import still_counting
from studyportal.registry.tables import CONSENT_RECORDS, ENROLMENTS, WITHDRAWALS

# What a withdrawal of a scope does to sharing. "stop" keeps what came before it.
ENDS_SHARING = frozenset({"remove", "erase"})


@dataclass(frozen=True, slots=True)
class Sharing:
    """One enrolment that shares: under which scopes, from which study day 1, entries until when (None: all), in which
    zone."""

    scopes: tuple[str, ...]
    started_on: date
    until: datetime | None
    zone: str


class Consented(NamedTuple):
    """The scopes of the latest consent of somebody who has started, when it was given, their study day 1 and zone."""

    scopes: tuple[str, ...]
    agreed_at: datetime
    started_on: date
    zone: str


def latest_consents(connection: sa.Connection) -> Mapping[UUID, Consented]:
    """The latest consent of everyone who has started."""
    records, enrolments = CONSENT_RECORDS.c, ENROLMENTS.c
    rows = connection.execute(
        sa.select(records.enrolment, records.scopes, records.agreed_at, enrolments.started_on, enrolments.zone)
        .join(ENROLMENTS, enrolments.id == records.enrolment)
        .where(enrolments.started_on.is_not(None))
        .order_by(records.agreed_at)
    )
    return {
        enrolment: Consented(_scopes(scopes), agreed_at, start, zone)
        for enrolment, scopes, agreed_at, start, zone in rows
    }


@lru_cache(maxsize=256)
def _scopes(text: str) -> tuple[str, ...]:
    """A study has few sets of scopes and many who agreed to them."""
    return tuple(json.loads(text))


def who_shares(
    connection: sa.Connection, *, sharing: Collection[str], required: Collection[str]
) -> Mapping[UUID, Sharing]:
    """Everyone who has started and shares now.

    `sharing` are the protocol's scopes under which answers are shared, `required` those without which nobody takes
    part: leaving one of these with "remove" or "erase" ends all sharing, stopping it stops sharing from then on.
    """
    consents = latest_consents(connection)
    left: dict[UUID, list[sa.Row]] = {}
    for row in connection.execute(sa.select(WITHDRAWALS)):
        left.setdefault(row.enrolment, []).append(row)
    found = {}
    for enrolment, consent in consents.items():
        if share := _sharing(consent, left.get(enrolment, []), sharing, required):
            found[enrolment] = share
    return found


def _sharing(
    consent: Consented, left: list[sa.Row], sharing: Collection[str], required: Collection[str]
) -> Sharing | None:
    counts = still_counting(left, consent.agreed_at)
    ended = {row.scope for row in counts if row.strength in ENDS_SHARING}
    scopes = tuple(sorted(scope for scope in consent.scopes if scope in sharing and scope not in ended))
    if not scopes or ended & set(required):
        return None
    stopped = {row.scope: row.requested_at for row in counts if row.strength == "stop"}
    ends = [stopped[scope] for scope in required if scope in stopped]
    if all(scope in stopped for scope in scopes):
        ends.append(max(stopped[scope] for scope in scopes))
    return Sharing(scopes, consent.started_on, min(ends, default=None), consent.zone)
