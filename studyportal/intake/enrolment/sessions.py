"""Know whose token a request brings. A participant's session reads and writes, or only writes
if a passkey began it; a device's token can only send.

The token is the only thing that opens what the session keeps, and it is in the participant's browser alone.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from studyportal.sealing import Context

# A diary is written every evening by somebody in pain: six words each time would end the diary, so a phone may be
# remembered. A session that nobody uses for a week ends; so does one that is not remembered, within the day.
REMEMBERED, NOT_REMEMBERED = timedelta(days=30), timedelta(hours=12)
IDLE = timedelta(days=7)
DEVICE = timedelta(days=365)
MOST_DEVICES = 12
# A page view writes at most this often that its session is in use; a device's entry never does.
SEEN_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What taking an entry needs to know of a person: their zone, study day 1, diary key, and whether they have
    left."""

    enrolment: UUID
    zone: str
    started_on: date | None
    public_key: bytes = field(repr=False)
    has_stopped: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """The bearer of a token. `sealed_reading_key` opens under the token itself; devices have none, nor have sessions
    that a passkey began.

    `passkey` is the one that the session began with, if one did. `is_remembered`: they said at signing in that this is
    their own device, which may keep their diary.
    """

    kind: str
    participant_code: str
    site: str
    token_hash: bytes
    enrolled: Enrolled
    sealed_reading_key: bytes | None = field(repr=False)
    last_seen_at: datetime
    expires_at: datetime
    is_remembered: bool
    passkey: UUID | None

    @property
    def enrolment(self) -> UUID:
        return self.enrolled.enrolment

    @property
    def can_read(self) -> bool:
        """Whether this session opens what was written; else the six words come first."""
        return self.sealed_reading_key is not None


def caller_of(row: sa.Row | None, token_hash: bytes, *, now: datetime) -> Caller | None:
    """The caller that a row of `registry.sessions.caller` tells of; None when the session has ended."""
    if row is None or row.ended_at is not None or row.expires_at <= now:
        return None
    if row.kind != "submit" and row.last_seen_at <= now - IDLE:
        return None
    enrolled = Enrolled(row.enrolment, row.zone, row.started_on, row.public_key, row.has_stopped)
    return Caller(
        row.kind,
        row.participant_code,
        row.site,
        token_hash,
        enrolled,
        row.sealed_reading_key,
        row.last_seen_at,
        row.expires_at,
        # Longer than any session that is not; on its last day nothing new begins.
        is_remembered=row.expires_at - now > NOT_REMEMBERED,
        passkey=row.passkey,
    )


def session_context(study: str, enrolment: UUID, token_hash: bytes) -> Context:
    """What a session's sealed reading key is bound to: this person and this session."""
    return Context(study, str(enrolment), "session", token_hash.hex())
