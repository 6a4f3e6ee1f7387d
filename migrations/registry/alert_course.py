"""What was done about an alert, whom it was mailed to, and what stays of one that was erased. Frozen; a later change is
a later file."""

import sqlalchemy as sa
from alembic import op

from migrations.everywhere import first

revision = "registry_8"
down_revision = "registry_7"
branch_labels = None
depends_on = None

NO_TRIGGER = {
    "sqlite": ("DROP TRIGGER safety_alerts_only_acknowledge",),
    "postgresql": (
        "DROP TRIGGER safety_alerts_only_acknowledge ON safety_alerts",
        "DROP FUNCTION refuse_all_but_acknowledging()",
    ),
}
# An alert is taken on once, changes hands while it runs, and is closed once. What was raised stays as it was raised.
# What was done about it is append-only, and goes when the alert itself goes.
TRIGGERS = {
    "sqlite": (
        """
        CREATE TRIGGER safety_alerts_only_course BEFORE UPDATE ON safety_alerts
        WHEN NOT (
            NEW.id IS OLD.id AND NEW.enrolment IS OLD.enrolment AND NEW.entry IS OLD.entry
            AND NEW.source IS OLD.source AND NEW.level IS OLD.level AND NEW.raised_at IS OLD.raised_at
            AND NEW.sealed IS OLD.sealed AND OLD.closed_at IS NULL AND NEW.acknowledged_at IS NOT NULL
            AND (OLD.acknowledged_at IS NULL
                 OR (NEW.acknowledged_at IS OLD.acknowledged_at AND NEW.acknowledged_by IS OLD.acknowledged_by))
        )
        BEGIN SELECT RAISE(ABORT, 'a safety alert can only be taken on, handed over and closed'); END
        """,
        """
        CREATE TRIGGER alert_events_no_update BEFORE UPDATE ON alert_events
        BEGIN SELECT RAISE(ABORT, 'alert_events is append-only'); END
        """,
        """
        CREATE TRIGGER alert_events_no_delete BEFORE DELETE ON alert_events
        WHEN EXISTS (SELECT 1 FROM safety_alerts WHERE id = OLD.alert)
        BEGIN SELECT RAISE(ABORT, 'alert_events is append-only'); END
        """,
        # Silent for the same number of an alert: whoever comes second finds that no row was added.
        """
        CREATE TRIGGER alert_events_no_replace BEFORE INSERT ON alert_events
        WHEN EXISTS (SELECT 1 FROM alert_events WHERE id = NEW.id OR rowid = NEW.rowid)
        BEGIN SELECT RAISE(ABORT, 'alert_events is append-only'); END
        """,
        """
        CREATE TRIGGER alert_events_no_second BEFORE INSERT ON alert_events
        WHEN EXISTS (SELECT 1 FROM alert_events WHERE alert = NEW.alert AND number = NEW.number)
        BEGIN SELECT RAISE(IGNORE); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION refuse_all_but_course() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (NEW.id, NEW.enrolment, NEW.entry, NEW.source, NEW.level, NEW.raised_at, NEW.sealed)
                    = (OLD.id, OLD.enrolment, OLD.entry, OLD.source, OLD.level, OLD.raised_at, OLD.sealed)
                AND OLD.closed_at IS NULL AND NEW.acknowledged_at IS NOT NULL
                AND (OLD.acknowledged_at IS NULL
                     OR (NEW.acknowledged_at, NEW.acknowledged_by) = (OLD.acknowledged_at, OLD.acknowledged_by))
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'a safety alert can only be taken on, handed over and closed'
                USING ERRCODE = 'restrict_violation';
        END $$
        """,
        """
        CREATE TRIGGER safety_alerts_only_course BEFORE UPDATE ON safety_alerts
        FOR EACH ROW EXECUTE FUNCTION refuse_all_but_course()
        """,
        "ALTER TABLE safety_alerts ENABLE ALWAYS TRIGGER safety_alerts_only_course",
        """
        CREATE FUNCTION refuse_to_forget() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM safety_alerts WHERE id = OLD.alert) THEN
                RAISE EXCEPTION 'alert_events is append-only' USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN OLD;
        END $$
        """,
        """
        CREATE TRIGGER alert_events_no_update BEFORE UPDATE ON alert_events
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """,
        """
        CREATE TRIGGER alert_events_no_delete BEFORE DELETE ON alert_events
        FOR EACH ROW EXECUTE FUNCTION refuse_to_forget()
        """,
        """
        CREATE TRIGGER alert_events_no_truncate BEFORE TRUNCATE ON alert_events
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """,
        "ALTER TABLE alert_events ENABLE ALWAYS TRIGGER alert_events_no_update",
        "ALTER TABLE alert_events ENABLE ALWAYS TRIGGER alert_events_no_delete",
        "ALTER TABLE alert_events ENABLE ALWAYS TRIGGER alert_events_no_truncate",
    ),
}
NO_TRIGGERS = {
    "sqlite": ("DROP TRIGGER safety_alerts_only_course",),
    "postgresql": (
        "DROP TRIGGER safety_alerts_only_course ON safety_alerts",
        "DROP FUNCTION refuse_all_but_course()",
        "DROP FUNCTION refuse_to_forget()",
    ),
}
FORMER_TRIGGER = {
    "sqlite": (
        """
        CREATE TRIGGER safety_alerts_only_acknowledge BEFORE UPDATE ON safety_alerts
        WHEN NOT (
            OLD.acknowledged_at IS NULL AND NEW.acknowledged_at IS NOT NULL
            AND NEW.id IS OLD.id AND NEW.enrolment IS OLD.enrolment AND NEW.entry IS OLD.entry
            AND NEW.level IS OLD.level AND NEW.raised_at IS OLD.raised_at AND NEW.sealed IS OLD.sealed
        )
        BEGIN SELECT RAISE(ABORT, 'a safety alert can only be acknowledged'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION refuse_all_but_acknowledging() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.acknowledged_at IS NULL AND NEW.acknowledged_at IS NOT NULL
                AND (NEW.id, NEW.enrolment, NEW.entry, NEW.level, NEW.raised_at, NEW.sealed)
                    = (OLD.id, OLD.enrolment, OLD.entry, OLD.level, OLD.raised_at, OLD.sealed)
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'a safety alert can only be acknowledged' USING ERRCODE = 'restrict_violation';
        END $$
        """,
        """
        CREATE TRIGGER safety_alerts_only_acknowledge BEFORE UPDATE ON safety_alerts
        FOR EACH ROW EXECUTE FUNCTION refuse_all_but_acknowledging()
        """,
        "ALTER TABLE safety_alerts ENABLE ALWAYS TRIGGER safety_alerts_only_acknowledge",
    ),
}
# What was taken on before this step was taken on by an event, and is in the same hands.
TAKEN_BEFORE = """
    INSERT INTO alert_events (id, alert, number, at, account, what)
    SELECT id, id, 1, acknowledged_at, acknowledged_by, 'acknowledged'
    FROM safety_alerts WHERE acknowledged_at IS NOT NULL
"""
IS_WAITING, IS_RUNNING = sa.text("acknowledged_at IS NULL"), sa.text("closed_at IS NULL")


def _former() -> sa.Table:
    """The table as it stands before this step; SQLite makes it anew and cannot tell its checks by itself."""
    return sa.Table(
        "safety_alerts",
        sa.MetaData(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("entry", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("level IN ('low', 'high', 'urgent')", name=op.f("ck_safety_alerts_level_is_known")),
        sa.CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)",
            name=op.f("ck_safety_alerts_acknowledgement_is_paired"),
        ),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_safety_alerts_enrolment")),
        sa.ForeignKeyConstraint(
            ["entry"], ["sealed_entries.id"], name=op.f("fk_safety_alerts_entry"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_alerts")),
        sa.UniqueConstraint("entry", name=op.f("uq_safety_alerts_entry")),
        sa.Index(op.f("ix_safety_alerts_enrolment"), "enrolment"),
        sa.Index("ix_safety_alerts_open", "enrolment", sqlite_where=IS_WAITING, postgresql_where=IS_WAITING),
    )


def _present() -> sa.Table:
    """The table as it stands after this step."""
    table = _former()
    table.constraints = {one for one in table.constraints if one.name != "uq_safety_alerts_entry"}
    table.append_column(sa.Column("source", sa.String(length=8), server_default="entry", nullable=False))
    table.append_column(sa.Column("holder", sa.Uuid(), nullable=True))
    table.append_column(sa.Column("closed_at", sa.BigInteger(), nullable=True))
    for name, rule in CHECKS.items():
        table.append_constraint(sa.CheckConstraint(rule, name=op.f(name)))
    table.append_constraint(sa.UniqueConstraint("entry", "source", name=op.f("uq_safety_alerts_entry_source")))
    sa.Index("ix_safety_alerts_running", table.c.enrolment, sqlite_where=IS_RUNNING, postgresql_where=IS_RUNNING)
    return table


CHECKS = {
    "ck_safety_alerts_source_is_known": "source IN ('entry', 'history')",
    "ck_safety_alerts_holder_is_paired": "(acknowledged_at IS NULL) = (holder IS NULL)",
    "ck_safety_alerts_closed_after_taken_on": "closed_at IS NULL OR acknowledged_at IS NOT NULL",
}


def upgrade() -> None:
    first.run(NO_TRIGGER)
    op.add_column("safety_alerts", sa.Column("source", sa.String(length=8), server_default="entry", nullable=False))
    op.add_column("safety_alerts", sa.Column("holder", sa.Uuid(), nullable=True))
    op.add_column("safety_alerts", sa.Column("closed_at", sa.BigInteger(), nullable=True))
    op.execute("UPDATE safety_alerts SET holder = acknowledged_by")
    widened = _former()
    for column in (
        sa.Column("source", sa.String(length=8), server_default="entry", nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
    ):
        widened.append_column(column)
    with op.batch_alter_table("safety_alerts", copy_from=widened) as batch:
        batch.drop_constraint(op.f("uq_safety_alerts_entry"), type_="unique")
        batch.create_unique_constraint(op.f("uq_safety_alerts_entry_source"), ["entry", "source"])
        for name, rule in CHECKS.items():
            batch.create_check_constraint(op.f(name), sa.text(rule))
    op.create_index(
        "ix_safety_alerts_running",
        "safety_alerts",
        ["enrolment"],
        unique=False,
        sqlite_where=IS_RUNNING,
        postgresql_where=IS_RUNNING,
    )
    _create_course()
    op.execute(TAKEN_BEFORE)
    first.run(TRIGGERS)


def _create_course() -> None:
    op.create_table(
        "alert_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("receiver", sa.Uuid(), nullable=True),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_alert_events_number_from_1")),
        sa.CheckConstraint(
            "what IN ('acknowledged', 'acted', 'handed_over', 'closed', 'noted')",
            name=op.f("ck_alert_events_what_is_known"),
        ),
        sa.CheckConstraint(
            "(what = 'handed_over') = (receiver IS NOT NULL)", name=op.f("ck_alert_events_handed_to_somebody")
        ),
        sa.CheckConstraint(
            "(what IN ('acted', 'closed')) = (code IS NOT NULL)", name=op.f("ck_alert_events_code_fits_what")
        ),
        sa.CheckConstraint("what <> 'noted' OR sealed IS NOT NULL", name=op.f("ck_alert_events_note_is_there")),
        sa.ForeignKeyConstraint(
            ["alert"], ["safety_alerts.id"], name=op.f("fk_alert_events_alert"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_events")),
        sa.UniqueConstraint("alert", "number", name=op.f("uq_alert_events_alert_number")),
    )
    op.create_table(
        "alert_mails",
        sa.Column("alert", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wanted_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("dropped_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("step IN (1, 2)", name=op.f("ck_alert_mails_step_is_known")),
        sa.CheckConstraint("sent_at IS NULL OR dropped_at IS NULL", name=op.f("ck_alert_mails_sent_or_dropped")),
        sa.ForeignKeyConstraint(["alert"], ["safety_alerts.id"], name=op.f("fk_alert_mails_alert"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alert", "step", name=op.f("pk_alert_mails")),
    )
    op.create_table(
        "erased_alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name=op.f("ck_erased_alerts_seen_is_paired")),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_erased_alerts_enrolment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erased_alerts")),
    )
    op.create_index(op.f("ix_erased_alerts_enrolment"), "erased_alerts", ["enrolment"], unique=False)


def downgrade() -> None:
    """What was done about alerts is lost, and so are alerts that only former entries raised."""
    for table in ("erased_alerts", "alert_mails", "alert_events"):
        op.drop_table(table)
    first.run(NO_TRIGGERS)
    op.execute("DELETE FROM safety_alerts WHERE source = 'history'")
    op.drop_index("ix_safety_alerts_running", table_name="safety_alerts")
    present = _present()
    present.indexes = {one for one in present.indexes if one.name != "ix_safety_alerts_running"}
    with op.batch_alter_table("safety_alerts", copy_from=present) as batch:
        for name in CHECKS:
            batch.drop_constraint(op.f(name), type_="check")
        batch.drop_constraint(op.f("uq_safety_alerts_entry_source"), type_="unique")
        for column in ("closed_at", "holder", "source"):
            batch.drop_column(column)
        batch.create_unique_constraint(op.f("uq_safety_alerts_entry"), ["entry"])
    first.run(FORMER_TRIGGER)
