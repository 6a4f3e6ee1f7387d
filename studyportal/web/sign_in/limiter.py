"""Count tries at a passphrase before anything is hashed, per account and per network, in the database.

In the database, because several processes share it and a restart must not forgive. Keyed hashes, because the names
that people mistype are often passphrases.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from studyportal.errors import TooMany
from studyportal.web.sign_in.tables import SIGN_IN

WINDOW = timedelta(minutes=15)
# NIST SP 800-63B-4 allows 100 tries in a row at an account; a person who knows their passphrase needs far fewer.
# A network may be a whole clinic behind one address. Of a million codes three fit at any moment: 30 tries a day at a
# second factor leave somebody who knows the passphrase a chance of one in ten thousand.
LIMITS: Mapping[str, int] = {"account": 10, "challenge": 300, "factor": 5, "factor_day": 30, "network": 60}
WINDOWS: Mapping[str, timedelta] = {kind: WINDOW for kind in LIMITS} | {"factor_day": timedelta(days=1)}

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_TOO_MANY = "Too many tries. Wait a quarter of an hour, then try again."
_TOO_MANY_TODAY = "Too many tries today. Sign in with a passkey, or try again tomorrow."


def network_of(address: str | None) -> str:
    """The network that is counted as one: an IPv4 address, or the /64 that one IPv6 household or office has."""
    if address is None:
        return "unknown"
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
    return str(found)


def bucket(kind: str, of: str, *, secret: str) -> bytes:
    """The 32 bytes under which tries of one kind of one name or network are counted."""
    return hmac.digest(secret.encode(), f"sign-in {kind} {of}".encode("utf-8", "surrogatepass"), hashlib.sha256)


def count_try(connection: sa.Connection, bind: str, buckets: Mapping[str, bytes], *, now: datetime) -> str | None:
    """Count one try in each bucket (kind -> bytes), the widest first; the first kind over its limit, or None.

    The caller commits before it hashes or refuses, so that parallel tries are all counted.
    """
    attempts = SIGN_IN[bind].attempts
    connection.execute(sa.delete(attempts).where(attempts.c.window_start < now - 2 * max(WINDOWS.values())))
    # The widest first, and nothing after one that is full: a blocked network adds no rows and locks nobody out.
    for kind in sorted(buckets, key=LIMITS.__getitem__, reverse=True):
        statement = _INSERTS[connection.dialect.name](attempts).values(
            bucket=buckets[kind], window_start=_window_start(WINDOWS[kind], now), tries=1
        )
        statement = statement.on_conflict_do_update(
            index_elements=["bucket", "window_start"], set_={"tries": attempts.c.tries + 1}
        ).returning(attempts.c.tries)
        if connection.execute(statement).scalar_one() > LIMITS[kind]:
            return kind
    return None


def too_many(kind: str = "account", *, now: datetime) -> TooMany:
    """The refusal of a kind that is over its limit, with the seconds until its window ends."""
    window = WINDOWS[kind]
    seconds = int((_window_start(window, now) + window - now).total_seconds())
    return TooMany(_TOO_MANY if window == WINDOW else _TOO_MANY_TODAY, retry_after=max(1, seconds))


def forgive(connection: sa.Connection, bind: str, *buckets: bytes) -> None:
    """Forget the tries of an account whose owner has signed in."""
    attempts = SIGN_IN[bind].attempts
    connection.execute(sa.delete(attempts).where(attempts.c.bucket.in_(buckets)))


def _window_start(window: timedelta, now: datetime) -> datetime:
    seconds = int(window.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, now.tzinfo)
