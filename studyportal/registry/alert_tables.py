"""The tables of safety alerts: what was raised, what was done about it, whom it was mailed to, what erasing left of it.

In clear stands how pressing an alert is and who did what when; which answers raised it and what was noted is sealed.
"""

import sqlalchemy as sa

from studyportal.database import UtcMicroseconds, table
from studyportal.registry.tables import BIND

# Where an alert was found: in its entry alone, by intake; or in the entries before it as well, by custody.
SOURCES = ("entry", "history")

SAFETY_ALERTS = table(
    BIND,
    "safety_alerts",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), nullable=False, index=True),
    # It goes when its entry goes.
    sa.Column("entry", sa.ForeignKey("sealed_entries.id", ondelete="CASCADE"), nullable=False),
    sa.Column("source", sa.String(8), nullable=False, server_default="entry"),
    sa.Column("level", sa.String(8), nullable=False),
    sa.Column("raised_at", UtcMicroseconds, nullable=False),
    # The names of the alerts, sealed to the enrolment's diary key; one size for all of a version of the study.
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    # The first of its course, and where it stands now; all that is done about it are rows of alert_events.
    sa.Column("acknowledged_at", UtcMicroseconds),
    # Staff accounts in this database: who took it on, and who takes care of it now.
    sa.Column("acknowledged_by", sa.Uuid),
    sa.Column("holder", sa.Uuid),
    sa.Column("closed_at", UtcMicroseconds),
    # For one entry and source one alert, at the most pressing level of all that it raises.
    sa.UniqueConstraint("entry", "source"),
    sa.CheckConstraint("level IN ('low', 'high', 'urgent')", name="level_is_known"),
    sa.CheckConstraint("source IN ('entry', 'history')", name="source_is_known"),
    sa.CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="acknowledgement_is_paired"),
    sa.CheckConstraint("(acknowledged_at IS NULL) = (holder IS NULL)", name="holder_is_paired"),
    sa.CheckConstraint("closed_at IS NULL OR acknowledged_at IS NOT NULL", name="closed_after_taken_on"),
    sa.Index(
        "ix_safety_alerts_open",
        "enrolment",
        sqlite_where=sa.text("acknowledged_at IS NULL"),
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    ),
    sa.Index(
        "ix_safety_alerts_running",
        "enrolment",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    ),
)

# Append-only. Numbered, so that of two who do something at the same moment one is first.
ALERT_EVENTS = table(
    BIND,
    "alert_events",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("alert", sa.ForeignKey("safety_alerts.id", ondelete="CASCADE"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("at", UtcMicroseconds, nullable=False),
    # The staff account, and the colleague to whom it was handed over.
    sa.Column("account", sa.Uuid, nullable=False),
    sa.Column("receiver", sa.Uuid),
    sa.Column("what", sa.String(16), nullable=False),
    # What was done, or how it ended: a code of the clinic's tables.
    sa.Column("code", sa.String(24)),
    # A note, sealed to the enrolment's diary key.
    sa.Column("sealed", sa.LargeBinary),
    sa.UniqueConstraint("alert", "number"),
    sa.CheckConstraint("number >= 1", name="number_from_1"),
    sa.CheckConstraint("what IN ('acknowledged', 'acted', 'handed_over', 'closed', 'noted')", name="what_is_known"),
    sa.CheckConstraint("(what = 'handed_over') = (receiver IS NOT NULL)", name="handed_to_somebody"),
    sa.CheckConstraint("(what IN ('acted', 'closed')) = (code IS NOT NULL)", name="code_fits_what"),
    sa.CheckConstraint("what <> 'noted' OR sealed IS NOT NULL", name="note_is_there"),
)

# Step 1 goes to the site, step 2 to whoever watches over the whole study.
ALERT_MAILS = table(
    BIND,
    "alert_mails",
    sa.Column("alert", sa.ForeignKey("safety_alerts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("wanted_at", UtcMicroseconds, nullable=False),
    sa.Column("sent_at", UtcMicroseconds),
    # Somebody took the alert on before the mail was sent.
    sa.Column("dropped_at", UtcMicroseconds),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint("step IN (1, 2)", name="step_is_known"),
    sa.CheckConstraint("sent_at IS NULL OR dropped_at IS NULL", name="sent_or_dropped"),
)

# What stays of an alert that was not closed when its participant had everything erased: that there was one, and if they
# chose so, its level.
ERASED_ALERTS = table(
    BIND,
    "erased_alerts",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), nullable=False, index=True),
    sa.Column("erased_at", UtcMicroseconds, nullable=False),
    # Who was taking care of it, if anybody was.
    sa.Column("holder", sa.Uuid),
    # Which clinician has read that it is gone.
    sa.Column("seen_at", UtcMicroseconds),
    sa.Column("seen_by", sa.Uuid),
    # How pressing it was, where its participant chose to hand that over.
    sa.Column("level", sa.String(8)),
    sa.CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name="seen_is_paired"),
    sa.CheckConstraint("level IN ('low', 'high', 'urgent')", name="level_is_known"),
)
