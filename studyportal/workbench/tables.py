"""The workbench's tables: requests for access, custody's signed grants, signed agreements, cohorts, releases, reports,
what was answered, the ledger and its reviews."""

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
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("ethics_reference", sa.String(120), nullable=False),
    # The questions wanted, as a JSON list of names, and how closely.
    sa.Column("items", sa.Text, nullable=False),
    sa.Column("level", sa.String(16), nullable=False),
    sa.Column("wanted_until", sa.Date, nullable=False),
    sa.Column("created_at", UtcMicroseconds, nullable=False),
    # Counts up with every change, so that nobody decides on another text than they read.
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("amended_at", UtcMicroseconds),
    sa.Column("withdrawn_at", UtcMicroseconds),
    sa.Column("decided_at", UtcMicroseconds),
    sa.Column("decision", sa.String(8)),
    # An account of custody's own staff, which this database does not know, and its name then.
    sa.Column("decided_by", sa.Uuid),
    sa.Column("decided_name", sa.String(80)),
    sa.Column("reason", sa.String(500)),
    sa.CheckConstraint("(decided_at IS NULL) = (decision IS NULL)", name="decision_is_paired"),
    sa.CheckConstraint("decision IN ('granted', 'refused')", name="decision_is_known"),
    sa.CheckConstraint("(decided_by IS NULL) = (decided_name IS NULL)", name="decider_is_paired"),
    sa.CheckConstraint("withdrawn_at IS NULL OR decision IS NULL", name="withdrawn_or_decided"),
    sa.CheckConstraint("level IN ('aggregates', 'records')", name="level_is_known"),
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
    sa.Column("suspended_at", UtcMicroseconds),
)

# What can happen to a grant, in words for its history.
CHANGES = {
    "approve": "Approved",
    "end": "Ended",
    "renew": "Renewed",
    "resume": "Resumed",
    "suspend": "Suspended",
}

GRANT_EVENTS = table(
    BIND,
    "grant_events",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("project", sa.ForeignKey("grants.project"), nullable=False, index=True),
    sa.Column("at", UtcMicroseconds, nullable=False),
    sa.Column("what", sa.String(8), nullable=False),
    sa.Column("by", sa.Uuid, nullable=False),
    sa.Column("by_name", sa.String(80), nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    # What custody signed then; later documents take its place in `grants`, never here.
    sa.Column("document", sa.Text),
    sa.Column("signature", sa.LargeBinary(64)),
    sa.CheckConstraint(f"what IN ({', '.join(map(repr, sorted(CHANGES)))})", name="what_is_known"),
    sa.CheckConstraint(
        "(what IN ('approve', 'renew')) = (document IS NOT NULL AND signature IS NOT NULL)", name="what_is_signed"
    ),
)

AGREEMENTS = table(
    BIND,
    "agreements",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("project", sa.ForeignKey("grants.project"), nullable=False),
    sa.Column("account", sa.Uuid, nullable=False),
    sa.Column("version", sa.String(8), nullable=False),
    # Of the text as it was shown, and of the signed grant whose terms stood beside it.
    sa.Column("text_sha256", sa.LargeBinary(32), nullable=False),
    sa.Column("document_sha256", sa.LargeBinary(32), nullable=False),
    sa.Column("signed_name", sa.String(80), nullable=False),
    sa.Column("signed_at", UtcMicroseconds, nullable=False),
    sa.UniqueConstraint("project", "text_sha256"),
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
    # By which it is cited: counted in the project, and under its name.
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("project", "number", "version"),
    sa.UniqueConstraint("project", "name", "version"),
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

# A report is asked for, made in the background and kept; or it is given up, with the sentence that the page shows.
REPORTS = table(
    BIND,
    "reports",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("project", sa.String(16), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    # The name of the cohort when it was asked for; "" for one without.
    sa.Column("title", sa.String(120), nullable=False),
    sa.Column("snapshot", sa.Integer, nullable=False),
    sa.Column("criteria", sa.Text, nullable=False),
    sa.Column("size", sa.String(8), nullable=False),
    sa.Column("asked_at", UtcMicroseconds, nullable=False),
    sa.Column("asked_by", sa.Uuid, nullable=False),
    # How far it is, for the page: sections that are done, of all.
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),
    sa.Column("sections", sa.Integer, nullable=False),
    sa.Column("made_at", UtcMicroseconds),
    sa.Column("content", sa.LargeBinary),
    sa.Column("sha256", sa.LargeBinary(32)),
    sa.Column("given_up_at", UtcMicroseconds),
    sa.Column("reason", sa.String(500)),
    sa.CheckConstraint("kind IN ('cohort', 'consents')", name="kind_is_known"),
    sa.CheckConstraint("size IN ('A4', 'Letter')", name="size_is_known"),
    sa.CheckConstraint("(made_at IS NULL) = (content IS NULL)", name="made_is_kept"),
    sa.CheckConstraint("(content IS NULL) = (sha256 IS NULL)", name="content_has_digest"),
    sa.CheckConstraint("(given_up_at IS NULL) = (reason IS NULL)", name="given_up_has_reason"),
    sa.CheckConstraint("made_at IS NULL OR given_up_at IS NULL", name="made_or_given_up"),
)

# Every set of people that was ever answered, some at a time and sealed: it is microdata, and opens in research alone.
ANSWERED_SETS = table(
    BIND,
    "answered_sets",
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    # Counts up over all rows, also when somebody who withdrew is taken out of one: what is newer is read again.
    sa.Column("revision", sa.Integer, nullable=False, unique=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.CheckConstraint("sequence >= 1", name="sequence_begins_at_1"),
)

# What each project opened: questions, never people. Append-only.
LEDGER_BLOCKS = table(
    BIND,
    "ledger_blocks",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("project", sa.ForeignKey("grants.project"), nullable=False),
    # SHA-256 of snapshot, criteria, kind and item: nothing is counted twice.
    sa.Column("block", sa.LargeBinary(32), nullable=False),
    sa.Column("snapshot", sa.Integer, nullable=False),
    sa.Column("criteria", sa.Text, nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("item", sa.String(200), nullable=False),
    sa.Column("opened_at", UtcMicroseconds, nullable=False, index=True),
    sa.Column("opened_by", sa.Uuid, nullable=False),
    sa.UniqueConstraint("project", "block"),
    sa.CheckConstraint("kind IN ('step', 'course', 'item')", name="kind_is_known"),
)

# More than the ledger holds, asked of custody: which blocks, in words; what custody signed; when it was opened. What
# was asked and what was decided never changes.
LEDGER_REVIEWS = table(
    BIND,
    "ledger_reviews",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("project", sa.ForeignKey("grants.project"), nullable=False, index=True),
    sa.Column("account", sa.Uuid, nullable=False),
    sa.Column("asked_at", UtcMicroseconds, nullable=False),
    # SHA-256 over the blocks: the same question, however it was asked.
    sa.Column("question", sa.LargeBinary(32), nullable=False),
    sa.Column("blocks", sa.Text, nullable=False),
    # The blocks in words, and those that the project had opened of the same people.
    sa.Column("told", sa.Text, nullable=False),
    sa.Column("opened", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    # The price; what is used of the project before and after, and of all projects after.
    sa.Column("units", sa.Integer, nullable=False),
    sa.Column("used_before", sa.Integer, nullable=False),
    sa.Column("reach", sa.Integer, nullable=False),
    sa.Column("reach_of_all", sa.Integer, nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("withdrawn_at", UtcMicroseconds),
    sa.Column("decided_at", UtcMicroseconds),
    sa.Column("decision", sa.String(8)),
    # An account of custody's own staff, which this database does not know, and its name then.
    sa.Column("decided_by", sa.Uuid),
    sa.Column("decided_name", sa.String(80)),
    sa.Column("answer", sa.String(500)),
    # What custody signed, which is what counts.
    sa.Column("document", sa.Text),
    sa.Column("signature", sa.LargeBinary(64)),
    sa.Column("expires_at", UtcMicroseconds),
    sa.Column("used_at", UtcMicroseconds),
    sa.Column("used_by", sa.Uuid),
    sa.CheckConstraint("decision IN ('allowed', 'refused')", name="decision_is_known"),
    sa.CheckConstraint(
        "(decided_at IS NULL) = (decision IS NULL) AND (decided_by IS NULL) = (decision IS NULL)"
        " AND (decided_name IS NULL) = (decision IS NULL) AND (answer IS NULL) = (decision IS NULL)",
        name="decision_is_whole",
    ),
    sa.CheckConstraint("withdrawn_at IS NULL OR decision IS NULL", name="withdrawn_or_decided"),
    sa.CheckConstraint(
        "(document IS NULL) = (signature IS NULL) AND (document IS NULL) = (expires_at IS NULL)", name="signed_is_whole"
    ),
    sa.CheckConstraint("document IS NULL OR decision = 'allowed'", name="signed_is_allowed"),
    sa.CheckConstraint("decision <> 'allowed' OR document IS NOT NULL", name="allowed_is_signed"),
    sa.CheckConstraint("(used_at IS NULL) = (used_by IS NULL)", name="use_is_paired"),
    sa.CheckConstraint("used_at IS NULL OR document IS NOT NULL", name="used_was_allowed"),
    sa.Index(
        "uq_ledger_reviews_waiting",
        "project",
        "question",
        unique=True,
        sqlite_where=sa.text("decision IS NULL AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("decision IS NULL AND withdrawn_at IS NULL"),
    ),
)
