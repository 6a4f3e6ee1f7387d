"""The tables of participants' passkeys: public keys, and the challenges that they sign. Nobody is found here by name.

A passkey signs in and reads nothing: what opens entries comes from the six words alone.
"""

import sqlalchemy as sa

from studyportal.database import UtcMicroseconds, table
from studyportal.registry.tables import BIND

# What somebody may say a passkey is kept on, so that they know it again; a text of their own could be a name.
DEVICES = ("phone", "tablet", "computer", "key", "unsaid")

PARTICIPANT_PASSKEYS = table(
    BIND,
    "participant_passkeys",
    # Random, and all that the device is told of whose it is: the user handle of WebAuthn.
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), nullable=False, index=True),
    sa.Column("device", sa.String(8), nullable=False),
    # Its id, its public key (COSE), and how often it says it was used (0 if it does not count).
    sa.Column("credential", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("uses", sa.BigInteger, nullable=False),
    sa.Column("added_at", UtcMicroseconds, nullable=False),
    sa.Column("used_at", UtcMicroseconds),
    sa.CheckConstraint(f"device IN ({', '.join(map(repr, DEVICES))})", name="device_is_known"),
)

PARTICIPANT_CHALLENGES = table(
    BIND,
    "participant_challenges",
    sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
    # Of a passkey that is being made: whose, under which id, kept on what. At signing in nobody is known yet.
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), index=True),
    sa.Column("passkey", sa.Uuid),
    sa.Column("device", sa.String(8)),
    sa.Column("expires_at", UtcMicroseconds, nullable=False, index=True),
    sa.Column("used_at", UtcMicroseconds),
    sa.CheckConstraint(
        "(enrolment IS NULL) = (passkey IS NULL) AND (enrolment IS NULL) = (device IS NULL)", name="making_is_whole"
    ),
)
