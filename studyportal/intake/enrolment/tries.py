"""Count tries at a participant's code, and commit, before anything is looked up or hashed.

Codes are not secret, so nobody may lock a participant out by trying theirs elsewhere: tries are counted for a code *at
a network*. Wrong tries there make the wait longer: after 10 to the end of the quarter of an hour, after 20 to the end
of four hours, after 30 to the end of the day. A network, whatever it tries, has 60, 200 and 600 in the same times; a
household or clinic behind one address mistypes less often. A right try forgives the code at its network, and does not
count against the network.

A brake holds all networks together: 1,000 tries at one code in a quarter of an hour, which is 96,000 in a day. Six
words are 77 bits, so a year of it finds them with a chance of 1 in 6,000,000,000,000,000. Somebody must hold a hundred
networks at once to reach the brake (for IPv6 a code is counted by the 48 bits that anybody is handed whole), and must
go on, for it holds to the end of the quarter only; sessions, devices and passkeys work meanwhile. What a network has
too many of does not count towards it.
"""

from collections.abc import Mapping
from datetime import datetime

from studyportal.database import writing
from studyportal.web.sign_in import limiter

_NETWORK = ("network", "network_hours", "network_day")
_PLACE = ("place", "place_hours", "place_day")


def count_try(kind: str, of: str, *, address: str | None, secret: str, now: datetime) -> None:
    """Count a try at `of` (a code of this kind) from a network, and commit. Raises `TooMany` over a limit."""
    everywhere = {"code": limiter.bucket("code", f"{kind} {of}", secret=secret)}
    _count(_of_network(address, secret) | _at_place(kind, of, address, secret) | everywhere, now=now)


def count_network(*, address: str | None, secret: str, now: datetime) -> None:
    """Count a try from a network at something that many use, and commit. Raises `TooMany` over a limit."""
    _count(_of_network(address, secret), now=now)


def count_challenge(*, address: str | None, secret: str, now: datetime) -> None:
    """Count that a network was given something to sign. Raises `TooMany` over the limit."""
    _count({"challenge": limiter.bucket("challenge", limiter.network_of(address), secret=secret)}, now=now)


def forgive(kind: str, of: str, *, address: str | None, secret: str, now: datetime) -> None:
    """Forget the tries at a code from the network of its owner, who has shown what belongs to it; their network gets
    the right one back."""
    with writing("registry") as connection:
        limiter.forgive(connection, "registry", *_at_place(kind, of, address, secret).values())
        limiter.give_back(connection, "registry", _of_network(address, secret), now=now)


def _count(buckets: Mapping[str, bytes], *, now: datetime) -> None:
    with writing("registry") as connection:
        over = limiter.count_try(connection, "registry", buckets, now=now)
    if over:
        raise limiter.too_many(over, now=now)


def _of_network(address: str | None, secret: str) -> Mapping[str, bytes]:
    return {step: limiter.bucket(step, limiter.network_of(address), secret=secret) for step in _NETWORK}


def _at_place(kind: str, of: str, address: str | None, secret: str) -> Mapping[str, bytes]:
    where = f"{kind} {of} at {limiter.network_of(address, bits=limiter.LARGEST)}"
    return {step: limiter.bucket(step, where, secret=secret) for step in _PLACE}
