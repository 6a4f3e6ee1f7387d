"""Passkeys of participants, and the challenges that they sign. Frozen; a later change is a later file."""

import sqlalchemy as sa
from alembic import op

revision = "registry_15"
down_revision = "registry_14"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "participant_passkeys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("device", sa.String(length=8), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "device IN ('phone', 'tablet', 'computer', 'key', 'unsaid')",
            name=op.f("ck_participant_passkeys_device_is_known"),
        ),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_participant_passkeys_enrolment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant_passkeys")),
        sa.UniqueConstraint("credential", name=op.f("uq_participant_passkeys_credential")),
    )
    op.create_index(op.f("ix_participant_passkeys_enrolment"), "participant_passkeys", ["enrolment"], unique=False)
    op.create_table(
        "participant_challenges",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=True),
        sa.Column("passkey", sa.Uuid(), nullable=True),
        sa.Column("device", sa.String(length=8), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(enrolment IS NULL) = (passkey IS NULL) AND (enrolment IS NULL) = (device IS NULL)",
            name=op.f("ck_participant_challenges_making_is_whole"),
        ),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_participant_challenges_enrolment")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_participant_challenges")),
    )
    op.create_index(op.f("ix_participant_challenges_enrolment"), "participant_challenges", ["enrolment"], unique=False)
    op.create_index(
        op.f("ix_participant_challenges_expires_at"), "participant_challenges", ["expires_at"], unique=False
    )


def downgrade() -> None:
    """Sessions that a passkey began end with the passkeys: what came before knows none of their kind."""
    op.execute("DELETE FROM participant_sessions WHERE kind = 'passkey'")
    op.drop_table("participant_challenges")
    op.drop_table("participant_passkeys")
