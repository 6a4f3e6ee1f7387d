"""Count what somebody tries at a door, and commit, before anything is hashed or compared. Refuses what is too much."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from studyportal.database import writing
from studyportal.web.sign_in import limiter
from studyportal.web.sign_in.accounts import normalised_name
from studyportal.web.sign_in.door import Door


def of_name(door: Door, name: str) -> Mapping[str, bytes]:
    """The bucket of a name, whether anybody has it or not."""
    return {"account": limiter.bucket("account", normalised_name(name), secret=door.room_key)}


def of_account(door: Door, account: UUID) -> Mapping[str, bytes]:
    """The buckets of an account's second factors."""
    return {kind: limiter.bucket(kind, str(account), secret=door.room_key) for kind in ("factor", "factor_day")}


def of_network(door: Door, kind: str = "network") -> Mapping[str, bytes]:
    """The bucket of the caller's network."""
    return {kind: limiter.bucket(kind, limiter.network_of(door.address), secret=door.room_key)}


def count(door: Door, buckets: Mapping[str, bytes], *, now: datetime) -> None:
    """Count one try in each bucket. Raises `TooMany`."""
    with writing(door.bind) as connection:
        over = limiter.count_try(connection, door.bind, buckets, now=now)
    if over:
        raise limiter.too_many(over, now=now)


def name_of(bucket: bytes) -> str:
    """What the trail calls a bucket whose owner it cannot name."""
    return bucket.hex()[:16]
