"""The audit table, once per database. Triggers (in the migrations) refuse change, removal and replacement."""

import sqlalchemy as sa

from studyportal.database import BINDS, UtcMicroseconds, table


def _audit_events(bind: str) -> sa.Table:
    return table(
        bind,
        "audit_events",
        # A writer is one thread of one process; its events form one chain, so writers do not wait for each other.
        sa.Column("writer", sa.String(32), primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", UtcMicroseconds, nullable=False, index=True),
        sa.Column("room", sa.String(16), nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor_id", sa.String(64), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("object_kind", sa.String(32), nullable=False),
        sa.Column("object_id", sa.String(64), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("previous", sa.LargeBinary(32), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.CheckConstraint("sequence >= 1", name="sequence_from_1"),
    )


AUDIT_EVENTS = {bind: _audit_events(bind) for bind in BINDS}
