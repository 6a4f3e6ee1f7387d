"""The registry's tables. What stands in clear is what care needs: that something came, when, for which occasion."""

import sqlalchemy as sa

from studyportal.database import UtcMicroseconds, table

BIND = "registry"

SITES = table(
    BIND,
    "sites",
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("created_at", UtcMicroseconds, nullable=False),
    # Who is mailed when an urgent alert of this site waits so long; no address, no mail.
    sa.Column("alert_address", sa.String(254)),
    sa.Column("escalate_after_minutes", sa.Integer),
    # Whether custody's worker has a mail server: it writes that here, so that the clinic can say so.
    sa.Column("has_mail", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.CheckConstraint("(alert_address IS NULL) = (escalate_after_minutes IS NULL)", name="mail_is_paired"),
    sa.CheckConstraint("escalate_after_minutes BETWEEN 5 AND 1440", name="wait_is_bounded"),
)

ENROLMENT_CODES = table(
    BIND,
    "enrolment_codes",
    # SHA-256 of the normalised code: a copy of this table enrols nobody.
    sa.Column("code_hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("site", sa.ForeignKey("sites.id"), nullable=False),
    sa.Column("issued_at", UtcMicroseconds, nullable=False),
    sa.Column("issued_by", sa.String(64), nullable=False),
    sa.Column("expires_at", UtcMicroseconds, nullable=False),
    sa.Column("claimed_at", UtcMicroseconds),
    sa.Column("enrolment", sa.Uuid),
    sa.CheckConstraint("(claimed_at IS NULL) = (enrolment IS NULL)", name="claim_is_paired"),
    sa.Index("ix_enrolment_codes_site", "site", "issued_at"),
)

ENROLMENTS = table(
    BIND,
    "enrolments",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("participant_code", sa.String(20), nullable=False, unique=True),
    sa.Column("site", sa.ForeignKey("sites.id"), nullable=False, index=True),
    sa.Column("zone", sa.String(64), nullable=False),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("claimed_at", UtcMicroseconds, nullable=False),
    # The local date of consent; study day 1.
    sa.Column("started_on", sa.Date),
    # All four come from the passphrase, or none does (an imported enrolment has no passphrase).
    sa.Column("salt", sa.LargeBinary(16)),
    sa.Column("verifier_hash", sa.LargeBinary(32)),
    sa.Column("reading_public", sa.LargeBinary(32)),
    sa.Column("consent_public", sa.LargeBinary(32)),
    sa.CheckConstraint("source IN ('participant', 'imported', 'synthetic')", name="source_is_known"),
    sa.CheckConstraint(
        "(salt IS NULL) = (verifier_hash IS NULL) AND (salt IS NULL) = (reading_public IS NULL)"
        " AND (salt IS NULL) = (consent_public IS NULL)",
        name="passphrase_is_whole",
    ),
)

ENROLMENT_KEYS = table(
    BIND,
    "enrolment_keys",
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), primary_key=True),
    sa.Column("domain", sa.String(16), primary_key=True),
    sa.Column("key_id", sa.LargeBinary(8), nullable=False),
    sa.Column("public_key", sa.LargeBinary(1216), nullable=False),
    sa.CheckConstraint("domain IN ('diary', 'contact', 'consent')", name="domain_is_known"),
)

CONSENT_RECORDS = table(
    BIND,
    "consent_records",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), nullable=False, index=True),
    sa.Column("form_version", sa.String(16), nullable=False),
    sa.Column("text_sha256", sa.LargeBinary(32), nullable=False),
    # The scopes agreed to, as a sorted JSON list of their names in the protocol.
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("agreed_at", UtcMicroseconds, nullable=False),
    sa.Column("zone", sa.String(64), nullable=False),
    sa.Column("source", sa.String(16), nullable=False),
    # Ed25519 by the key that only the passphrase gives; absent for imported consent.
    sa.Column("signature", sa.LargeBinary(64)),
    # Whether the questions about this version of the text were answered; how, is kept nowhere.
    sa.Column("check_passed", sa.Boolean, nullable=False, server_default=sa.false()),
    # Where the form asks for a name: what the signature covers of it. The name itself is sealed in consent_names.
    sa.Column("name_commitment", sa.LargeBinary(32)),
    sa.CheckConstraint("(source = 'participant') = (signature IS NOT NULL)", name="participants_sign"),
)

WITHDRAWALS = table(
    BIND,
    "withdrawals",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), nullable=False, index=True),
    sa.Column("scope", sa.String(32), nullable=False),
    sa.Column("strength", sa.String(8), nullable=False),
    sa.Column("requested_at", UtcMicroseconds, nullable=False),
    sa.Column("completed_at", UtcMicroseconds),
    # What was destroyed, when, and when the last backup becomes noise; signed by custody.
    sa.Column("certificate", sa.Text),
    # Until when an erasure waits for the clinic to close an alert, at most; it is done sooner once none is open.
    sa.Column("waits_until", UtcMicroseconds),
    # Whether the clinic may keep how pressing an alert was that ran when everything was erased.
    sa.Column("hands_over", sa.Boolean, nullable=False, server_default=sa.false()),
    # Who agreed anew may withdraw anew.
    sa.UniqueConstraint("enrolment", "scope", "strength", "requested_at"),
    sa.CheckConstraint("strength IN ('stop', 'remove', 'erase')", name="strength_is_known"),
    sa.CheckConstraint("waits_until IS NULL OR strength = 'erase'", name="erasures_wait"),
    sa.CheckConstraint("NOT hands_over OR strength = 'erase'", name="erasures_hand_over"),
)

SEALED_ENTRIES = table(
    BIND,
    "sealed_entries",
    # The client makes the id, so that sending again is the same entry.
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), nullable=False),
    # The instrument of a scheduled entry; every on-demand entry says "on_demand" and has one size.
    sa.Column("schedule", sa.String(32), nullable=False),
    sa.Column("occasion", sa.Integer),
    sa.Column("received_at", UtcMicroseconds, nullable=False),
    sa.Column("commitment", sa.LargeBinary(32), nullable=False),
    # Only intake gives receipts: what a member of staff wrote has none.
    sa.Column("receipt", sa.LargeBinary(64)),
    # Sealed to the enrolment's diary key, until folded into a block.
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("block", sa.Integer),
    # The staff account in this database that wrote it at the clinic or by phone.
    sa.Column("written_by", sa.Uuid),
    sa.CheckConstraint("(schedule = 'on_demand') = (occasion IS NULL)", name="occasion_fits_schedule"),
    sa.CheckConstraint("(sealed IS NULL) = (block IS NOT NULL)", name="sealed_or_folded"),
    sa.CheckConstraint("(receipt IS NULL) = (written_by IS NOT NULL)", name="receipt_or_staff"),
    sa.Index("ix_sealed_entries_enrolment", "enrolment", "received_at"),
    # One entry for one occasion, whichever phone or page it came from.
    sa.Index(
        "uq_sealed_entries_occasion",
        "enrolment",
        "schedule",
        "occasion",
        unique=True,
        sqlite_where=sa.text("occasion IS NOT NULL"),
        postgresql_where=sa.text("occasion IS NOT NULL"),
    ),
    sa.Index(
        "ix_sealed_entries_fresh",
        "enrolment",
        sqlite_where=sa.text("block IS NULL"),
        postgresql_where=sa.text("block IS NULL"),
    ),
)

BLOCKS = table(
    BIND,
    "blocks",
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("folded_at", UtcMicroseconds, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.CheckConstraint("number >= 1 AND revision >= 1", name="counts_from_1"),
)

QUARANTINED_ENTRIES = table(
    BIND,
    "quarantined_entries",
    sa.Column("entry", sa.ForeignKey("sealed_entries.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("found_at", UtcMicroseconds, nullable=False),
)

PARTICIPANT_SESSIONS = table(
    BIND,
    "participant_sessions",
    sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), nullable=False, index=True),
    # A "session" reads and writes; one that a "passkey" began only writes; a "submit" token of a device can only send.
    sa.Column("kind", sa.String(8), nullable=False),
    # The reading key, sealed under the token that only the participant's browser holds.
    sa.Column("sealed_reading_key", sa.LargeBinary),
    sa.Column("created_at", UtcMicroseconds, nullable=False),
    sa.Column("last_seen_at", UtcMicroseconds, nullable=False),
    sa.Column("expires_at", UtcMicroseconds, nullable=False),
    sa.Column("ended_at", UtcMicroseconds),
    # The passkey that it began with, also after the words were typed; all of these end when that is removed.
    sa.Column("passkey", sa.Uuid),
    sa.CheckConstraint("(kind = 'session') = (sealed_reading_key IS NOT NULL)", name="kind_fits_key"),
    sa.CheckConstraint("kind <> 'passkey' OR passkey IS NOT NULL", name="passkey_is_named"),
)
