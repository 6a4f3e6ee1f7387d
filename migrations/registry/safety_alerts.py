"""Safety alerts: raised with an entry, taken on once. Frozen; a later change is a later file."""

import sqlalchemy as sa
from alembic import op

from migrations.everywhere import first

revision = "registry_2"
down_revision = "registry_1"
branch_labels = None
depends_on = None

# Of an alert nothing may change but one thing: somebody takes it on, once. It may be removed, with its entry.
TRIGGERS = {
    "sqlite": (
        """
        CREATE TRIGGER safety_alerts_only_acknowledge BEFORE UPDATE ON safety_alerts
        WHEN NOT (
            OLD.acknowledged_at IS NULL AND NEW.acknowledged_at IS NOT NULL
            AND NEW.id IS OLD.id AND NEW.enrolment IS OLD.enrolment AND NEW.entry IS OLD.entry
            AND NEW.level IS OLD.level AND NEW.raised_at IS OLD.raised_at AND NEW.sealed IS OLD.sealed
        )
        BEGIN SELECT RAISE(ABORT, 'a safety alert can only be acknowledged'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION refuse_all_but_acknowledging() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.acknowledged_at IS NULL AND NEW.acknowledged_at IS NOT NULL
                AND (NEW.id, NEW.enrolment, NEW.entry, NEW.level, NEW.raised_at, NEW.sealed)
                    = (OLD.id, OLD.enrolment, OLD.entry, OLD.level, OLD.raised_at, OLD.sealed)
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'a safety alert can only be acknowledged' USING ERRCODE = 'restrict_violation';
        END $$
        """,
        """
        CREATE TRIGGER safety_alerts_only_acknowledge BEFORE UPDATE ON safety_alerts
        FOR EACH ROW EXECUTE FUNCTION refuse_all_but_acknowledging()
        """,
        "ALTER TABLE safety_alerts ENABLE ALWAYS TRIGGER safety_alerts_only_acknowledge",
    ),
}
FUNCTIONS = {"sqlite": (), "postgresql": ("DROP FUNCTION refuse_all_but_acknowledging()",)}


def upgrade() -> None:
    op.create_table(
        "safety_alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("entry", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("level IN ('low', 'high', 'urgent')", name=op.f("ck_safety_alerts_level_is_known")),
        sa.CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)",
            name=op.f("ck_safety_alerts_acknowledgement_is_paired"),
        ),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_safety_alerts_enrolment")),
        sa.ForeignKeyConstraint(
            ["entry"], ["sealed_entries.id"], name=op.f("fk_safety_alerts_entry"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_alerts")),
        sa.UniqueConstraint("entry", name=op.f("uq_safety_alerts_entry")),
    )
    op.create_index(op.f("ix_safety_alerts_enrolment"), "safety_alerts", ["enrolment"], unique=False)
    op.create_index(
        "ix_safety_alerts_open",
        "safety_alerts",
        ["enrolment"],
        unique=False,
        sqlite_where=sa.text("acknowledged_at IS NULL"),
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    )
    first.run(TRIGGERS)


def downgrade() -> None:
    op.drop_table("safety_alerts")
    first.run(FUNCTIONS)
