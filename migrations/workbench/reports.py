"""Reports and the jobs that make them. Frozen; a later change is a later file."""

import sqlalchemy as sa
from alembic import op

from migrations.everywhere import first

revision = "workbench_4"
down_revision = "workbench_3"
branch_labels = None
depends_on = None

# A report that was made or given up never changes, and none is taken away.
TRIGGERS = {
    "sqlite": (
        """
        CREATE TRIGGER reports_made_once BEFORE UPDATE ON reports
        WHEN OLD.made_at IS NOT NULL OR OLD.given_up_at IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'a report that was made does not change'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION refuse_after_making() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.made_at IS NOT NULL OR OLD.given_up_at IS NOT NULL THEN
                RAISE EXCEPTION 'a report that was made does not change' USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
        """,
        """
        CREATE TRIGGER reports_made_once BEFORE UPDATE ON reports
        FOR EACH ROW EXECUTE FUNCTION refuse_after_making()
        """,
        "ALTER TABLE reports ENABLE ALWAYS TRIGGER reports_made_once",
    ),
}
FUNCTIONS = {"sqlite": (), "postgresql": ("DROP FUNCTION refuse_after_making()",)}


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("snapshot", sa.Integer(), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("size", sa.String(length=8), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sections", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("given_up_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint("kind IN ('cohort', 'consents')", name=op.f("ck_reports_kind_is_known")),
        sa.CheckConstraint("size IN ('A4', 'Letter')", name=op.f("ck_reports_size_is_known")),
        sa.CheckConstraint("(made_at IS NULL) = (content IS NULL)", name=op.f("ck_reports_made_is_kept")),
        sa.CheckConstraint("(content IS NULL) = (sha256 IS NULL)", name=op.f("ck_reports_content_has_digest")),
        sa.CheckConstraint("(given_up_at IS NULL) = (reason IS NULL)", name=op.f("ck_reports_given_up_has_reason")),
        sa.CheckConstraint("made_at IS NULL OR given_up_at IS NULL", name=op.f("ck_reports_made_or_given_up")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index(op.f("ix_reports_project"), "reports", ["project"])
    first.run(TRIGGERS)


def downgrade() -> None:
    op.drop_table("reports")
    first.run(FUNCTIONS)
