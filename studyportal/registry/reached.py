"""Know whether a site can still reach a participant: write to them, or help them to new words."""

from uuid import UUID

import sqlalchemy as sa

from studyportal.registry.tables import ENROLMENTS, WITHDRAWALS

_ENROLMENTS = ENROLMENTS.c


def reached_by_site(connection: sa.Connection, site: str, enrolment: UUID) -> sa.Row | None:
    """A participant of this site (id, participant_code, zone, started_on, has_page, is_leaving), None also for another's.

    `has_page`: they have words of their own and pages to sign in to. `is_leaving`: they have asked for their answers to
    be erased, whether that is done or not.
    """
    leaving = (
        sa.select(sa.literal(True))
        .where(WITHDRAWALS.c.enrolment == _ENROLMENTS.id, WITHDRAWALS.c.strength == "erase")
        .exists()
    )
    query = sa.select(
        _ENROLMENTS.id,
        _ENROLMENTS.participant_code,
        _ENROLMENTS.zone,
        _ENROLMENTS.started_on,
        (_ENROLMENTS.source == "participant").label("has_page"),
        leaving.label("is_leaving"),
    ).where(_ENROLMENTS.site == site, _ENROLMENTS.id == enrolment)
    return connection.execute(query).first()
