"""Sheets of codes, open campaign links, and counts of screening. Frozen; a later change is a later file."""

import sqlalchemy as sa
from alembic import op

revision = "registry_7"
down_revision = "registry_6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("site", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.CheckConstraint("cap >= 1", name=op.f("ck_campaigns_has_places")),
        sa.CheckConstraint("used >= 0 AND used <= cap", name=op.f("ck_campaigns_never_more_than_cap")),
        sa.CheckConstraint("ends_at > opened_at", name=op.f("ck_campaigns_ends_after_it_begins")),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_campaigns_closing_is_paired")),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_campaigns_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_campaigns_token_hash")),
    )
    op.create_index(op.f("ix_campaigns_site"), "campaigns", ["site"], unique=False)
    op.create_table(
        "screening_counts",
        sa.Column("site", sa.String(length=16), nullable=False),
        sa.Column("week", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "what IN ('looked', 'screened', 'not_eligible', 'reason')", name=op.f("ck_screening_counts_what_is_known")
        ),
        sa.CheckConstraint("(what = 'reason') = (reason <> '')", name=op.f("ck_screening_counts_reason_is_named")),
        sa.CheckConstraint(
            "what <> 'reason' OR (site = '' AND week = 0)", name=op.f("ck_screening_counts_reasons_of_all_together")
        ),
        sa.CheckConstraint("count >= 1", name=op.f("ck_screening_counts_counts_from_1")),
        sa.PrimaryKeyConstraint("site", "week", "what", "reason", name=op.f("pk_screening_counts")),
    )
    op.create_index("ix_enrolment_codes_site", "enrolment_codes", ["site", "issued_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_enrolment_codes_site", table_name="enrolment_codes")
    op.drop_table("screening_counts")
    op.drop_table("campaigns")
