"""The tables of the consent form: which texts two people put into force, and what hangs on a signature besides: a name,
the clinic's countersignature, the signed copy."""

import sqlalchemy as sa

from studyportal.database import UtcMicroseconds, table
from studyportal.registry.tables import BIND

CONSENT_FORMS = table(
    BIND,
    "consent_forms",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("version", sa.String(16), nullable=False),
    # The hex SHA-256 of the text in each language, as a sorted JSON list. The words stand in the study document.
    sa.Column("texts", sa.Text, nullable=False),
    sa.Column("proposed_at", UtcMicroseconds, nullable=False),
    # Accounts of custody's own database. Nobody proposed what the instance was made with.
    sa.Column("proposed_by", sa.Uuid),
    sa.Column("in_force_at", UtcMicroseconds),
    sa.Column("in_force_by", sa.Uuid),
    sa.Column("ended_at", UtcMicroseconds),
    sa.Column("ended_by", sa.Uuid),
    # True on the one proposal that waits; NULL on every other row, so that the database allows only one.
    sa.Column("is_open", sa.Boolean, unique=True),
    sa.CheckConstraint("proposed_by <> in_force_by", name="two_people"),
    sa.CheckConstraint(
        "CASE WHEN proposed_by IS NULL THEN in_force_at IS NOT NULL AND in_force_by IS NULL AND ended_at IS NULL"
        " ELSE (in_force_at IS NULL) = (in_force_by IS NULL) END",
        name="somebody_put_it_into_force",
    ),
    sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="end_is_paired"),
    sa.CheckConstraint("in_force_at IS NULL OR ended_at IS NULL", name="decided_once"),
    sa.CheckConstraint(
        "(is_open IS NOT NULL) = (in_force_at IS NULL AND ended_at IS NULL) AND (is_open IS NULL OR is_open)",
        name="open_until_decided",
    ),
)

CONSENT_COPIES = table(
    BIND,
    "consent_copies",
    sa.Column("consent", sa.ForeignKey("consent_records.id"), primary_key=True),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), nullable=False, index=True),
    sa.Column("made_at", UtcMicroseconds, nullable=False),
    # The signed PDF, sealed to the enrolment's consent key: the participant opens it, and custody.
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

CONSENT_NAMES = table(
    BIND,
    "consent_names",
    sa.Column("consent", sa.ForeignKey("consent_records.id"), primary_key=True),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), nullable=False, index=True),
    # The name with its blind, sealed to the enrolment's consent key. It is printed on the signed copy and nowhere else.
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# A consent that waits for the clinic, made with it; signed once.
COUNTERSIGNATURES = table(
    BIND,
    "countersignatures",
    sa.Column("consent", sa.ForeignKey("consent_records.id"), primary_key=True),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), nullable=False, index=True),
    # Of the statement that the participant signed: this is what the clinician signs.
    sa.Column("statement_sha256", sa.LargeBinary(32), nullable=False),
    sa.Column("signed_at", UtcMicroseconds),
    # A staff account of this database, and the name that it had then.
    sa.Column("signed_by", sa.Uuid),
    sa.Column("signer_name", sa.String(120)),
    sa.CheckConstraint(
        "(signed_at IS NULL) = (signed_by IS NULL) AND (signed_at IS NULL) = (signer_name IS NULL)",
        name="signature_is_whole",
    ),
)
