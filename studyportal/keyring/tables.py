"""The keyring's tables. Its backups live 14 days at most; no other table may hold what is here."""

import sqlalchemy as sa

from studyportal.database import UtcMicroseconds, table

BIND = "keyring"

TRANSPORT_KEYS = table(
    BIND,
    "transport_keys",
    sa.Column("key_id", sa.LargeBinary(8), primary_key=True),
    sa.Column("public_key", sa.LargeBinary(1216), nullable=False),
    # Ed25519 by custody's signing key: intake seals to no other key.
    sa.Column("signature", sa.LargeBinary(64), nullable=False),
    sa.Column("since", UtcMicroseconds, nullable=False),
    # True on the one key in use; NULL on every other, so that the database allows only one.
    sa.Column("current", sa.Boolean, unique=True),
    sa.CheckConstraint("current IS NULL OR current", name="current_or_null"),
)

WRAPPED_SEEDS = table(
    BIND,
    "wrapped_seeds",
    sa.Column("enrolment", sa.Uuid, primary_key=True),
    sa.Column("domain", sa.String(16), primary_key=True),
    sa.Column("holder", sa.String(16), primary_key=True),
    # "transport": sealed by intake to custody; "kek": wrapped by custody; "reader": sealed to the passphrase's key.
    sa.Column("wrapping", sa.String(16), nullable=False),
    sa.Column("wrapped_by", sa.LargeBinary(8), nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.CheckConstraint("domain IN ('diary', 'contact', 'consent')", name="domain_is_known"),
    sa.CheckConstraint("(holder = 'participant') = (wrapping = 'reader')", name="wrapping_fits_holder"),
    sa.CheckConstraint("holder IN ('custody', 'participant')", name="holder_is_known"),
    sa.CheckConstraint("wrapping IN ('transport', 'kek', 'reader')", name="wrapping_is_known"),
)

SUBJECTS = table(
    BIND,
    "subjects",
    # Permanent and never given twice; erasing cuts the link to the enrolment.
    sa.Column("disclosure_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("enrolment", sa.Uuid, unique=True),
    sa.Column("record_key_1", sa.BigInteger, nullable=False),
    sa.Column("record_key_2", sa.BigInteger, nullable=False),
)

SUBJECT_CODES = table(
    BIND,
    "subject_codes",
    sa.Column("project", sa.String(16), primary_key=True),
    sa.Column("disclosure_index", sa.ForeignKey("subjects.disclosure_index"), primary_key=True),
    # Random, not derived: 80 bits as 16 letters and digits.
    sa.Column("code", sa.String(16), nullable=False, unique=True),
)

PUBLICATIONS = table(
    BIND,
    "publications",
    sa.Column("snapshot", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("published_at", UtcMicroseconds, nullable=False),
    sa.Column("manifest_sha256", sa.LargeBinary(32), nullable=False),
    sa.Column("participants", sa.Integer, nullable=False),
)

TOMBSTONES = table(
    BIND,
    "tombstones",
    sa.Column("enrolment", sa.Uuid, primary_key=True),
    sa.Column("erased_at", UtcMicroseconds, nullable=False),
    sa.Column("certificate", sa.Text, nullable=False),
    sa.Column("signature", sa.LargeBinary(64), nullable=False),
)
