"""Which passkey a session began with, of participants and of staff. Frozen; a later change is a later file.

A participant's session that a passkey began does not say so far which, so it ends here; the others go on.
"""

import sqlalchemy as sa
from alembic import op

from migrations.everywhere import passkey_sessions

revision = "registry_16"
down_revision = "registry_15"
branch_labels = None
depends_on = None

NAMED = "ck_participant_sessions_passkey_is_named"


def _sessions(*more: sa.schema.SchemaItem) -> sa.Table:
    """The table as it stands: SQLite makes it anew, and would otherwise forget its names."""
    return sa.Table(
        "participant_sessions",
        sa.MetaData(),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("sealed_reading_key", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        *more,
        sa.CheckConstraint(
            "(kind = 'session') = (sealed_reading_key IS NOT NULL)", name=op.f("ck_participant_sessions_kind_fits_key")
        ),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_participant_sessions_enrolment")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_participant_sessions")),
        sa.Index(op.f("ix_participant_sessions_enrolment"), "enrolment"),
    )


def upgrade() -> None:
    op.execute("DELETE FROM participant_sessions WHERE kind = 'passkey'")
    with op.batch_alter_table("participant_sessions", copy_from=_sessions()) as batch:
        batch.add_column(sa.Column("passkey", sa.Uuid(), nullable=True))
        batch.create_check_constraint(op.f(NAMED), sa.text("kind <> 'passkey' OR passkey IS NOT NULL"))
    passkey_sessions.create()


def downgrade() -> None:
    passkey_sessions.drop()
    present = _sessions(
        sa.Column("passkey", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind <> 'passkey' OR passkey IS NOT NULL", name=op.f(NAMED)),
    )
    with op.batch_alter_table("participant_sessions", copy_from=present) as batch:
        batch.drop_constraint(op.f(NAMED), type_="check")
        batch.drop_column("passkey")
