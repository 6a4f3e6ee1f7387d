"""Versions of the consent form, put into force by two people; signed copies; and a scope that was agreed to anew may be
withdrawn anew. Frozen; a later change is a later file.

A study that has begun keeps what people signed last in force, with its hash as its text."""

import json
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from migrations.everywhere import first

revision = "registry_5"
down_revision = "registry_4"
branch_labels = None
depends_on = None

# A version waits, and then somebody else decides, once. Without a proposer there is only what a study began with.
TRIGGERS = {
    "sqlite": (
        """
        CREATE TRIGGER consent_forms_begin_as_proposals BEFORE INSERT ON consent_forms
        WHEN CASE WHEN NEW.proposed_by IS NULL THEN EXISTS (SELECT 1 FROM consent_forms) ELSE NEW.is_open IS NULL END
            OR EXISTS (SELECT 1 FROM consent_forms WHERE id = NEW.id OR rowid = NEW.rowid)
        BEGIN SELECT RAISE(ABORT, 'a consent form begins as a proposal'); END
        """,
        """
        CREATE TRIGGER consent_forms_only_decide BEFORE UPDATE ON consent_forms
        WHEN NOT (
            OLD.is_open IS NOT NULL AND NEW.is_open IS NULL
            AND NEW.id IS OLD.id AND NEW.version IS OLD.version AND NEW.texts IS OLD.texts
            AND NEW.proposed_at IS OLD.proposed_at AND NEW.proposed_by IS OLD.proposed_by
        )
        BEGIN SELECT RAISE(ABORT, 'a consent form can only be decided on, once'); END
        """,
        """
        CREATE TRIGGER consent_forms_no_delete BEFORE DELETE ON consent_forms
        BEGIN SELECT RAISE(ABORT, 'consent_forms stay'); END
        """,
        """
        CREATE TRIGGER consent_copies_no_update BEFORE UPDATE ON consent_copies
        BEGIN SELECT RAISE(ABORT, 'consent_copies do not change'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION refuse_all_but_proposing() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.proposed_by IS NOT NULL AND NEW.is_open
                OR NEW.proposed_by IS NULL AND NOT EXISTS (SELECT 1 FROM consent_forms)
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'a consent form begins as a proposal' USING ERRCODE = 'restrict_violation';
        END $$
        """,
        """
        CREATE TRIGGER consent_forms_begin_as_proposals BEFORE INSERT ON consent_forms
        FOR EACH ROW EXECUTE FUNCTION refuse_all_but_proposing()
        """,
        """
        CREATE FUNCTION refuse_all_but_deciding() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.is_open AND NEW.is_open IS NULL
                AND (NEW.id, NEW.version, NEW.texts, NEW.proposed_at) = (OLD.id, OLD.version, OLD.texts, OLD.proposed_at)
                AND NEW.proposed_by IS NOT DISTINCT FROM OLD.proposed_by
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'a consent form can only be decided on, once' USING ERRCODE = 'restrict_violation';
        END $$
        """,
        """
        CREATE TRIGGER consent_forms_only_decide BEFORE UPDATE ON consent_forms
        FOR EACH ROW EXECUTE FUNCTION refuse_all_but_deciding()
        """,
        """
        CREATE TRIGGER consent_forms_no_delete BEFORE DELETE ON consent_forms
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """,
        """
        CREATE TRIGGER consent_forms_no_truncate BEFORE TRUNCATE ON consent_forms
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """,
        """
        CREATE TRIGGER consent_copies_no_update BEFORE UPDATE ON consent_copies
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """,
        "ALTER TABLE consent_forms ENABLE ALWAYS TRIGGER consent_forms_begin_as_proposals",
        "ALTER TABLE consent_forms ENABLE ALWAYS TRIGGER consent_forms_only_decide",
        "ALTER TABLE consent_forms ENABLE ALWAYS TRIGGER consent_forms_no_delete",
        "ALTER TABLE consent_forms ENABLE ALWAYS TRIGGER consent_forms_no_truncate",
        "ALTER TABLE consent_copies ENABLE ALWAYS TRIGGER consent_copies_no_update",
    ),
}
FUNCTIONS = {
    "sqlite": (),
    "postgresql": ("DROP FUNCTION refuse_all_but_proposing()", "DROP FUNCTION refuse_all_but_deciding()"),
}
ONCE = "uq_withdrawals_enrolment_scope_strength"
ONCE_A_TIME = "uq_withdrawals_enrolment_scope_strength_requested_at"


def _withdrawals(unique: sa.UniqueConstraint) -> sa.Table:
    return sa.Table(
        "withdrawals",
        sa.MetaData(),
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
        unique,
        sa.Index(op.f("ix_withdrawals_enrolment"), "enrolment"),
    )


def upgrade() -> None:
    op.create_table(
        "consent_forms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("in_force_at", sa.BigInteger(), nullable=True),
        sa.Column("in_force_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=True),
        sa.CheckConstraint("proposed_by <> in_force_by", name=op.f("ck_consent_forms_two_people")),
        sa.CheckConstraint(
            "CASE WHEN proposed_by IS NULL THEN in_force_at IS NOT NULL AND in_force_by IS NULL AND ended_at IS NULL"
            " ELSE (in_force_at IS NULL) = (in_force_by IS NULL) END",
            name=op.f("ck_consent_forms_somebody_put_it_into_force"),
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_consent_forms_end_is_paired")),
        sa.CheckConstraint("in_force_at IS NULL OR ended_at IS NULL", name=op.f("ck_consent_forms_decided_once")),
        sa.CheckConstraint(
            "(is_open IS NOT NULL) = (in_force_at IS NULL AND ended_at IS NULL) AND (is_open IS NULL OR is_open)",
            name=op.f("ck_consent_forms_open_until_decided"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_forms")),
        sa.UniqueConstraint("is_open", name=op.f("uq_consent_forms_is_open")),
    )
    op.create_table(
        "consent_copies",
        sa.Column("consent", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["consent"], ["consent_records.id"], name=op.f("fk_consent_copies_consent")),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_consent_copies_enrolment")),
        sa.PrimaryKeyConstraint("consent", name=op.f("pk_consent_copies")),
    )
    op.create_index(op.f("ix_consent_copies_enrolment"), "consent_copies", ["enrolment"], unique=False)
    _keep_in_force_what_was_signed()
    first.run(TRIGGERS)
    once = sa.UniqueConstraint("enrolment", "scope", "strength", name=op.f(ONCE))
    with op.batch_alter_table("withdrawals", copy_from=_withdrawals(once)) as batch:
        batch.drop_constraint(op.f(ONCE), type_="unique")
        batch.create_unique_constraint(op.f(ONCE_A_TIME), ["enrolment", "scope", "strength", "requested_at"])


def _keep_in_force_what_was_signed() -> None:
    records = sa.table(
        "consent_records",
        sa.column("form_version", sa.String()),
        sa.column("text_sha256", sa.LargeBinary()),
        sa.column("agreed_at", sa.BigInteger()),
    )
    forms = sa.table(
        "consent_forms",
        sa.column("id", sa.Uuid()),
        sa.column("version", sa.String()),
        sa.column("texts", sa.Text()),
        sa.column("proposed_at", sa.BigInteger()),
        sa.column("in_force_at", sa.BigInteger()),
    )
    connection = op.get_bind()
    last = connection.execute(sa.select(records).order_by(records.c.agreed_at.desc()).limit(1)).first()
    if last is None:
        return
    signed = sa.select(records.c.text_sha256).where(records.c.form_version == last.form_version).distinct()
    texts = json.dumps(sorted(bytes(digest).hex() for digest in connection.scalars(signed)))
    row = {"id": uuid4(), "version": last.form_version, "texts": texts}
    connection.execute(sa.insert(forms), row | {"proposed_at": last.agreed_at, "in_force_at": last.agreed_at})


def downgrade() -> None:
    """Copies are lost, who put which text into force as well; of a scope that was withdrawn twice, the later time."""
    op.drop_table("consent_copies")
    op.drop_table("consent_forms")
    first.run(FUNCTIONS)
    op.execute(
        "DELETE FROM withdrawals AS earlier WHERE EXISTS (SELECT 1 FROM withdrawals AS later"
        " WHERE later.enrolment = earlier.enrolment AND later.scope = earlier.scope"
        " AND later.strength = earlier.strength AND later.requested_at > earlier.requested_at)"
    )
    once_a_time = sa.UniqueConstraint("enrolment", "scope", "strength", "requested_at", name=op.f(ONCE_A_TIME))
    with op.batch_alter_table("withdrawals", copy_from=_withdrawals(once_a_time)) as batch:
        batch.drop_constraint(op.f(ONCE_A_TIME), type_="unique")
        batch.create_unique_constraint(op.f(ONCE), ["enrolment", "scope", "strength"])
