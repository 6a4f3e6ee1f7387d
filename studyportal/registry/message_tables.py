"""The table of messages between participants and their site. In clear stands who wrote, when, and when it was read."""

import sqlalchemy as sa

from studyportal.database import UtcMicroseconds, table
from studyportal.registry.tables import BIND

MESSAGES = table(
    BIND,
    "messages",
    # The page makes the id, so that sending again is the same message.
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), nullable=False),
    sa.Column("sent_at", UtcMicroseconds, nullable=False),
    sa.Column("sender", sa.String(16), nullable=False),
    # The staff account in this database that wrote it.
    sa.Column("account", sa.Uuid),
    # Sealed to the enrolment's contact key: the participant opens it, and custody for the site.
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    # When the other side first saw it.
    sa.Column("read_at", UtcMicroseconds),
    sa.CheckConstraint("sender IN ('participant', 'staff')", name="sender_is_known"),
    sa.CheckConstraint("(sender = 'staff') = (account IS NOT NULL)", name="staff_are_named"),
    sa.Index("ix_messages_enrolment", "enrolment", "sent_at"),
    sa.Index(
        "ix_messages_unread",
        "enrolment",
        "sender",
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    ),
)
