"""Put work in, lease it, finish it or let it come again. A late worker's finish is refused by its stale lease."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from studyportal.database import insert_each_once, insert_once
from studyportal.outbox.tables import OUTBOX

# A failed work comes again after 1, 2, 4 ... minutes, at most hourly: nothing is ever given up silently.
FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=1)
# Done work is of use to whoever looks for what went wrong, and tells when somebody was reminded or left: a month is
# enough for the first. Pages and counts need none of it.
KEPT = timedelta(days=30)
FORGOTTEN_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Work:
    """One leased piece of work; `lease` must be shown when it is finished."""

    id: int
    kind: str
    payload: Mapping[str, str]
    attempts: int
    lease: str


def put(
    connection: sa.Connection,
    bind: str,
    kind: str,
    key: str,
    payload: Mapping[str, str],
    *,
    now: datetime,
    not_before: datetime | None = None,
) -> bool:
    """Want `kind` to be done, once per `key` and `not_before` a moment; True if it was not wanted before. Part of the
    caller's transaction."""
    row = _row(kind, key, payload, now) | {"available_at": not_before or now}
    return insert_once(connection, OUTBOX[bind], row, key=["kind", "key"])


def put_all(
    connection: sa.Connection, bind: str, kind: str, wanted: Mapping[str, Mapping[str, str]], *, now: datetime
) -> int:
    """The same for many: key -> payload; how many were not wanted before."""
    box, rows = OUTBOX[bind], [_row(kind, key, payload, now) for key, payload in wanted.items()]
    return len(insert_each_once(connection, box, rows, key=["kind", "key"], told=box.c.id))


def _row(kind: str, key: str, payload: Mapping[str, str], now: datetime) -> Mapping[str, Any]:
    return {
        "kind": kind,
        "key": key,
        "payload": json.dumps(dict(payload), sort_keys=True),
        "created_at": now,
        "available_at": now,
        "attempts": 0,
    }


def lease(
    connection: sa.Connection,
    bind: str,
    kinds: Sequence[str],
    *,
    now: datetime,
    lasting: timedelta = timedelta(minutes=10),
) -> Work | None:
    """Take the oldest open work of these kinds; others will not get it until the lease has run out."""
    box = OUTBOX[bind]
    row = connection.execute(
        sa.select(box)
        .where(
            box.c.done_at.is_(None),
            box.c.kind.in_(kinds),
            box.c.available_at <= now,
            sa.or_(box.c.leased_until.is_(None), box.c.leased_until <= now),
        )
        .order_by(box.c.available_at, box.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    token = secrets.token_hex(16)
    connection.execute(
        sa.update(box)
        .where(box.c.id == row.id)
        .values(lease=token, leased_until=now + lasting, attempts=row.attempts + 1)
    )
    return Work(row.id, row.kind, json.loads(row.payload), row.attempts + 1, token)


def finish(connection: sa.Connection, bind: str, work: Work, *, now: datetime) -> bool:
    """Mark as done; False if the lease was lost meanwhile, and then the caller must roll back what it did here."""
    box = OUTBOX[bind]
    done = connection.execute(
        sa.update(box)
        .where(box.c.id == work.id, box.c.lease == work.lease, box.c.done_at.is_(None))
        .values(done_at=now, lease=None, leased_until=None, failure=None)
    )
    return done.rowcount == 1


def fail(connection: sa.Connection, bind: str, work: Work, failure: str, *, now: datetime) -> None:
    """Give it back to be tried later; `failure` is the type of what went wrong, never its text."""
    box = OUTBOX[bind]
    delay = min(FIRST_DELAY * 2 ** min(work.attempts - 1, 10), LONGEST_DELAY)
    connection.execute(
        sa.update(box)
        .where(box.c.id == work.id, box.c.lease == work.lease)
        .values(available_at=now + delay, lease=None, leased_until=None, failure=failure[:64])
    )


def forget_done(connection: sa.Connection, bind: str, *, now: datetime) -> int:
    """Delete work that was done more than `KEPT` ago, `FORGOTTEN_AT_ONCE` rows at most; how many.

    What is still to be done stays, however old it is.

    A wish that comes again afterwards is done again: who wants work once for good keeps a row of its own that says so.
    """
    box = OUTBOX[bind]
    old = sa.select(box.c.id).where(box.c.done_at < now - KEPT).limit(FORGOTTEN_AT_ONCE)
    found = connection.scalars(old.with_for_update(skip_locked=True)).all()
    return connection.execute(sa.delete(box).where(box.c.id.in_(found))).rowcount


def waiting(connection: sa.Connection, bind: str) -> Mapping[str, int]:
    """How much open work there is, by kind."""
    box = OUTBOX[bind]
    counted = sa.select(box.c.kind, sa.func.count()).where(box.c.done_at.is_(None)).group_by(box.c.kind)
    return {kind: count for kind, count in connection.execute(counted)}
