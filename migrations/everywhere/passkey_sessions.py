"""Which passkey a staff session began with. Frozen; a later change is a later file.

Sessions that a passkey began so far do not say which, so they end here; the others go on.
"""

import sqlalchemy as sa
from alembic import op

NAMED = "ck_staff_sessions_passkey_is_named"


def _sessions(*more: sa.schema.SchemaItem) -> sa.Table:
    """The table as it stands: SQLite makes it anew, and would otherwise forget its names."""
    return sa.Table(
        "staff_sessions",
        sa.MetaData(),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("fresh_at", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.String(length=8), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        *more,
        sa.CheckConstraint("how IN ('totp', 'passkey', 'recovery')", name=op.f("ck_staff_sessions_how_is_known")),
        sa.ForeignKeyConstraint(["account"], ["staff_accounts.id"], name=op.f("fk_staff_sessions_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("id", name=op.f("uq_staff_sessions_id")),
        sa.Index(op.f("ix_staff_sessions_account"), "account"),
    )


def create() -> None:
    op.execute("DELETE FROM staff_sessions WHERE how = 'passkey'")
    with op.batch_alter_table("staff_sessions", copy_from=_sessions()) as batch:
        batch.add_column(sa.Column("passkey", sa.Uuid(), nullable=True))
        batch.create_check_constraint(op.f(NAMED), sa.text("(how = 'passkey') = (passkey IS NOT NULL)"))


def drop() -> None:
    present = _sessions(
        sa.Column("passkey", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(how = 'passkey') = (passkey IS NOT NULL)", name=op.f(NAMED)),
    )
    with op.batch_alter_table("staff_sessions", copy_from=present) as batch:
        batch.drop_constraint(op.f(NAMED), type_="check")
        batch.drop_column("passkey")
