"""Staff accounts, their sessions and the count of tries, once per database: each room's staff are its own."""

from dataclasses import dataclass

import sqlalchemy as sa

from studyportal.database import BINDS, UtcMicroseconds, table
from studyportal.web.access_table import ROLES


@dataclass(frozen=True)
class SignInTables:
    """The three tables of one database."""

    accounts: sa.Table
    sessions: sa.Table
    attempts: sa.Table


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
        sa.Column("passphrase_hash", sa.String(160), nullable=False),
        sa.Column("created_at", UtcMicroseconds, nullable=False),
        sa.Column("ended_at", UtcMicroseconds),
        sa.CheckConstraint(f"role IN ({', '.join(repr(role) for role in STAFF_ROLES)})", name="role_is_known"),
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
        sa.Column("last_seen_at", UtcMicroseconds, nullable=False),
        sa.Column("expires_at", UtcMicroseconds, nullable=False),
        sa.Column("ended_at", UtcMicroseconds),
    )
    attempts = table(
        bind,
        "sign_in_attempts",
        # A keyed hash of an account name or a network: nobody reads here who tried, or from where.
        sa.Column("bucket", sa.LargeBinary(32), primary_key=True),
        sa.Column("window_start", UtcMicroseconds, primary_key=True),
        sa.Column("tries", sa.Integer, nullable=False),
    )
    return SignInTables(accounts, sessions, attempts)


SIGN_IN = {bind: _tables(bind) for bind in BINDS}
