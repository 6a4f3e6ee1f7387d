"""Messages both ways, sealed; and entries that staff write, which have no receipt. Frozen; a later change is a later
file."""

import sqlalchemy as sa
from alembic import op

from migrations.everywhere import first

revision = "registry_9"
down_revision = "registry_8"
branch_labels = None
depends_on = None

IS_UNREAD = sa.text("read_at IS NULL")
IS_FRESH = sa.text("block IS NULL")
IS_SCHEDULED = sa.text("occasion IS NOT NULL")

NO_FOLDING = {
    "sqlite": ("DROP TRIGGER sealed_entries_only_fold",),
    "postgresql": (
        "DROP TRIGGER sealed_entries_only_fold ON sealed_entries",
        "DROP FUNCTION refuse_all_but_folding()",
    ),
}
# Of a message nothing may change but one thing: the other side has read it, once.
TRIGGERS = {
    "sqlite": (
        """
        CREATE TRIGGER messages_only_read BEFORE UPDATE ON messages
        WHEN NOT (
            OLD.read_at IS NULL AND NEW.read_at IS NOT NULL
            AND NEW.id IS OLD.id AND NEW.enrolment IS OLD.enrolment AND NEW.sent_at IS OLD.sent_at
            AND NEW.sender IS OLD.sender AND NEW.account IS OLD.account AND NEW.sealed IS OLD.sealed
        )
        BEGIN SELECT RAISE(ABORT, 'a message can only be marked as read'); END
        """,
        """
        CREATE TRIGGER sealed_entries_only_fold BEFORE UPDATE ON sealed_entries
        WHEN NOT (
            OLD.sealed IS NOT NULL AND OLD.block IS NULL AND NEW.sealed IS NULL AND NEW.block IS NOT NULL
            AND NEW.id IS OLD.id AND NEW.enrolment IS OLD.enrolment AND NEW.schedule IS OLD.schedule
            AND NEW.occasion IS OLD.occasion AND NEW.received_at IS OLD.received_at
            AND NEW.commitment IS OLD.commitment AND NEW.receipt IS OLD.receipt AND NEW.written_by IS OLD.written_by
        )
        BEGIN SELECT RAISE(ABORT, 'a sealed entry can only be folded'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION refuse_all_but_reading() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.read_at IS NULL AND NEW.read_at IS NOT NULL
                AND (NEW.id, NEW.enrolment, NEW.sent_at, NEW.sender, NEW.sealed)
                    = (OLD.id, OLD.enrolment, OLD.sent_at, OLD.sender, OLD.sealed)
                AND NEW.account IS NOT DISTINCT FROM OLD.account
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'a message can only be marked as read' USING ERRCODE = 'restrict_violation';
        END $$
        """,
        """
        CREATE TRIGGER messages_only_read BEFORE UPDATE ON messages
        FOR EACH ROW EXECUTE FUNCTION refuse_all_but_reading()
        """,
        "ALTER TABLE messages ENABLE ALWAYS TRIGGER messages_only_read",
        """
        CREATE FUNCTION refuse_all_but_folding() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.sealed IS NOT NULL AND OLD.block IS NULL AND NEW.sealed IS NULL AND NEW.block IS NOT NULL
                AND (NEW.id, NEW.enrolment, NEW.schedule, NEW.received_at, NEW.commitment)
                    = (OLD.id, OLD.enrolment, OLD.schedule, OLD.received_at, OLD.commitment)
                AND NEW.occasion IS NOT DISTINCT FROM OLD.occasion
                AND NEW.receipt IS NOT DISTINCT FROM OLD.receipt
                AND NEW.written_by IS NOT DISTINCT FROM OLD.written_by
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
        "ALTER TABLE sealed_entries ENABLE ALWAYS TRIGGER sealed_entries_only_fold",
    ),
}
FORMER_FOLDING = {
    "sqlite": (
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
        "ALTER TABLE sealed_entries ENABLE ALWAYS TRIGGER sealed_entries_only_fold",
    ),
}
NO_READING = {"sqlite": (), "postgresql": ("DROP FUNCTION refuse_all_but_reading()",)}


def _former() -> sa.Table:
    """The entries as they stood before this step."""
    return sa.Table(
        "sealed_entries",
        sa.MetaData(),
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
        sa.Index("ix_sealed_entries_enrolment", "enrolment", "received_at"),
        sa.Index("ix_sealed_entries_fresh", "enrolment", sqlite_where=IS_FRESH, postgresql_where=IS_FRESH),
        sa.Index(
            "uq_sealed_entries_occasion",
            "enrolment",
            "schedule",
            "occasion",
            unique=True,
            sqlite_where=IS_SCHEDULED,
            postgresql_where=IS_SCHEDULED,
        ),
    )


def _present() -> sa.Table:
    """The entries as they stand after this step."""
    table = _former()
    table.c.receipt.nullable = True
    table.append_column(sa.Column("written_by", sa.Uuid(), nullable=True))
    table.append_constraint(
        sa.CheckConstraint(
            "(receipt IS NULL) = (written_by IS NOT NULL)", name=op.f("ck_sealed_entries_receipt_or_staff")
        )
    )
    return table


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.String(length=16), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("sender IN ('participant', 'staff')", name=op.f("ck_messages_sender_is_known")),
        sa.CheckConstraint("(sender = 'staff') = (account IS NOT NULL)", name=op.f("ck_messages_staff_are_named")),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_messages_enrolment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_enrolment", "messages", ["enrolment", "sent_at"], unique=False)
    op.create_index(
        "ix_messages_unread",
        "messages",
        ["enrolment", "sender"],
        unique=False,
        sqlite_where=IS_UNREAD,
        postgresql_where=IS_UNREAD,
    )
    first.run(NO_FOLDING)
    with op.batch_alter_table("sealed_entries", copy_from=_former()) as batch:
        batch.add_column(sa.Column("written_by", sa.Uuid(), nullable=True))
        batch.alter_column("receipt", existing_type=sa.LargeBinary(length=64), nullable=True)
        batch.create_check_constraint(
            op.f("ck_sealed_entries_receipt_or_staff"), sa.text("(receipt IS NULL) = (written_by IS NOT NULL)")
        )
    first.run(TRIGGERS)


def downgrade() -> None:
    """Messages are lost, and so are entries without a receipt."""
    op.drop_table("messages")
    first.run(NO_READING)
    first.run(NO_FOLDING)
    for statement in WITHOUT_RECEIPT:
        op.execute(statement)
    with op.batch_alter_table("sealed_entries", copy_from=_present()) as batch:
        batch.drop_constraint(op.f("ck_sealed_entries_receipt_or_staff"), type_="check")
        batch.alter_column("receipt", existing_type=sa.LargeBinary(length=64), nullable=False)
        batch.drop_column("written_by")
    first.run(FORMER_FOLDING)


# With all that hangs on them, the alerts first: nothing cascades while a migration runs on SQLite.
WITHOUT_RECEIPT = (
    "DELETE FROM safety_alerts WHERE entry IN (SELECT id FROM sealed_entries WHERE receipt IS NULL)",
    "DELETE FROM alert_events WHERE alert NOT IN (SELECT id FROM safety_alerts)",
    "DELETE FROM alert_mails WHERE alert NOT IN (SELECT id FROM safety_alerts)",
    "DELETE FROM quarantined_entries WHERE entry IN (SELECT id FROM sealed_entries WHERE receipt IS NULL)",
    "DELETE FROM sealed_entries WHERE receipt IS NULL",
)
