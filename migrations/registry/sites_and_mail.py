"""Where a site is mailed when an alert waits too long. Frozen; a later change is a later file."""

from alembic import op

revision = "registry_4"
down_revision = "registry_3"
branch_labels = None
depends_on = None

# Columns with their checks, as both kinds of database add them without making the table anew: every enrolment hangs on
# it.
ADDED = (
    "ALTER TABLE sites ADD COLUMN alert_address VARCHAR(254)",
    """
    ALTER TABLE sites ADD COLUMN escalate_after_minutes INTEGER
    CONSTRAINT ck_sites_mail_is_paired CHECK ((alert_address IS NULL) = (escalate_after_minutes IS NULL))
    CONSTRAINT ck_sites_wait_is_bounded CHECK (escalate_after_minutes BETWEEN 5 AND 1440)
    """,
    "ALTER TABLE sites ADD COLUMN has_mail BOOLEAN DEFAULT false NOT NULL",
)
# The one with the checks goes first.
TAKEN_AWAY = ("escalate_after_minutes", "alert_address", "has_mail")


def upgrade() -> None:
    for statement in ADDED:
        op.execute(statement)


def downgrade() -> None:
    for column in TAKEN_AWAY:
        op.execute(f"ALTER TABLE sites DROP COLUMN {column}")
