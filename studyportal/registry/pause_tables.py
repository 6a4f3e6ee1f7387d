"""The table of pauses: from when until when somebody is asked for nothing. Why is nobody's business."""

import sqlalchemy as sa

from studyportal.database import UtcMicroseconds, table
from studyportal.registry.tables import BIND

PAUSES = table(
    BIND,
    "pauses",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), nullable=False, index=True),
    sa.Column("began_at", UtcMicroseconds, nullable=False),
    # NULL while somebody goes on when they like; set when they do, also before the day that they had named.
    sa.Column("until", UtcMicroseconds),
    sa.CheckConstraint("until >= began_at", name="ends_after_it_begins"),
    sa.Index(
        "uq_pauses_open",
        "enrolment",
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    ),
)
