"""Reminders: wishes, sealed places to be reminded at, and what became of each. Frozen; a later change is a later
file."""

import sqlalchemy as sa
from alembic import op

revision = "registry_11"
down_revision = "registry_10"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminder_ways",
        sa.Column("way", sa.String(length=4), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("public_key", sa.String(length=96), nullable=True),
        sa.Column("services", sa.Text(), nullable=True),
        sa.CheckConstraint("way IN ('mail', 'push')", name=op.f("ck_reminder_ways_way_is_known")),
        sa.CheckConstraint("(way = 'push') = (public_key IS NOT NULL)", name=op.f("ck_reminder_ways_push_has_a_key")),
        sa.CheckConstraint(
            "(public_key IS NULL) = (services IS NULL)", name=op.f("ck_reminder_ways_push_has_services")
        ),
        sa.PrimaryKeyConstraint("way", name=op.f("pk_reminder_ways")),
    )
    op.create_table(
        "reminder_wishes",
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("quiet_begins", sa.Integer(), nullable=False),
        sa.Column("quiet_ends", sa.Integer(), nullable=False),
        sa.Column("after_minutes", sa.Integer(), nullable=False),
        sa.Column("without", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "quiet_begins BETWEEN 0 AND 1439 AND quiet_ends BETWEEN 0 AND 1439",
            name=op.f("ck_reminder_wishes_quiet_within_a_day"),
        ),
        sa.CheckConstraint("after_minutes BETWEEN 0 AND 1440", name=op.f("ck_reminder_wishes_after_within_a_day")),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_reminder_wishes_enrolment")),
        sa.PrimaryKeyConstraint("enrolment", name=op.f("pk_reminder_wishes")),
    )
    op.create_index("ix_reminder_wishes_next_at", "reminder_wishes", ["next_at"], unique=False)
    op.create_table(
        "reminder_contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=4), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("way IN ('mail', 'push')", name=op.f("ck_reminder_contacts_way_is_known")),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_reminder_contacts_enrolment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_contacts")),
        sa.UniqueConstraint("enrolment", "way", "mark", name=op.f("uq_reminder_contacts_enrolment_way_mark")),
    )
    op.create_table(
        "reminders",
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=4), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("schedule", sa.String(length=32), nullable=False),
        sa.Column("occasion", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("message", sa.Uuid(), nullable=False),
        sa.Column("wanted_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.CheckConstraint("way IN ('mail', 'push')", name=op.f("ck_reminders_way_is_known")),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name=op.f("ck_reminders_outcome_is_dated")),
        sa.CheckConstraint(
            "outcome IN ('sent', 'failed', 'unknown', 'gone', 'dropped')", name=op.f("ck_reminders_outcome_is_known")
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome <> 'sent' OR tried_at IS NOT NULL",
            name=op.f("ck_reminders_sent_after_a_try"),
        ),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_reminders_enrolment")),
        sa.PrimaryKeyConstraint("enrolment", "way", "mark", "schedule", "occasion", name=op.f("pk_reminders")),
    )
    op.create_index("ix_reminders_message", "reminders", ["message"], unique=False)
    op.create_index("ix_reminders_wanted_at", "reminders", ["wanted_at"], unique=False)
    op.create_table(
        "calendar_feeds",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_calendar_feeds_enrolment")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("enrolment", name=op.f("uq_calendar_feeds_enrolment")),
    )


def downgrade() -> None:
    """Whoever asked to be reminded is reminded no more, and has to ask again."""
    # Work of theirs in the outbox would be nobody's.
    op.execute("DELETE FROM outbox WHERE kind = 'reminder'")
    for table in ("calendar_feeds", "reminders", "reminder_contacts", "reminder_wishes", "reminder_ways"):
        op.drop_table(table)
