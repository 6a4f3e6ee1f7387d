"""Keep fresh enrolment codes, by their hashes, and count what became of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from studyportal.registry.codes import code_hash
from studyportal.registry.tables import ENROLMENT_CODES

LONGEST = timedelta(days=366)  # of a code or a link; who needs longer makes new ones


def unfit_wish(count: int, expires_at: datetime, *, most: int, now: datetime) -> Mapping[str, str]:
    """What is wrong with a wish for so many codes until then: a sentence for "count" and for "expires_on", or
    nothing."""
    problems = {}
    if not 1 <= count <= most:
        problems["count"] = f"Issue 1 to {most} codes at once."
    if not now < expires_at <= now + LONGEST:
        problems["expires_on"] = "Choose a day within the next year."
    return problems


def add_codes(
    connection: sa.Connection, codes: Iterable[str], *, site: str, issued_by: str, expires_at: datetime, now: datetime
) -> None:
    """Keep codes (in their printed form) for one site, until they expire."""
    rows = [
        {
            "code_hash": code_hash(code),
            "site": site,
            "issued_at": now,
            "issued_by": issued_by,
            "expires_at": expires_at,
        }
        for code in codes
    ]
    connection.execute(sa.insert(ENROLMENT_CODES), rows)


def code_counts(connection: sa.Connection, *, now: datetime) -> Mapping[str, Mapping[str, int]]:
    """By site: how many codes were claimed, are open, and expired without being used."""
    codes = ENROLMENT_CODES.c
    is_open = sa.and_(codes.claimed_at.is_(None), codes.expires_at > now)
    query = sa.select(
        codes.site,
        sa.func.count().filter(codes.claimed_at.is_not(None)).label("claimed"),
        sa.func.count().filter(is_open).label("open"),
        sa.func.count().filter(codes.claimed_at.is_(None), codes.expires_at <= now).label("expired"),
    ).group_by(codes.site)
    return {
        row.site: {"claimed": row.claimed, "open": row.open, "expired": row.expired}
        for row in connection.execute(query)
    }
