"""An erasure may wait until the clinic has closed an alert, or hand over that there was one. Frozen; a later change is
a later file."""

from alembic import op

revision = "registry_14"
down_revision = "registry_13"
branch_labels = None
depends_on = None

# Columns with their checks, as both kinds of database add them without making the tables anew.
ADDED = (
    """
    ALTER TABLE withdrawals ADD COLUMN waits_until BIGINT
    CONSTRAINT ck_withdrawals_erasures_wait CHECK (waits_until IS NULL OR strength = 'erase')
    """,
    """
    ALTER TABLE withdrawals ADD COLUMN hands_over BOOLEAN DEFAULT false NOT NULL
    CONSTRAINT ck_withdrawals_erasures_hand_over CHECK (NOT hands_over OR strength = 'erase')
    """,
    """
    ALTER TABLE erased_alerts ADD COLUMN level VARCHAR(8)
    CONSTRAINT ck_erased_alerts_level_is_known CHECK (level IN ('low', 'high', 'urgent'))
    """,
)


def upgrade() -> None:
    for statement in ADDED:
        op.execute(statement)


def downgrade() -> None:
    """An erasure that waits does not any more: custody carries it through with its next work. Levels that were handed
    over are lost."""
    op.execute("ALTER TABLE erased_alerts DROP COLUMN level")
    for column in ("hands_over", "waits_until"):
        op.execute(f"ALTER TABLE withdrawals DROP COLUMN {column}")
