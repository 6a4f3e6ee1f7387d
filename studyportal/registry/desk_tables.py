"""The tables of the reading desk: what the clinic said it came for, and whom custody opened for which account."""

import sqlalchemy as sa

from studyportal.database import UtcMicroseconds, table

BIND = "registry"

# Added to and never changed: a visit ends by the clock.
DESK_VISITS = table(
    BIND,
    "desk_visits",
    sa.Column("id", sa.Uuid, primary_key=True),
    # The id of the staff session that the visit belongs to; the session's row may go before the visit's does.
    sa.Column("session", sa.Uuid, nullable=False),
    sa.Column("account", sa.ForeignKey("staff_accounts.id"), nullable=False),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), nullable=False),
    # A key of `studyportal.desk.PURPOSES`.
    sa.Column("purpose", sa.String(16), nullable=False),
    sa.Column("begun_at", UtcMicroseconds, nullable=False),
    sa.Index("ix_desk_visits_session", "session", "enrolment", "begun_at"),
)

# Custody's own count, which nobody in the clinic can write: one row for each account and participant.
DESK_OPENINGS = table(
    BIND,
    "desk_openings",
    sa.Column("account", sa.ForeignKey("staff_accounts.id"), primary_key=True),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), primary_key=True),
    sa.Column("last_at", UtcMicroseconds, nullable=False),
)
