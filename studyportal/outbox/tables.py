"""The outbox table, once per database."""

import sqlalchemy as sa

from studyportal.database import BINDS, UtcMicroseconds, table


def _outbox(bind: str) -> sa.Table:
    return table(
        bind,
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        # The same wish twice is one row: who wants work names it.
        sa.Column("key", sa.String(96), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("created_at", UtcMicroseconds, nullable=False),
        sa.Column("available_at", UtcMicroseconds, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease", sa.String(32)),
        sa.Column("leased_until", UtcMicroseconds),
        sa.Column("failure", sa.String(64)),
        sa.Column("done_at", UtcMicroseconds),
        sa.UniqueConstraint("kind", "key"),
        sa.CheckConstraint("(lease IS NULL) = (leased_until IS NULL)", name="lease_is_paired"),
        sa.Index(
            "ix_outbox_open",
            "available_at",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        ),
    )


OUTBOX = {bind: _outbox(bind) for bind in BINDS}
