"""From when until when somebody has paused their diary. Frozen; a later change is a later file."""

import sqlalchemy as sa
from alembic import op

revision = "registry_13"
down_revision = "registry_12"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pauses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("until >= began_at", name=op.f("ck_pauses_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_pauses_enrolment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pauses")),
    )
    op.create_index(op.f("ix_pauses_enrolment"), "pauses", ["enrolment"], unique=False)
    op.create_index(
        "uq_pauses_open",
        "pauses",
        ["enrolment"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )


def downgrade() -> None:
    """Who is in a pause is asked again, and what was not asked then counts as missed."""
    op.drop_table("pauses")
