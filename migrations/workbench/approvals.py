"""Wider requests, data-use agreements, suspended and renewed grants. Frozen; a later change is a later file."""

import sqlalchemy as sa
from alembic import op

from migrations.everywhere import first

revision = "workbench_3"
down_revision = "workbench_2"
branch_labels = None
depends_on = None

# A request changes until it is decided or taken back. What was signed, and what was done to a grant, never changes.
DECIDED = "OLD.decision IS NOT NULL OR OLD.withdrawn_at IS NOT NULL"
APPEND_ONLY = ("agreements", "grant_events")
TRIGGERS = {
    "sqlite": (
        f"""
        CREATE TRIGGER applications_decided_once BEFORE UPDATE ON applications WHEN {DECIDED}
        BEGIN SELECT RAISE(ABORT, 'a request that was decided does not change'); END
        """,
        *(
            f"""
            CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table}
            BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
            """
            for table in APPEND_ONLY
            for verb in ("update", "delete")
        ),
        *(
            f"""
            CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
            WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id OR rowid = NEW.rowid)
            BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
            """
            for table in APPEND_ONLY
        ),
    ),
    "postgresql": (
        f"""
        CREATE FUNCTION refuse_after_decision() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {DECIDED} THEN
                RAISE EXCEPTION 'a request that was decided does not change' USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
        """,
        """
        CREATE TRIGGER applications_decided_once BEFORE UPDATE ON applications
        FOR EACH ROW EXECUTE FUNCTION refuse_after_decision()
        """,
        "ALTER TABLE applications ENABLE ALWAYS TRIGGER applications_decided_once",
        *(
            statement
            for table in APPEND_ONLY
            for statement in (
                f"""
                CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION refuse_change()
                """,
                f"""
                CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
                """,
                f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change",
                f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate",
            )
        ),
    ),
}
UNDONE = {
    "sqlite": ("DROP TRIGGER applications_decided_once",),
    "postgresql": ("DROP TRIGGER applications_decided_once ON applications", "DROP FUNCTION refuse_after_decision()"),
}

NEW = (
    ("plan", sa.Text()),
    ("items", sa.Text()),
    ("level", sa.String(length=16)),
    ("revision", sa.Integer()),
    ("amended_at", sa.BigInteger()),
    ("withdrawn_at", sa.BigInteger()),
    ("decided_by", sa.Uuid()),
    ("decided_name", sa.String(length=80)),
)
CHECKS = (
    ("decider_is_paired", "(decided_by IS NULL) = (decided_name IS NULL)"),
    ("withdrawn_or_decided", "withdrawn_at IS NULL OR decision IS NULL"),
    ("level_is_known", "level IN ('aggregates', 'records')"),
)


def _applications(*more: sa.schema.SchemaItem) -> sa.Table:
    """The table as it stands: SQLite makes it anew, and would otherwise forget its checks."""
    return sa.Table(
        "applications",
        sa.MetaData(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("ethics_reference", sa.String(length=120), nullable=False),
        sa.Column("wanted_until", sa.Date(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        *more,
        sa.CheckConstraint("decision IN ('granted', 'refused')", name=op.f("ck_applications_decision_is_known")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decision IS NULL)", name=op.f("ck_applications_decision_is_paired")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.Index(op.f("ix_applications_account"), "account"),
    )


def upgrade() -> None:
    with op.batch_alter_table("applications", copy_from=_applications()) as batch:
        for name, kind in NEW:
            batch.add_column(sa.Column(name, kind, nullable=True))
    # What was asked before names no question: nothing can be granted of it until it is amended.
    op.execute("UPDATE applications SET plan = '', items = '[]', level = 'aggregates', revision = 1")
    columns = [sa.Column(name, kind, nullable=True) for name, kind in NEW]
    with op.batch_alter_table("applications", copy_from=_applications(*columns)) as batch:
        for name in ("plan", "items", "level", "revision"):
            batch.alter_column(name, nullable=False)
        for name, promise in CHECKS:
            batch.create_check_constraint(op.f(f"ck_applications_{name}"), promise)
    op.add_column("grants", sa.Column("suspended_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "grant_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=True),
        sa.CheckConstraint(
            "what IN ('approve', 'end', 'renew', 'resume', 'suspend')", name=op.f("ck_grant_events_what_is_known")
        ),
        sa.CheckConstraint(
            "(what IN ('approve', 'renew')) = (document IS NOT NULL AND signature IS NOT NULL)",
            name=op.f("ck_grant_events_what_is_signed"),
        ),
        sa.ForeignKeyConstraint(["project"], ["grants.project"], name=op.f("fk_grant_events_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_events")),
    )
    op.create_index(op.f("ix_grant_events_project"), "grant_events", ["project"], unique=False)
    op.create_table(
        "agreements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project", sa.String(length=16), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=8), nullable=False),
        sa.Column("text_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("document_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signed_name", sa.String(length=80), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["grants.project"], name=op.f("fk_agreements_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sa.UniqueConstraint("project", "text_sha256", name=op.f("uq_agreements_project_text_sha256")),
    )
    first.run(TRIGGERS)


def downgrade() -> None:
    first.run(UNDONE)
    op.drop_table("agreements")
    op.drop_table("grant_events")
    op.drop_column("grants", "suspended_at")
    columns = [sa.Column(name, kind, nullable=True) for name, kind in NEW]
    checks = [sa.CheckConstraint(promise, name=op.f(f"ck_applications_{name}")) for name, promise in CHECKS]
    with op.batch_alter_table("applications", copy_from=_applications(*columns, *checks)) as batch:
        for name, _ in reversed(CHECKS):
            batch.drop_constraint(op.f(f"ck_applications_{name}"), type_="check")
        for name, _ in reversed(NEW):
            batch.drop_column(name)
