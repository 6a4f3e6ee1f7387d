"""The tables of reminders. In clear stands that somebody wants them, when, and whether each went out; whereto is
sealed."""

import sqlalchemy as sa

from studyportal.database import UtcMicroseconds, table
from studyportal.registry.tables import BIND

WAYS = ("mail", "push")

# Which ways work, as custody's worker writes it: so that the page offers no other.
REMINDER_WAYS = table(
    BIND,
    "reminder_ways",
    sa.Column("way", sa.String(4), primary_key=True),
    sa.Column("told_at", UtcMicroseconds, nullable=False),
    # For web push: the public half of custody's key, and the host names of the push services that it calls.
    sa.Column("public_key", sa.String(96)),
    sa.Column("services", sa.Text),
    sa.CheckConstraint("way IN ('mail', 'push')", name="way_is_known"),
    sa.CheckConstraint("(way = 'push') = (public_key IS NOT NULL)", name="push_has_a_key"),
    sa.CheckConstraint("(public_key IS NULL) = (services IS NULL)", name="push_has_services"),
)

REMINDER_WISHES = table(
    BIND,
    "reminder_wishes",
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), primary_key=True),
    # Minutes of the day on the person's own clock; equal ones mean no quiet hours.
    sa.Column("quiet_begins", sa.Integer, nullable=False),
    sa.Column("quiet_ends", sa.Integer, nullable=False),
    # How long after something opens.
    sa.Column("after_minutes", sa.Integer, nullable=False),
    # The instruments that they want no reminder of, as a sorted JSON list.
    sa.Column("without", sa.Text, nullable=False),
    sa.Column("changed_at", UtcMicroseconds, nullable=False),
    # When the worker looks again whether something is due for them.
    sa.Column("next_at", UtcMicroseconds, nullable=False, index=True),
    sa.CheckConstraint("quiet_begins BETWEEN 0 AND 1439 AND quiet_ends BETWEEN 0 AND 1439", name="quiet_within_a_day"),
    sa.CheckConstraint("after_minutes BETWEEN 0 AND 1440", name="after_within_a_day"),
)

REMINDER_CONTACTS = table(
    BIND,
    "reminder_contacts",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), nullable=False),
    sa.Column("way", sa.String(4), nullable=False),
    # Which of somebody's browsers, by a digest that its own script can make; empty for the one mail address.
    sa.Column("mark", sa.LargeBinary(32), nullable=False),
    sa.Column("made_at", UtcMicroseconds, nullable=False),
    # The address, sealed to the enrolment's contact key; one size for all.
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("enrolment", "way", "mark"),
    sa.CheckConstraint("way IN ('mail', 'push')", name="way_is_known"),
)

# One row for each occasion and each place it is told to: that is what keeps a reminder from coming twice.
REMINDERS = table(
    BIND,
    "reminders",
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), primary_key=True),
    sa.Column("way", sa.String(4), primary_key=True),
    sa.Column("mark", sa.LargeBinary(32), primary_key=True),
    sa.Column("schedule", sa.String(32), primary_key=True),
    sa.Column("occasion", sa.Integer, primary_key=True, autoincrement=False),
    # What is due together is told once.
    sa.Column("message", sa.Uuid, nullable=False, index=True),
    sa.Column("wanted_at", UtcMicroseconds, nullable=False, index=True),
    # From then on it would come too late.
    sa.Column("until", UtcMicroseconds, nullable=False),
    # Written before it is sent: whoever finds it written does not send it again.
    sa.Column("tried_at", UtcMicroseconds),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("ended_at", UtcMicroseconds),
    sa.Column("outcome", sa.String(8)),
    sa.CheckConstraint("way IN ('mail', 'push')", name="way_is_known"),
    sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="outcome_is_dated"),
    sa.CheckConstraint("outcome IN ('sent', 'failed', 'unknown', 'gone', 'dropped')", name="outcome_is_known"),
    sa.CheckConstraint("outcome IS NULL OR outcome <> 'sent' OR tried_at IS NOT NULL", name="sent_after_a_try"),
)

CALENDAR_FEEDS = table(
    BIND,
    "calendar_feeds",
    # SHA-256 of what stands in the address: a copy of this table shows nobody's calendar.
    sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), nullable=False, unique=True),
    sa.Column("made_at", UtcMicroseconds, nullable=False),
)
