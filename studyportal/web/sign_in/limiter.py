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
from studyportal.saying import said
from studyportal.web.sign_in.tables import SIGN_IN

WINDOW = timedelta(minutes=15)
# In the order in which they are counted: the widest first, and nothing after one that is full, so that a blocked
# network adds no rows and locks nobody out. NIST SP 800-63B-4 allows 100 tries in a row at an account; a person who
# knows their passphrase needs far fewer. A network may be a whole clinic behind one address. Of a million codes three
# fit at any moment: 30 tries a day at a second factor leave somebody who knows the passphrase a chance of one in ten
# thousand. What "place" and "code" are for stands in intake/enrolment/tries.py.
LIMITS: Mapping[str, int] = {
    "challenge": 300,
    "network": 60,
    "network_hours": 200,
    "network_day": 600,
    "place": 10,
    "place_hours": 20,
    "place_day": 30,
    "code": 1000,
    "factor_day": 30,
    "account": 10,
    "factor": 5,
}
_HOURS, _DAY = timedelta(hours=4), timedelta(days=1)
WINDOWS: Mapping[str, timedelta] = {
    kind: _HOURS if kind.endswith("_hours") else _DAY if kind.endswith("_day") else WINDOW for kind in LIMITS
}

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_ORDER = {kind: place for place, kind in enumerate(LIMITS)}
_TOO_MANY: Mapping[timedelta, str] = {
    WINDOW: said("Too many tries. Wait a quarter of an hour, then try again."),
    _HOURS: said("Too many tries. Wait for a few hours, then try again. A passkey works meanwhile."),
    _DAY: said("Too many tries today. Sign in with a passkey, or try again tomorrow."),
}


HOUSEHOLD, LARGEST = 64, 48  # bits of an IPv6 address: what a household has; what anybody is handed for the asking


def network_of(address: str | None, *, bits: int = HOUSEHOLD) -> str:
    """The network that is counted as one: an IPv4 address, or so many bits of an IPv6 address."""
    if address is None:
        return "unknown"
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found) >> (128 - bits) << (128 - bits)))
    return str(found)


def bucket(kind: str, of: str, *, secret: str) -> bytes:
    """The 32 bytes under which tries of one kind of one name or network are counted."""
    return hmac.digest(secret.encode(), f"sign-in {kind} {of}".encode("utf-8", "surrogatepass"), hashlib.sha256)


def count_try(connection: sa.Connection, bind: str, buckets: Mapping[str, bytes], *, now: datetime) -> str | None:
    """Count one try in each bucket (kind -> bytes), in the order of LIMITS; the first kind over its limit, or None.

    The caller commits before it hashes or refuses, so that parallel tries are all counted.
    """
    attempts = SIGN_IN[bind].attempts
    connection.execute(sa.delete(attempts).where(attempts.c.window_start < now - 2 * max(WINDOWS.values())))
    for kind in sorted(buckets, key=_ORDER.__getitem__):
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
    return TooMany(_TOO_MANY[window], retry_after=max(1, seconds))


def forgive(connection: sa.Connection, bind: str, *buckets: bytes) -> None:
    """Forget the tries of an account whose owner has signed in."""
    attempts = SIGN_IN[bind].attempts
    connection.execute(sa.delete(attempts).where(attempts.c.bucket.in_(buckets)))


def give_back(connection: sa.Connection, bind: str, buckets: Mapping[str, bytes], *, now: datetime) -> None:
    """Take one try back from each bucket (kind -> bytes): what was right is no guess."""
    attempts = SIGN_IN[bind].attempts.c
    for kind, bucket in buckets.items():
        this = (
            attempts.bucket == bucket,
            attempts.window_start == _window_start(WINDOWS[kind], now),
            attempts.tries > 0,
        )
        connection.execute(sa.update(SIGN_IN[bind].attempts).where(*this).values(tries=attempts.tries - 1))


def _window_start(window: timedelta, now: datetime) -> datetime:
    seconds = int(window.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, now.tzinfo)
