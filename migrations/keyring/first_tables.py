"""The first tables of the keyring. Frozen; a later change is a later file."""

import sqlalchemy as sa
from alembic import op

from migrations.everywhere import first

revision = "keyring_1"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    first.create()
    op.create_table(
        "publications",
        sa.Column("snapshot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("manifest_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("participants", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("snapshot", name=op.f("pk_publications")),
    )
    op.create_table(
        "subjects",
        sa.Column("disclosure_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=True),
        sa.Column("record_key_1", sa.BigInteger(), nullable=False),
        sa.Column("record_key_2", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("disclosure_index", name=op.f("pk_subjects")),
        sa.UniqueConstraint("enrolment", name=op.f("uq_subjects_enrolment")),
    )
    op.create_table(
        "tombstones",
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.PrimaryKeyConstraint("enrolment", name=op.f("pk_tombstones")),
    )
    op.create_table(
        "transport_keys",
        sa.Column("key_id", sa.LargeBinary(length=8), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=1216), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=True),
        sa.CheckConstraint("current IS NULL OR current", name=op.f("ck_transport_keys_current_or_null")),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_transport_keys")),
        sa.UniqueConstraint("current", name=op.f("uq_transport_keys_current")),
    )
    op.create_table(
        "wrapped_seeds",
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(length=16), nullable=False),
        sa.Column("holder", sa.String(length=16), nullable=False),
        sa.Column("wrapping", sa.String(length=16), nullable=False),
        sa.Column("wrapped_by", sa.LargeBinary(length=8), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "(holder = 'participant') = (wrapping = 'reader')", name=op.f("ck_wrapped_seeds_wrapping_fits_holder")
        ),
        sa.CheckConstraint("domain IN ('diary', 'contact', 'consent')", name=op.f("ck_wrapped_seeds_domain_is_known")),
        sa.CheckConstraint("holder IN ('custody', 'participant')", name=op.f("ck_wrapped_seeds_holder_is_known")),
        sa.CheckConstraint(
            "wrapping IN ('transport', 'kek', 'reader')", name=op.f("ck_wrapped_seeds_wrapping_is_known")
        ),
        sa.PrimaryKeyConstraint("enrolment", "domain", "holder", name=op.f("pk_wrapped_seeds")),
    )
    op.create_table(
        "subject_codes",
        sa.Column("project", sa.String(length=16), nullable=False),
        sa.Column("disclosure_index", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["disclosure_index"], ["subjects.disclosure_index"], name=op.f("fk_subject_codes_disclosure_index")
        ),
        sa.PrimaryKeyConstraint("project", "disclosure_index", name=op.f("pk_subject_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_subject_codes_code")),
    )


def downgrade() -> None:
    op.drop_table("subject_codes")
    op.drop_table("wrapped_seeds")
    op.drop_table("transport_keys")
    op.drop_table("tombstones")
    op.drop_table("subjects")
    op.drop_table("publications")
    first.drop()
