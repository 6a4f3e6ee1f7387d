"""The first tables of the registry. Frozen; a later change is a later file."""

import sqlalchemy as sa
from alembic import op

from migrations.everywhere import first

revision = "registry_1"
down_revision = None
branch_labels = None
depends_on = None

# A consent record is proof and stays as it is. Of a sealed entry nothing may change but one thing: custody folds it
# into a block, once. It may be removed (never swapped: a removed entry leaves its audit events behind).
TRIGGERS = {
    "sqlite": (
        """
        CREATE TRIGGER consent_records_no_update BEFORE UPDATE ON consent_records
        BEGIN SELECT RAISE(ABORT, 'consent_records is append-only'); END
        """,
        """
        CREATE TRIGGER consent_records_no_delete BEFORE DELETE ON consent_records
        BEGIN SELECT RAISE(ABORT, 'consent_records is append-only'); END
        """,
        """
        CREATE TRIGGER consent_records_no_replace BEFORE INSERT ON consent_records
        WHEN EXISTS (SELECT 1 FROM consent_records WHERE id = NEW.id OR rowid = NEW.rowid)
        BEGIN SELECT RAISE(ABORT, 'consent_records is append-only'); END
        """,
        """
        CREATE TRIGGER sealed_entries_only_fold BEFORE UPDATE ON sealed_entries
        WHEN NOT (
            OLD.sealed IS NOT NULL AND OLD.block IS NULL AND NEW.sealed IS NULL AND NEW.block IS NOT NULL
            AND NEW.id IS OLD.id AND NEW.enrolment IS OLD.enrolment AND NEW.schedule IS OLD.schedule
            AND NEW.occasion IS OLD.occasion AND NEW.received_at IS OLD.received_at
            AND NEW.commitment IS OLD.commitment AND NEW.receipt IS OLD.receipt
        )
        BEGIN SELECT RAISE(ABORT, 'a sealed entry can only be folded'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION refuse_all_but_folding() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.sealed IS NOT NULL AND OLD.block IS NULL AND NEW.sealed IS NULL AND NEW.block IS NOT NULL
                AND (NEW.id, NEW.enrolment, NEW.schedule, NEW.received_at, NEW.commitment, NEW.receipt)
                    = (OLD.id, OLD.enrolment, OLD.schedule, OLD.received_at, OLD.commitment, OLD.receipt)
                AND NEW.occasion IS NOT DISTINCT FROM OLD.occasion
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION USING MESSAGE = 'a sealed entry can only be folded', ERRCODE = 'restrict_violation';
        END $$
        """,
        """
        CREATE TRIGGER sealed_entries_only_fold BEFORE UPDATE ON sealed_entries
        FOR EACH ROW EXECUTE FUNCTION refuse_all_but_folding()
        """,
        """
        CREATE TRIGGER consent_records_no_change BEFORE UPDATE OR DELETE ON consent_records
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """,
        """
        CREATE TRIGGER consent_records_no_truncate BEFORE TRUNCATE ON consent_records
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """,
        "ALTER TABLE consent_records ENABLE ALWAYS TRIGGER consent_records_no_change",
        "ALTER TABLE consent_records ENABLE ALWAYS TRIGGER consent_records_no_truncate",
        "ALTER TABLE sealed_entries ENABLE ALWAYS TRIGGER sealed_entries_only_fold",
    ),
}
FUNCTIONS = {"sqlite": (), "postgresql": ("DROP FUNCTION refuse_all_but_folding()",)}


def upgrade() -> None:
    first.create()
    op.create_table(
        "sites",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
    )
    op.create_table(
        "enrolment_codes",
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("site", sa.String(length=16), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("issued_by", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("enrolment", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(claimed_at IS NULL) = (enrolment IS NULL)", name=op.f("ck_enrolment_codes_claim_is_paired")
        ),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_enrolment_codes_site")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_enrolment_codes")),
    )
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_code", sa.String(length=20), nullable=False),
        sa.Column("site", sa.String(length=16), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=True),
        sa.Column("verifier_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("reading_public", sa.LargeBinary(length=32), nullable=True),
        sa.Column("consent_public", sa.LargeBinary(length=32), nullable=True),
        sa.CheckConstraint(
            "source IN ('participant', 'imported', 'synthetic')", name=op.f("ck_enrolments_source_is_known")
        ),
        sa.CheckConstraint(
            "(salt IS NULL) = (verifier_hash IS NULL) AND (salt IS NULL) = (reading_public IS NULL) AND (salt IS NULL) = (consent_public IS NULL)",
            name=op.f("ck_enrolments_passphrase_is_whole"),
        ),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_enrolments_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
        sa.UniqueConstraint("participant_code", name=op.f("uq_enrolments_participant_code")),
    )
    op.create_index(op.f("ix_enrolments_site"), "enrolments", ["site"], unique=False)
    op.create_table(
        "blocks",
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("folded_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number >= 1 AND revision >= 1", name=op.f("ck_blocks_counts_from_1")),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_blocks_enrolment")),
        sa.PrimaryKeyConstraint("enrolment", "number", name=op.f("pk_blocks")),
    )
    op.create_table(
        "consent_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("form_version", sa.String(length=16), nullable=False),
        sa.Column("text_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("agreed_at", sa.BigInteger(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=True),
        sa.CheckConstraint(
            "(source = 'participant') = (signature IS NOT NULL)", name=op.f("ck_consent_records_participants_sign")
        ),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_consent_records_enrolment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_records")),
    )
    op.create_index(op.f("ix_consent_records_enrolment"), "consent_records", ["enrolment"], unique=False)
    op.create_table(
        "enrolment_keys",
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(length=16), nullable=False),
        sa.Column("key_id", sa.LargeBinary(length=8), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=1216), nullable=False),
        sa.CheckConstraint("domain IN ('diary', 'contact', 'consent')", name=op.f("ck_enrolment_keys_domain_is_known")),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_enrolment_keys_enrolment")),
        sa.PrimaryKeyConstraint("enrolment", "domain", name=op.f("pk_enrolment_keys")),
    )
    op.create_table(
        "participant_sessions",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("sealed_reading_key", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'session') = (sealed_reading_key IS NOT NULL)", name=op.f("ck_participant_sessions_kind_fits_key")
        ),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_participant_sessions_enrolment")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_participant_sessions")),
    )
    op.create_index(op.f("ix_participant_sessions_enrolment"), "participant_sessions", ["enrolment"], unique=False)
    op.create_table(
        "sealed_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("schedule", sa.String(length=32), nullable=False),
        sa.Column("occasion", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("receipt", sa.LargeBinary(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("block", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(schedule = 'on_demand') = (occasion IS NULL)", name=op.f("ck_sealed_entries_occasion_fits_schedule")
        ),
        sa.CheckConstraint("(sealed IS NULL) = (block IS NOT NULL)", name=op.f("ck_sealed_entries_sealed_or_folded")),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_sealed_entries_enrolment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_entries")),
    )
    op.create_index("ix_sealed_entries_enrolment", "sealed_entries", ["enrolment", "received_at"], unique=False)
    op.create_index(
        "ix_sealed_entries_fresh",
        "sealed_entries",
        ["enrolment"],
        unique=False,
        sqlite_where=sa.text("block IS NULL"),
        postgresql_where=sa.text("block IS NULL"),
    )
    op.create_index(
        "uq_sealed_entries_occasion",
        "sealed_entries",
        ["enrolment", "schedule", "occasion"],
        unique=True,
        sqlite_where=sa.text("occasion IS NOT NULL"),
        postgresql_where=sa.text("occasion IS NOT NULL"),
    )
    op.create_table(
        "withdrawals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("strength", sa.String(length=8), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.CheckConstraint("strength IN ('stop', 'remove', 'erase')", name=op.f("ck_withdrawals_strength_is_known")),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_withdrawals_enrolment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
        sa.UniqueConstraint("enrolment", "scope", "strength", name=op.f("uq_withdrawals_enrolment_scope_strength")),
    )
    op.create_index(op.f("ix_withdrawals_enrolment"), "withdrawals", ["enrolment"], unique=False)
    op.create_table(
        "quarantined_entries",
        sa.Column("entry", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"], ["sealed_entries.id"], name=op.f("fk_quarantined_entries_entry"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_quarantined_entries")),
    )
    first.run(TRIGGERS)


def downgrade() -> None:
    op.drop_table("quarantined_entries")
    op.drop_table("withdrawals")
    op.drop_table("sealed_entries")
    op.drop_table("participant_sessions")
    op.drop_table("enrolment_keys")
    op.drop_table("consent_records")
    op.drop_table("blocks")
    op.drop_table("enrolments")
    op.drop_table("enrolment_codes")
    op.drop_table("sites")
    first.run(FUNCTIONS)
    first.drop()
