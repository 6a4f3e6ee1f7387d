"""Staff accounts, what they sign in with, their sessions and the count of tries, once per database.

Each room's staff are its own. Nothing here can be used by whoever has only the tables: passphrases, codes, tokens and
challenges are kept as hashes, the secret of an authenticator app is sealed under the room's own key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sqlalchemy as sa

from studyportal.database import BINDS, UtcMicroseconds, table
from studyportal.web.access_table import ROLES


@dataclass(frozen=True)
class SignInTables:
    """The tables of one database."""

    accounts: sa.Table
    factors: sa.Table
    recovery_codes: sa.Table
    invitations: sa.Table
    challenges: sa.Table
    sessions: sa.Table
    attempts: sa.Table


# How somebody showed who they are, in words for a page that lists sessions.
HOW: Mapping[str, str] = MappingProxyType(
    {"totp": "passphrase and code", "passkey": "passkey", "recovery": "passphrase and recovery code"}
)

# What a challenge is for: the second page of a sign-in, the second page of an invitation, a passkey that is asked to
# sign, a passkey that is made, an authenticator app that is added.
PURPOSES = ("second", "welcome", "passkey", "new_passkey", "new_totp")

STAFF_ROLES = tuple(sorted(set(ROLES) - {"device", "participant", "public"}))


def _tables(bind: str) -> SignInTables:
    accounts = table(
        bind,
        "staff_accounts",
        sa.Column("id", sa.Uuid, primary_key=True),
        # As `normalised_name` makes it, so that "Ada" and "ada" cannot be two people.
        sa.Column("name", sa.String(80), nullable=False, unique=True),
        sa.Column("shown_name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("site", sa.String(16)),
        # Empty until the person has followed their invitation: no passphrase fits it.
        sa.Column("passphrase_hash", sa.String(160), nullable=False),
        sa.Column("created_at", UtcMicroseconds, nullable=False),
        sa.Column("ended_at", UtcMicroseconds),
        sa.CheckConstraint(f"role IN ({', '.join(repr(role) for role in STAFF_ROLES)})", name="role_is_known"),
    )
    factors = table(
        bind,
        "staff_factors",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account", sa.ForeignKey("staff_accounts.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(8), nullable=False),
        # What its owner calls it: "My phone".
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("added_at", UtcMicroseconds, nullable=False),
        sa.Column("used_at", UtcMicroseconds),
        # An authenticator app: its secret, sealed, and the last step of time whose code was taken.
        sa.Column("sealed_secret", sa.LargeBinary),
        sa.Column("last_step", sa.BigInteger),
        # A passkey: its id, its public key (COSE), and how often it says it was used (0 if it does not count).
        sa.Column("credential", sa.LargeBinary, unique=True),
        sa.Column("public_key", sa.LargeBinary),
        sa.Column("uses", sa.BigInteger),
        sa.CheckConstraint("kind IN ('totp', 'passkey')", name="kind_is_known"),
        sa.CheckConstraint("(kind = 'totp') = (sealed_secret IS NOT NULL)", name="app_has_a_secret"),
        sa.CheckConstraint(
            "(kind = 'passkey') = (credential IS NOT NULL AND public_key IS NOT NULL AND uses IS NOT NULL)",
            name="passkey_has_a_key",
        ),
    )
    recovery_codes = table(
        bind,
        "staff_recovery_codes",
        # Keyed by the room's secret: a copy of this table cannot even be guessed at.
        sa.Column("code_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("account", sa.ForeignKey("staff_accounts.id"), nullable=False, index=True),
        sa.Column("made_at", UtcMicroseconds, nullable=False),
        sa.Column("used_at", UtcMicroseconds),
    )
    invitations = table(
        bind,
        "staff_invitations",
        sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("account", sa.ForeignKey("staff_accounts.id"), nullable=False, index=True),
        sa.Column("made_at", UtcMicroseconds, nullable=False),
        sa.Column("expires_at", UtcMicroseconds, nullable=False),
        # Used, or replaced by a newer one.
        sa.Column("ended_at", UtcMicroseconds),
    )
    challenges = table(
        bind,
        "staff_challenges",
        sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("account", sa.ForeignKey("staff_accounts.id"), index=True),
        # What the next step needs and nobody may change meanwhile, sealed under the room's own key.
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("expires_at", UtcMicroseconds, nullable=False, index=True),
        sa.Column("used_at", UtcMicroseconds),
        sa.CheckConstraint(f"purpose IN ({', '.join(map(repr, PURPOSES))})", name="purpose_is_known"),
    )
    sessions = table(
        bind,
        "staff_sessions",
        # The cookie's token is never kept: a copy of this table signs nobody in.
        sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
        # What a page may name when its owner ends it.
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("account", sa.ForeignKey("staff_accounts.id"), nullable=False, index=True),
        sa.Column("created_at", UtcMicroseconds, nullable=False),
        # When its owner last showed a second factor, and which: of HOW.
        sa.Column("fresh_at", UtcMicroseconds, nullable=False),
        sa.Column("how", sa.String(8), nullable=False),
        sa.Column("last_seen_at", UtcMicroseconds, nullable=False),
        sa.Column("expires_at", UtcMicroseconds, nullable=False),
        sa.Column("ended_at", UtcMicroseconds),
        # The factor that it began with if that was a passkey; the session ends when that is removed.
        sa.Column("passkey", sa.Uuid),
        sa.CheckConstraint(f"how IN ({', '.join(map(repr, HOW))})", name="how_is_known"),
        sa.CheckConstraint("(how = 'passkey') = (passkey IS NOT NULL)", name="passkey_is_named"),
    )
    attempts = table(
        bind,
        "sign_in_attempts",
        # A keyed hash of an account name or a network: nobody reads here who tried, or from where.
        sa.Column("bucket", sa.LargeBinary(32), primary_key=True),
        sa.Column("window_start", UtcMicroseconds, primary_key=True),
        sa.Column("tries", sa.Integer, nullable=False),
    )
    return SignInTables(accounts, factors, recovery_codes, invitations, challenges, sessions, attempts)


SIGN_IN = {bind: _tables(bind) for bind in BINDS}
