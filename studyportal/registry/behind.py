"""Find who is behind with an instrument, by numbers of occasions alone, for a site with ten thousand participants.

The database compares the last occasion that somebody gave with the one that could have come by now at the latest,
anywhere on earth. That is nobody too few and some too many: the schedule itself then says exactly who, for those that
are left. Reads no entry.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from studyportal.registry.adherence import has_left
from studyportal.registry.pause_tables import PAUSES
from studyportal.registry.tables import ENROLMENTS, SEALED_ENTRIES

_ENROLMENTS, _ENTRIES = ENROLMENTS.c, SEALED_ENTRIES.c


class days_between(FunctionElement[int]):
    """Whole days from the second date to the first."""

    type = sa.Integer()
    inherit_cache = True


@compiles(days_between, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **rest: Any) -> str:
    later, earlier = (compiler.process(one, **rest) for one in element.clauses)
    return f"CAST(julianday({later}) - julianday({earlier}) AS INTEGER)"


@compiles(days_between, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **rest: Any) -> str:
    later, earlier = (compiler.process(one, **rest) for one in element.clauses)
    return f"(CAST({later} AS DATE) - CAST({earlier} AS DATE))"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When occasions of an instrument come: the first on study day `first_day`, then every `step` days, or sooner
    than they do. `by` is the last diary date that counts."""

    instrument: str
    first_day: int
    step: int
    by: date


def behind(
    connection: sa.Connection,
    site: str,
    rhythm: Rhythm,
    *,
    least: int,
    most: int,
    required_scopes: Collection[str],
    began: tuple[date, date] | None = None,
) -> Sequence[sa.Row]:
    """Participants of this site who may be `least` to `most` occasions behind, or more if they ever paused: enrolment,
    participant_code, zone, started_on, last (the number of the last occasion that came, 0 if none did).

    Not those who have left, nor those whose entries come from a file. `began` narrows to those whose day 1 is in it.
    """
    given = sa.select(_ENTRIES.occasion).where(
        _ENTRIES.enrolment == _ENROLMENTS.id,
        _ENTRIES.schedule == rhythm.instrument,
        _ENTRIES.occasion.is_not(None),
    )
    # The last entry of an index, once for each participant: ten thousand of them take a tenth of a second.
    last = sa.func.coalesce(given.order_by(_ENTRIES.occasion.desc()).limit(1).scalar_subquery(), 0)
    days = days_between(sa.bindparam("by", rhythm.by, sa.Date), _ENROLMENTS.started_on) - (rhythm.first_day - 1)
    come = days // rhythm.step + 1
    query = sa.select(
        _ENROLMENTS.id.label("enrolment"),
        _ENROLMENTS.participant_code,
        _ENROLMENTS.zone,
        _ENROLMENTS.started_on,
        last.label("last"),
    ).where(
        _ENROLMENTS.site == site,
        _ENROLMENTS.started_on.is_not(None),
        _ENROLMENTS.source != "imported",
        days >= (least - 1) * rhythm.step,
        sa.not_(has_left(required_scopes)),
        last <= come - least,
        # Who has ever paused may be further behind than anybody who is looked at: their pauses say what was asked.
        sa.or_(last >= come - most, sa.exists(PAUSES.c.id).where(PAUSES.c.enrolment == _ENROLMENTS.id)),
    )
    if began is not None:
        query = query.where(_ENROLMENTS.started_on.between(*began))
    return connection.execute(query).all()
