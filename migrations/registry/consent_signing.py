"""What a signature under a consent form can hang on: questions about its text, a name, the clinic's countersignature.
Frozen; a later change is a later file.
"""

import sqlalchemy as sa
from alembic import op

from migrations.everywhere import first

revision = "registry_12"
down_revision = "registry_11"
branch_labels = None
depends_on = None

# Columns as both kinds of database add them without making the table anew: everything about consent hangs on it.
ADDED = (
    "ALTER TABLE consent_records ADD COLUMN check_passed BOOLEAN DEFAULT false NOT NULL",
    "ALTER TABLE consent_records ADD COLUMN name_commitment {bytes}",
)
BYTES = {"sqlite": "BLOB", "postgresql": "BYTEA"}
# A consent waits for the clinic from its beginning, and is countersigned once.
TRIGGERS = {
    "sqlite": (
        """
        CREATE TRIGGER consent_names_no_update BEFORE UPDATE ON consent_names
        BEGIN SELECT RAISE(ABORT, 'consent_names do not change'); END
        """,
        """
        CREATE TRIGGER countersignatures_begin_open BEFORE INSERT ON countersignatures
        WHEN NEW.signed_at IS NOT NULL
            OR EXISTS (SELECT 1 FROM countersignatures WHERE consent = NEW.consent OR rowid = NEW.rowid)
        BEGIN SELECT RAISE(ABORT, 'a countersignature waits before it is given'); END
        """,
        """
        CREATE TRIGGER countersignatures_only_sign BEFORE UPDATE ON countersignatures
        WHEN NOT (
            OLD.signed_at IS NULL AND NEW.signed_at IS NOT NULL
            AND NEW.consent IS OLD.consent AND NEW.enrolment IS OLD.enrolment
            AND NEW.statement_sha256 IS OLD.statement_sha256
        )
        BEGIN SELECT RAISE(ABORT, 'a consent is countersigned once'); END
        """,
        """
        CREATE TRIGGER countersignatures_no_delete BEFORE DELETE ON countersignatures
        BEGIN SELECT RAISE(ABORT, 'countersignatures stay'); END
        """,
    ),
    "postgresql": (
        """
        CREATE TRIGGER consent_names_no_update BEFORE UPDATE ON consent_names
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """,
        """
        CREATE FUNCTION refuse_all_but_countersigning() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' AND NEW.signed_at IS NULL THEN
                RETURN NEW;
            END IF;
            IF TG_OP = 'UPDATE' AND OLD.signed_at IS NULL AND NEW.signed_at IS NOT NULL
                AND (NEW.consent, NEW.enrolment, NEW.statement_sha256)
                    = (OLD.consent, OLD.enrolment, OLD.statement_sha256)
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'a consent is countersigned once' USING ERRCODE = 'restrict_violation';
        END $$
        """,
        """
        CREATE TRIGGER countersignatures_only_sign BEFORE INSERT OR UPDATE OR DELETE ON countersignatures
        FOR EACH ROW EXECUTE FUNCTION refuse_all_but_countersigning()
        """,
        """
        CREATE TRIGGER countersignatures_no_truncate BEFORE TRUNCATE ON countersignatures
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """,
        "ALTER TABLE consent_names ENABLE ALWAYS TRIGGER consent_names_no_update",
        "ALTER TABLE countersignatures ENABLE ALWAYS TRIGGER countersignatures_only_sign",
        "ALTER TABLE countersignatures ENABLE ALWAYS TRIGGER countersignatures_no_truncate",
    ),
}
FUNCTIONS = {"sqlite": (), "postgresql": ("DROP FUNCTION refuse_all_but_countersigning()",)}


def upgrade() -> None:
    for statement in ADDED:
        op.execute(statement.format(bytes=BYTES[op.get_bind().dialect.name]))
    op.create_table(
        "consent_names",
        sa.Column("consent", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["consent"], ["consent_records.id"], name=op.f("fk_consent_names_consent")),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_consent_names_enrolment")),
        sa.PrimaryKeyConstraint("consent", name=op.f("pk_consent_names")),
    )
    op.create_index(op.f("ix_consent_names_enrolment"), "consent_names", ["enrolment"], unique=False)
    op.create_table(
        "countersignatures",
        sa.Column("consent", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("statement_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=True),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("signer_name", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "(signed_at IS NULL) = (signed_by IS NULL) AND (signed_at IS NULL) = (signer_name IS NULL)",
            name=op.f("ck_countersignatures_signature_is_whole"),
        ),
        sa.ForeignKeyConstraint(["consent"], ["consent_records.id"], name=op.f("fk_countersignatures_consent")),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_countersignatures_enrolment")),
        sa.PrimaryKeyConstraint("consent", name=op.f("pk_countersignatures")),
    )
    op.create_index(op.f("ix_countersignatures_enrolment"), "countersignatures", ["enrolment"], unique=False)
    first.run(TRIGGERS)


def downgrade() -> None:
    """Names and countersignatures are lost, and that a check was passed; signatures over them no longer hold."""
    op.drop_table("countersignatures")
    op.drop_table("consent_names")
    first.run(FUNCTIONS)
    for column in ("name_commitment", "check_passed"):
        op.execute(f"ALTER TABLE consent_records DROP COLUMN {column}")
