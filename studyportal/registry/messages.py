"""Keep messages between participants and their site: who wrote when, and whether it was read. What it says is
sealed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from studyportal.database import insert_once
from studyportal.registry.message_tables import MESSAGES
from studyportal.registry.tables import ENROLMENTS

_MESSAGES, _ENROLMENTS = MESSAGES.c, ENROLMENTS.c
# Everything but what it says: what the clinic may see without the reading desk.
OUTSIDE = (
    _MESSAGES.id, _MESSAGES.enrolment, _MESSAGES.sent_at, _MESSAGES.sender, _MESSAGES.account, _MESSAGES.read_at
)  # fmt: skip
_FROM_PARTICIPANT = _MESSAGES.sender == "participant"
_UNREAD = sa.and_(_FROM_PARTICIPANT, _MESSAGES.read_at.is_(None))


def add_message(connection: sa.Connection, row: Mapping[str, Any]) -> bool:
    """Insert a sealed message; False when one of this id is there already."""
    return insert_once(connection, MESSAGES, row, key=["id"])


def message_of(connection: sa.Connection, message: UUID, enrolment: UUID) -> sa.Row | None:
    """Who wrote one message of this enrolment, and when; None also for somebody else's."""
    query = sa.select(*OUTSIDE).where(_MESSAGES.id == message, _MESSAGES.enrolment == enrolment)
    return connection.execute(query).first()


def sealed_messages(connection: sa.Connection, enrolment: UUID) -> Sequence[sa.Row]:
    """Every message of one enrolment with its seal, the oldest first."""
    query = sa.select(MESSAGES).where(_MESSAGES.enrolment == enrolment)
    return connection.execute(query.order_by(_MESSAGES.sent_at, _MESSAGES.id)).all()


def count_sent(connection: sa.Connection, enrolment: UUID, sender: str, *, since: datetime) -> int:
    """How many messages of this enrolment one side has written since a moment."""
    query = sa.select(sa.func.count()).where(
        _MESSAGES.enrolment == enrolment, _MESSAGES.sender == sender, _MESSAGES.sent_at >= since
    )
    return connection.scalar(query) or 0


def count_unread(connection: sa.Connection, enrolment: UUID, sender: str) -> int:
    """How many messages of `sender` ("participant" or "staff") the other side has not seen."""
    query = sa.select(sa.func.count()).where(
        _MESSAGES.enrolment == enrolment, _MESSAGES.sender == sender, _MESSAGES.read_at.is_(None)
    )
    return connection.scalar(query) or 0


def mark_read(
    connection: sa.Connection, enrolment: UUID, messages: Sequence[UUID], *, sender: str, now: datetime
) -> int:
    """Write down that these messages of `sender` were seen by the other side; how many of them are so for the first
    time."""
    if not messages:
        return 0
    unseen = (
        _MESSAGES.enrolment == enrolment,
        _MESSAGES.sender == sender,
        _MESSAGES.read_at.is_(None),
        _MESSAGES.id.in_(messages),
    )
    return connection.execute(sa.update(MESSAGES).where(*unseen).values(read_at=now)).rowcount


def count_conversations(connection: sa.Connection, site: str) -> Mapping[str, int]:
    """How many participants of this site have written or been written to ("all"), and with something unread
    ("unread")."""
    joined = MESSAGES.join(ENROLMENTS, _ENROLMENTS.id == _MESSAGES.enrolment)
    whose = sa.func.count(_MESSAGES.enrolment.distinct())
    query = sa.select(whose.label("all"), whose.filter(_UNREAD).label("unread")).select_from(joined)
    return dict(connection.execute(query.where(_ENROLMENTS.site == site)).one()._mapping)


def conversations_page(connection: sa.Connection, site: str, *, page: int, size: int) -> Sequence[sa.Row]:
    """A page (from 1) of this site's conversations: those with something unread first, the longest waiting before
    others; then those whose last word is the participant's; then the rest, the latest first.

    Each: enrolment, participant_code, zone, messages, unread, waiting_since, last_at, last_sender.
    """
    unread = sa.func.count().filter(_UNREAD).label("unread")
    waiting = sa.func.min(_MESSAGES.sent_at).filter(_UNREAD).label("waiting_since")
    last = sa.func.max(_MESSAGES.sent_at).label("last_at")
    theirs = sa.func.max(_MESSAGES.sent_at).filter(_FROM_PARTICIPANT)
    last_sender = sa.case((last.element == theirs, "participant"), else_="staff").label("last_sender")
    whose = (_MESSAGES.enrolment, _ENROLMENTS.participant_code, _ENROLMENTS.zone)
    query = (
        sa.select(*whose, sa.func.count().label("messages"), unread, waiting, last, last_sender)
        .select_from(MESSAGES.join(ENROLMENTS, _ENROLMENTS.id == _MESSAGES.enrolment))
        .where(_ENROLMENTS.site == site)
        .group_by(*whose)
        .order_by(
            sa.case((unread.element > 0, 0), (last.element == theirs, 1), else_=2),
            waiting.element.asc(),
            last.element.desc(),
            _MESSAGES.enrolment,
        )
    )
    return connection.execute(query.limit(size).offset((page - 1) * size)).all()


def unread_conversations(connection: sa.Connection, site: str) -> Sequence[sa.Row]:
    """Whose messages nobody of this site has read: enrolment, participant_code, waiting_since, unread. The longest
    first."""
    since = sa.func.min(_MESSAGES.sent_at).label("waiting_since")
    query = (
        sa.select(_MESSAGES.enrolment, _ENROLMENTS.participant_code, since, sa.func.count().label("unread"))
        .select_from(MESSAGES.join(ENROLMENTS, _ENROLMENTS.id == _MESSAGES.enrolment))
        .where(_ENROLMENTS.site == site, _UNREAD)
        .group_by(_MESSAGES.enrolment, _ENROLMENTS.participant_code)
        .order_by(since.element, _MESSAGES.enrolment)
    )
    return connection.execute(query).all()


def erase_messages(connection: sa.Connection, enrolment: UUID) -> int:
    """Delete every message of an enrolment, both ways; how many there were."""
    return connection.execute(sa.delete(MESSAGES).where(_MESSAGES.enrolment == enrolment)).rowcount
