"""Know whether a site can still reach a participant: write to them, or help them to new words."""

from uuid import UUID

import sqlalchemy as sa

from studyportal.errors import Gone, NotAllowed, NotFound
from studyportal.registry.tables import ENROLMENTS, WITHDRAWALS

NOBODY = "There is no such participant."
LEFT = "They have left and had everything erased. Nothing reaches them here any more."
NO_PAGE = "They have no pages of their own here: their answers came in another way. Use the way your site has for them."

_ENROLMENTS = ENROLMENTS.c


def reached_by_site(connection: sa.Connection, site: str, enrolment: UUID) -> sa.Row | None:
    """A participant of this site (id, participant_code, zone, started_on, has_page, is_leaving), None also for
    another's.

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


def check_reach(whose: sa.Row | None) -> None:
    """Raise `NotFound`, `Gone` or `NotAllowed` unless a row of `reached_by_site` is somebody who can be reached
    here."""
    if whose is None:
        raise NotFound(NOBODY)
    if whose.is_leaving:
        raise Gone(LEFT)
    if not whose.has_page:
        raise NotAllowed(NO_PAGE)
