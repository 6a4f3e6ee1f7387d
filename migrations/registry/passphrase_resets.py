"""New passphrases, by two members of staff and after a delay. Frozen; a later change is a later file."""

import sqlalchemy as sa
from alembic import op

from migrations.everywhere import first

revision = "registry_10"
down_revision = "registry_9"
branch_labels = None
depends_on = None

IS_RUNNING = sa.text("state IN ('asked', 'confirmed', 'waiting', 'code', 'taken')")

# What two people and custody have said stays said, and what has ended does not begin again.
TRIGGERS = {
    "sqlite": (
        """
        CREATE TRIGGER passphrase_resets_only_onward BEFORE UPDATE ON passphrase_resets
        WHEN NOT (
            OLD.ended_at IS NULL
            AND NEW.id IS OLD.id AND NEW.enrolment IS OLD.enrolment AND NEW.asked_at IS OLD.asked_at
            AND NEW.asked_by IS OLD.asked_by AND NEW.asked_check IS OLD.asked_check
            AND (OLD.confirmed_at IS NULL OR (NEW.confirmed_at IS OLD.confirmed_at
                 AND NEW.confirmed_by IS OLD.confirmed_by AND NEW.confirmed_check IS OLD.confirmed_check))
            AND (OLD.ready_at IS NULL OR NEW.ready_at IS OLD.ready_at)
        )
        BEGIN SELECT RAISE(ABORT, 'a reset goes onward only'); END
        """,
        """
        CREATE TRIGGER former_consent_keys_no_update BEFORE UPDATE ON former_consent_keys
        BEGIN SELECT RAISE(ABORT, 'former_consent_keys is append-only'); END
        """,
        """
        CREATE TRIGGER former_consent_keys_no_delete BEFORE DELETE ON former_consent_keys
        BEGIN SELECT RAISE(ABORT, 'former_consent_keys is append-only'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION refuse_to_go_back() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.ended_at IS NULL
                AND (NEW.id, NEW.enrolment, NEW.asked_at, NEW.asked_by, NEW.asked_check)
                    = (OLD.id, OLD.enrolment, OLD.asked_at, OLD.asked_by, OLD.asked_check)
                AND (OLD.confirmed_at IS NULL OR (NEW.confirmed_at IS NOT DISTINCT FROM OLD.confirmed_at
                     AND NEW.confirmed_by IS NOT DISTINCT FROM OLD.confirmed_by
                     AND NEW.confirmed_check IS NOT DISTINCT FROM OLD.confirmed_check))
                AND (OLD.ready_at IS NULL OR NEW.ready_at IS NOT DISTINCT FROM OLD.ready_at)
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'a reset goes onward only' USING ERRCODE = 'restrict_violation';
        END $$
        """,
        """
        CREATE TRIGGER passphrase_resets_only_onward BEFORE UPDATE ON passphrase_resets
        FOR EACH ROW EXECUTE FUNCTION refuse_to_go_back()
        """,
        "ALTER TABLE passphrase_resets ENABLE ALWAYS TRIGGER passphrase_resets_only_onward",
        """
        CREATE TRIGGER former_consent_keys_no_change BEFORE UPDATE OR DELETE ON former_consent_keys
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """,
        "ALTER TABLE former_consent_keys ENABLE ALWAYS TRIGGER former_consent_keys_no_change",
    ),
}
FUNCTIONS = {"sqlite": (), "postgresql": ("DROP FUNCTION refuse_to_go_back()",)}


def upgrade() -> None:
    op.create_table(
        "passphrase_resets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_check", sa.String(length=16), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_check", sa.String(length=16), nullable=True),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("code_at", sa.BigInteger(), nullable=True),
        sa.Column("code_by", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=True),
        sa.Column("verifier_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("reading_public", sa.LargeBinary(length=32), nullable=True),
        sa.Column("consent_public", sa.LargeBinary(length=32), nullable=True),
        sa.Column("code_given", sa.String(length=14), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'confirmed', 'waiting', 'code', 'taken', 'done', 'cancelled', 'expired')",
            name=op.f("ck_passphrase_resets_state_is_known"),
        ),
        sa.CheckConstraint("asked_by <> confirmed_by", name=op.f("ck_passphrase_resets_two_people")),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by IS NULL) AND (confirmed_at IS NULL) = (confirmed_check IS NULL)",
            name=op.f("ck_passphrase_resets_confirmation_is_whole"),
        ),
        sa.CheckConstraint(
            "(code_hash IS NULL) = (code_at IS NULL) AND (code_hash IS NULL) = (code_by IS NULL)",
            name=op.f("ck_passphrase_resets_code_is_whole"),
        ),
        sa.CheckConstraint(
            "(salt IS NULL) = (verifier_hash IS NULL) AND (salt IS NULL) = (reading_public IS NULL)"
            " AND (salt IS NULL) = (consent_public IS NULL) AND (salt IS NULL) = (code_given IS NULL)",
            name=op.f("ck_passphrase_resets_passphrase_is_whole"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'waiting', 'code', 'taken') OR confirmed_by IS NOT NULL",
            name=op.f("ck_passphrase_resets_confirmed_by_a_second"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('waiting', 'code', 'taken') OR ready_at IS NOT NULL",
            name=op.f("ck_passphrase_resets_waits_for_a_time"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('code', 'taken') OR code_hash IS NOT NULL", name=op.f("ck_passphrase_resets_code_is_there")
        ),
        sa.CheckConstraint(
            "(state = 'taken') = (salt IS NOT NULL)", name=op.f("ck_passphrase_resets_taken_with_new_words")
        ),
        sa.CheckConstraint(
            "(state IN ('done', 'cancelled', 'expired')) = (ended_at IS NOT NULL)",
            name=op.f("ck_passphrase_resets_end_is_dated"),
        ),
        sa.CheckConstraint(
            "(state = 'cancelled') = (ended_by IS NOT NULL)", name=op.f("ck_passphrase_resets_somebody_cancels")
        ),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_passphrase_resets_enrolment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passphrase_resets")),
    )
    op.create_index(
        "uq_passphrase_resets_running",
        "passphrase_resets",
        ["enrolment"],
        unique=True,
        sqlite_where=IS_RUNNING,
        postgresql_where=IS_RUNNING,
    )
    op.create_table(
        "former_consent_keys",
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("public", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_former_consent_keys_enrolment")),
        sa.PrimaryKeyConstraint("enrolment", "until", name=op.f("pk_former_consent_keys")),
    )
    first.run(TRIGGERS)


def downgrade() -> None:
    """What was signed with a consent key that a reset replaced cannot be verified after this."""
    op.drop_table("former_consent_keys")
    op.drop_table("passphrase_resets")
    first.run(FUNCTIONS)
