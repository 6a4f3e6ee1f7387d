"""The workbench's tables: requests for access, custody's signed grants, cohorts and releases."""

import sqlalchemy as sa

from studyportal.database import UtcMicroseconds, table

BIND = "workbench"

APPLICATIONS = table(
    BIND,
    "applications",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account", sa.Uuid, nullable=False, index=True),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("ethics_reference", sa.String(120), nullable=False),
    sa.Column("wanted_until", sa.Date, nullable=False),
    sa.Column("created_at", UtcMicroseconds, nullable=False),
    sa.Column("decided_at", UtcMicroseconds),
    sa.Column("decision", sa.String(8)),
    sa.Column("reason", sa.String(500)),
    sa.CheckConstraint("(decided_at IS NULL) = (decision IS NULL)", name="decision_is_paired"),
    sa.CheckConstraint("decision IN ('granted', 'refused')", name="decision_is_known"),
)

GRANTS = table(
    BIND,
    "grants",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("project", sa.String(16), nullable=False, unique=True),
    sa.Column("account", sa.Uuid, nullable=False, index=True),
    sa.Column("application", sa.ForeignKey("applications.id"), nullable=False, unique=True),
    # The canonical JSON that custody signed; it is what counts, the columns beside it only find it.
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("signature", sa.LargeBinary(64), nullable=False),
    sa.Column("issued_at", UtcMicroseconds, nullable=False),
    sa.Column("expires_at", UtcMicroseconds, nullable=False),
    sa.Column("ended_at", UtcMicroseconds),
)

COHORTS = table(
    BIND,
    "cohorts",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("project", sa.String(16), nullable=False, index=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("criteria", sa.Text, nullable=False),
    sa.Column("snapshot", sa.Integer, nullable=False),
    sa.Column("created_at", UtcMicroseconds, nullable=False),
    sa.Column("created_by", sa.Uuid, nullable=False),
    sa.UniqueConstraint("project", "name"),
)

RELEASES = table(
    BIND,
    "releases",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("project", sa.String(16), nullable=False, index=True),
    sa.Column("snapshot", sa.Integer, nullable=False),
    sa.Column("criteria", sa.Text, nullable=False),
    sa.Column("items", sa.Text, nullable=False),
    sa.Column("created_at", UtcMicroseconds, nullable=False),
    sa.Column("created_by", sa.Uuid, nullable=False),
    sa.Column("sha256", sa.LargeBinary(32), nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
)
