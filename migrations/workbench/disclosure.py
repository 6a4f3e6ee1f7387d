"""What was answered, and the ledger. Frozen; a later change is a later file."""

import sqlalchemy as sa
from alembic import op

from migrations.everywhere import first

revision = "workbench_5"
down_revision = "workbench_4"
branch_labels = None
depends_on = None

# What a project opened stays opened.
TRIGGERS = {
    "sqlite": (
        *(
            f"""
            CREATE TRIGGER ledger_blocks_no_{verb} BEFORE {verb.upper()} ON ledger_blocks
            BEGIN SELECT RAISE(ABORT, 'ledger_blocks is append-only'); END
            """
            for verb in ("update", "delete")
        ),
        """
        CREATE TRIGGER ledger_blocks_no_replace BEFORE INSERT ON ledger_blocks
        WHEN EXISTS (SELECT 1 FROM ledger_blocks WHERE id = NEW.id OR rowid = NEW.rowid)
        BEGIN SELECT RAISE(ABORT, 'ledger_blocks is append-only'); END
        """,
    ),
    "postgresql": (
        """
        CREATE TRIGGER ledger_blocks_no_change BEFORE UPDATE OR DELETE ON ledger_blocks
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """,
        """
        CREATE TRIGGER ledger_blocks_no_truncate BEFORE TRUNCATE ON ledger_blocks
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """,
        "ALTER TABLE ledger_blocks ENABLE ALWAYS TRIGGER ledger_blocks_no_change",
        "ALTER TABLE ledger_blocks ENABLE ALWAYS TRIGGER ledger_blocks_no_truncate",
    ),
}


def upgrade() -> None:
    op.create_table(
        "answered_sets",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_answered_sets_sequence_begins_at_1")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_answered_sets")),
        sa.UniqueConstraint("revision", name=op.f("uq_answered_sets_revision")),
    )
    op.create_table(
        "ledger_blocks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project", sa.String(length=16), nullable=False),
        sa.Column("block", sa.LargeBinary(length=32), nullable=False),
        sa.Column("snapshot", sa.Integer(), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('step', 'course', 'item')", name=op.f("ck_ledger_blocks_kind_is_known")),
        sa.ForeignKeyConstraint(["project"], ["grants.project"], name=op.f("fk_ledger_blocks_project_grants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_blocks")),
        sa.UniqueConstraint("project", "block", name=op.f("uq_ledger_blocks_project_block")),
    )
    op.create_index(op.f("ix_ledger_blocks_opened_at"), "ledger_blocks", ["opened_at"])
    first.run(TRIGGERS)


def downgrade() -> None:
    op.drop_table("ledger_blocks")
    op.drop_table("answered_sets")
