"""Reviews of the ledger. Frozen; a later change is a later file."""

import sqlalchemy as sa
from alembic import op

from migrations.everywhere import first

revision = "workbench_7"
down_revision = "workbench_6"
branch_labels = None
depends_on = None

# What was asked stays; what was decided or taken back, and that it was used, is written once.
ASKED = (
    "id, project, account, asked_at, question, blocks, told, opened, address, units, used_before, reach, reach_of_all, "
    "reason"
)
ENDED = "withdrawn_at, decided_at, decision, decided_by, decided_name, answer, document, signature, expires_at"
ONCE = (
    ("asked", ASKED, ""),
    ("decided", ENDED, "WHEN (OLD.decision IS NOT NULL OR OLD.withdrawn_at IS NOT NULL)"),
    ("used", "used_at, used_by", "WHEN (OLD.used_at IS NOT NULL)"),
)
TRIGGERS = {
    "sqlite": (
        *(
            f"""
            CREATE TRIGGER ledger_reviews_{name}_once BEFORE UPDATE OF {columns} ON ledger_reviews {when}
            BEGIN SELECT RAISE(ABORT, 'ledger_reviews is append-only'); END
            """
            for name, columns, when in ONCE
        ),
        """
        CREATE TRIGGER ledger_reviews_no_delete BEFORE DELETE ON ledger_reviews
        BEGIN SELECT RAISE(ABORT, 'ledger_reviews is append-only'); END
        """,
        """
        CREATE TRIGGER ledger_reviews_no_replace BEFORE INSERT ON ledger_reviews
        WHEN EXISTS (SELECT 1 FROM ledger_reviews WHERE id = NEW.id OR rowid = NEW.rowid)
        BEGIN SELECT RAISE(ABORT, 'ledger_reviews is append-only'); END
        """,
    ),
    "postgresql": (
        *(
            statement
            for name, columns, when in ONCE
            for statement in (
                f"""
                CREATE TRIGGER ledger_reviews_{name}_once BEFORE UPDATE OF {columns} ON ledger_reviews
                FOR EACH ROW {when} EXECUTE FUNCTION refuse_change()
                """,
                f"ALTER TABLE ledger_reviews ENABLE ALWAYS TRIGGER ledger_reviews_{name}_once",
            )
        ),
        """
        CREATE TRIGGER ledger_reviews_no_delete BEFORE DELETE ON ledger_reviews
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """,
        """
        CREATE TRIGGER ledger_reviews_no_truncate BEFORE TRUNCATE ON ledger_reviews
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """,
        "ALTER TABLE ledger_reviews ENABLE ALWAYS TRIGGER ledger_reviews_no_delete",
        "ALTER TABLE ledger_reviews ENABLE ALWAYS TRIGGER ledger_reviews_no_truncate",
    ),
}
CHECKS = (
    ("decision_is_known", "decision IN ('allowed', 'refused')"),
    (
        "decision_is_whole",
        " AND ".join(
            f"({name} IS NULL) = (decision IS NULL)" for name in ("decided_at", "decided_by", "decided_name", "answer")
        ),
    ),
    ("withdrawn_or_decided", "withdrawn_at IS NULL OR decision IS NULL"),
    ("signed_is_whole", "(document IS NULL) = (signature IS NULL) AND (document IS NULL) = (expires_at IS NULL)"),
    ("signed_is_allowed", "document IS NULL OR decision = 'allowed'"),
    ("allowed_is_signed", "decision <> 'allowed' OR document IS NOT NULL"),
    ("use_is_paired", "(used_at IS NULL) = (used_by IS NULL)"),
    ("used_was_allowed", "used_at IS NULL OR document IS NOT NULL"),
)
WAITS = sa.text("decision IS NULL AND withdrawn_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "ledger_reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project", sa.String(length=16), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.LargeBinary(length=32), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("blocks", "told", "opened", "address")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("units", "used_before", "reach", "reach_of_all")),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_name", sa.String(length=80), nullable=True),
        sa.Column("answer", sa.String(length=500), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("used_by", sa.Uuid(), nullable=True),
        *(sa.CheckConstraint(promise, name=op.f(f"ck_ledger_reviews_{name}")) for name, promise in CHECKS),
        sa.ForeignKeyConstraint(["project"], ["grants.project"], name=op.f("fk_ledger_reviews_project_grants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_reviews")),
    )
    op.create_index(op.f("ix_ledger_reviews_project"), "ledger_reviews", ["project"])
    op.create_index(
        "uq_ledger_reviews_waiting",
        "ledger_reviews",
        ["project", "question"],
        unique=True,
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )
    first.run(TRIGGERS)


def downgrade() -> None:
    op.drop_table("ledger_reviews")
