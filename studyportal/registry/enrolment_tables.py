"""The tables of open campaign links, and of what happened on the way in: counts without a person in them."""

import sqlalchemy as sa

from studyportal.database import UtcMicroseconds, table
from studyportal.registry.tables import BIND

# What is counted on the way in. Everything else that the enrolment log tells is counted from the rows that are kept
# anyway.
COUNTED = ("looked", "screened", "not_eligible", "reason")

CAMPAIGNS = table(
    BIND,
    "campaigns",
    sa.Column("id", sa.Uuid, primary_key=True),
    # SHA-256 of what stands in the link: a copy of this table invites nobody.
    sa.Column("token_hash", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("site", sa.ForeignKey("sites.id"), nullable=False, index=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("cap", sa.Integer, nullable=False),
    # Places that were taken with a signature. A look takes none.
    sa.Column("used", sa.Integer, nullable=False, server_default="0"),
    sa.Column("opened_at", UtcMicroseconds, nullable=False),
    sa.Column("opened_by", sa.String(64), nullable=False),
    sa.Column("ends_at", UtcMicroseconds, nullable=False),
    sa.Column("closed_at", UtcMicroseconds),
    sa.Column("closed_by", sa.String(64)),
    sa.CheckConstraint("cap >= 1", name="has_places"),
    sa.CheckConstraint("used >= 0 AND used <= cap", name="never_more_than_cap"),
    sa.CheckConstraint("ends_at > opened_at", name="ends_after_it_begins"),
    sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closing_is_paired"),
)

# Where somebody was turned away is counted by site and week; why, for the whole study and all of its time together
# (site '', week 0): at one clinic, in one week, a reason would often be one person's.
SCREENING_COUNTS = table(
    BIND,
    "screening_counts",
    sa.Column("site", sa.String(16), primary_key=True),
    # Weeks since Monday 5 January 1970, in UTC.
    sa.Column("week", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("what", sa.String(16), primary_key=True),
    # The name of a condition in the study document; '' for all that is no reason.
    sa.Column("reason", sa.String(64), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.CheckConstraint("what IN ('looked', 'screened', 'not_eligible', 'reason')", name="what_is_known"),
    sa.CheckConstraint("(what = 'reason') = (reason <> '')", name="reason_is_named"),
    sa.CheckConstraint("what <> 'reason' OR (site = '' AND week = 0)", name="reasons_of_all_together"),
    sa.CheckConstraint("count >= 1", name="counts_from_1"),
)
