"""The second factors of staff: what a passphrase alone no longer opens. Frozen; a later change is a later file.

Every session so far began with a passphrase alone, so every one ends here.
"""

import sqlalchemy as sa
from alembic import op


def _sessions(*more: sa.schema.SchemaItem) -> None:
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        *more,
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["staff_accounts.id"], name=op.f("fk_staff_sessions_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("id", name=op.f("uq_staff_sessions_id")),
    )
    op.create_index(op.f("ix_staff_sessions_account"), "staff_sessions", ["account"], unique=False)


def create() -> None:
    op.create_table(
        "staff_factors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("credential", sa.LargeBinary(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("uses", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('totp', 'passkey')", name=op.f("ck_staff_factors_kind_is_known")),
        sa.CheckConstraint(
            "(kind = 'totp') = (sealed_secret IS NOT NULL)", name=op.f("ck_staff_factors_app_has_a_secret")
        ),
        sa.CheckConstraint(
            "(kind = 'passkey') = (credential IS NOT NULL AND public_key IS NOT NULL AND uses IS NOT NULL)",
            name=op.f("ck_staff_factors_passkey_has_a_key"),
        ),
        sa.ForeignKeyConstraint(["account"], ["staff_accounts.id"], name=op.f("fk_staff_factors_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_factors")),
        sa.UniqueConstraint("credential", name=op.f("uq_staff_factors_credential")),
    )
    op.create_index(op.f("ix_staff_factors_account"), "staff_factors", ["account"], unique=False)
    op.create_table(
        "staff_recovery_codes",
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["staff_accounts.id"], name=op.f("fk_staff_recovery_codes_account")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_staff_recovery_codes")),
    )
    op.create_index(op.f("ix_staff_recovery_codes_account"), "staff_recovery_codes", ["account"], unique=False)
    op.create_table(
        "staff_invitations",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["staff_accounts.id"], name=op.f("fk_staff_invitations_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_invitations")),
    )
    op.create_index(op.f("ix_staff_invitations_account"), "staff_invitations", ["account"], unique=False)
    op.create_table(
        "staff_challenges",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('second', 'welcome', 'passkey', 'new_passkey', 'new_totp')",
            name=op.f("ck_staff_challenges_purpose_is_known"),
        ),
        sa.ForeignKeyConstraint(["account"], ["staff_accounts.id"], name=op.f("fk_staff_challenges_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_challenges")),
    )
    op.create_index(op.f("ix_staff_challenges_account"), "staff_challenges", ["account"], unique=False)
    op.create_index(op.f("ix_staff_challenges_expires_at"), "staff_challenges", ["expires_at"], unique=False)
    op.drop_table("staff_sessions")
    _sessions(
        sa.Column("fresh_at", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.String(length=8), nullable=False),
        sa.CheckConstraint("how IN ('totp', 'passkey', 'recovery')", name=op.f("ck_staff_sessions_how_is_known")),
    )


def drop() -> None:
    op.drop_table("staff_sessions")
    _sessions()
    op.drop_table("staff_challenges")
    op.drop_table("staff_invitations")
    op.drop_table("staff_recovery_codes")
    op.drop_table("staff_factors")
