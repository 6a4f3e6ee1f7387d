"""The tables of new passphrases: every reset with its state, and the consent keys of passphrases that are gone.

Whose column it is matters more than usual: the clinic writes who asked, who confirmed and the hash of the code; custody
alone writes until when it waits and that it is done; intake writes what the new words yield, and changes nothing else.
"""

import sqlalchemy as sa

from studyportal.database import UtcMicroseconds, table
from studyportal.registry.tables import BIND

# "asked": one member of staff has checked who it is. "confirmed": a second one has; custody has not begun to count.
# "waiting": the participant is told, and custody counts. "code": a code was handed over. "taken": it was used, and
# custody wraps anew. The last three are ends.
STATES = ("asked", "confirmed", "waiting", "code", "taken", "done", "cancelled", "expired")
RUNNING = STATES[:5]

IS_RUNNING = sa.text("state IN ('asked', 'confirmed', 'waiting', 'code', 'taken')")

PASSPHRASE_RESETS = table(
    BIND,
    "passphrase_resets",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    # Staff accounts in this database, and how each of them made sure who is in front of them (a code).
    sa.Column("asked_at", UtcMicroseconds, nullable=False),
    sa.Column("asked_by", sa.Uuid, nullable=False),
    sa.Column("asked_check", sa.String(16), nullable=False),
    sa.Column("confirmed_at", UtcMicroseconds),
    sa.Column("confirmed_by", sa.Uuid),
    sa.Column("confirmed_check", sa.String(16)),
    # By custody's clock, so that no clinic shortens the wait.
    sa.Column("ready_at", UtcMicroseconds),
    sa.Column("code_hash", sa.LargeBinary(32)),
    sa.Column("code_at", UtcMicroseconds),
    sa.Column("code_by", sa.Uuid),
    # What the new words yield and the code as it was typed, until custody has put the one into its place and seen for
    # itself that the other was handed over. A code that was taken is of no use to whoever reads it here.
    sa.Column("taken_at", UtcMicroseconds),
    sa.Column("salt", sa.LargeBinary(16)),
    sa.Column("verifier_hash", sa.LargeBinary(32)),
    sa.Column("reading_public", sa.LargeBinary(32)),
    sa.Column("consent_public", sa.LargeBinary(32)),
    sa.Column("code_given", sa.String(14)),
    sa.Column("ended_at", UtcMicroseconds),
    # Who ended it before it was done: "participant", "staff" or "custody".
    sa.Column("ended_by", sa.String(16)),
    sa.CheckConstraint(
        "state IN ('asked', 'confirmed', 'waiting', 'code', 'taken', 'done', 'cancelled', 'expired')",
        name="state_is_known",
    ),
    sa.CheckConstraint("asked_by <> confirmed_by", name="two_people"),
    sa.CheckConstraint(
        "(confirmed_at IS NULL) = (confirmed_by IS NULL) AND (confirmed_at IS NULL) = (confirmed_check IS NULL)",
        name="confirmation_is_whole",
    ),
    sa.CheckConstraint(
        "(code_hash IS NULL) = (code_at IS NULL) AND (code_hash IS NULL) = (code_by IS NULL)", name="code_is_whole"
    ),
    sa.CheckConstraint(
        "(salt IS NULL) = (verifier_hash IS NULL) AND (salt IS NULL) = (reading_public IS NULL)"
        " AND (salt IS NULL) = (consent_public IS NULL) AND (salt IS NULL) = (code_given IS NULL)",
        name="passphrase_is_whole",
    ),
    sa.CheckConstraint(
        "state NOT IN ('confirmed', 'waiting', 'code', 'taken') OR confirmed_by IS NOT NULL",
        name="confirmed_by_a_second",
    ),
    sa.CheckConstraint("state NOT IN ('waiting', 'code', 'taken') OR ready_at IS NOT NULL", name="waits_for_a_time"),
    sa.CheckConstraint("state NOT IN ('code', 'taken') OR code_hash IS NOT NULL", name="code_is_there"),
    sa.CheckConstraint("(state = 'taken') = (salt IS NOT NULL)", name="taken_with_new_words"),
    sa.CheckConstraint("(state IN ('done', 'cancelled', 'expired')) = (ended_at IS NOT NULL)", name="end_is_dated"),
    sa.CheckConstraint("(state = 'cancelled') = (ended_by IS NOT NULL)", name="somebody_cancels"),
    # One at a time for one person.
    sa.Index(
        "uq_passphrase_resets_running",
        "enrolment",
        unique=True,
        sqlite_where=IS_RUNNING,
        postgresql_where=IS_RUNNING,
    ),
)

# The public halves of consent keys that a reset has replaced: what was signed with them stays verifiable for ever.
FORMER_CONSENT_KEYS = table(
    BIND,
    "former_consent_keys",
    sa.Column("enrolment", sa.ForeignKey("enrolments.id"), primary_key=True),
    sa.Column("until", UtcMicroseconds, primary_key=True),
    sa.Column("public", sa.LargeBinary(32), nullable=False),
)
