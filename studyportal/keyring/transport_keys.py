"""The key that intake seals fresh seeds to. One is current at a time; custody signs it and intake seals to no other."""

from datetime import datetime

import sqlalchemy as sa

from studyportal.errors import Unavailable
from studyportal.keyring.tables import TRANSPORT_KEYS
from studyportal.sealing import PublicKey
from studyportal.sealing.signatures import verify

LABEL = "studyportal transport key"


def current_transport_key(connection: sa.Connection, *, custody_public: bytes) -> PublicKey:
    """The key to seal seeds to now, checked against custody's public signing key (32 bytes).

    Raises `Unavailable` when custody has not published one yet, `CannotOpen` when its signature does not hold.
    """
    row = connection.execute(sa.select(TRANSPORT_KEYS).where(TRANSPORT_KEYS.c.current)).first()
    if row is None:
        raise Unavailable("The study is not open yet: custody has not published its key.")
    verify(LABEL, row.public_key, row.signature, public=custody_public)
    return PublicKey(row.public_key)


def is_current(connection: sa.Connection, key_id: bytes) -> bool:
    """Whether the key with this id (8 bytes) is still the one to seal to.

    Ask it after the insert of seeds and in the same transaction: an insert waits for a rotation under way, so a
    "no" here means that the seeds were sealed to a key that is gone; roll back and seal again.
    """
    return connection.execute(sa.select(TRANSPORT_KEYS.c.key_id).where(TRANSPORT_KEYS.c.current)).scalar() == key_id


def replace_transport_key(connection: sa.Connection, key: PublicKey, signature: bytes, *, now: datetime) -> None:
    """Make `key` the current one; former keys leave the table, because nothing may be sealed to them any more."""
    connection.execute(sa.delete(TRANSPORT_KEYS))
    row = {"key_id": key.id, "public_key": key.raw, "signature": signature, "since": now, "current": True}
    connection.execute(sa.insert(TRANSPORT_KEYS), row)
