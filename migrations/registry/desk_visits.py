"""Visits to the reading desk: who, whom, what for. Frozen; a later change is a later file."""

import sqlalchemy as sa
from alembic import op

from migrations.everywhere import first

revision = "registry_6"
down_revision = "registry_5"
branch_labels = None
depends_on = None

# What somebody said they came for stays said.
TRIGGERS = {
    "sqlite": (
        """
        CREATE TRIGGER desk_visits_no_update BEFORE UPDATE ON desk_visits
        BEGIN SELECT RAISE(ABORT, 'a visit to the reading desk cannot be changed'); END
        """,
    ),
    "postgresql": (
        """
        CREATE TRIGGER desk_visits_no_change BEFORE UPDATE ON desk_visits
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """,
        "ALTER TABLE desk_visits ENABLE ALWAYS TRIGGER desk_visits_no_change",
    ),
}


def upgrade() -> None:
    op.create_table(
        "desk_visits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["staff_accounts.id"], name=op.f("fk_desk_visits_account")),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_desk_visits_enrolment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_visits")),
    )
    op.create_index("ix_desk_visits_session", "desk_visits", ["session", "enrolment", "begun_at"], unique=False)
    op.create_table(
        "desk_openings",
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["staff_accounts.id"], name=op.f("fk_desk_openings_account")),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_desk_openings_enrolment")),
        sa.PrimaryKeyConstraint("account", "enrolment", name=op.f("pk_desk_openings")),
    )
    first.run(TRIGGERS)


def downgrade() -> None:
    op.drop_table("desk_openings")
    op.drop_table("desk_visits")
