"""Add an event to the trail, in the transaction of the change. There is no other way to write here."""

import hashlib
import json
import secrets
import threading
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from studyportal.audit.events import AuditEvent
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import DIALECTS, Prepared

GENESIS = bytes(32)

_here = threading.local()


def _writer() -> str:
    """This thread's name in the trail; random, so that two processes never share a chain."""
    if not hasattr(_here, "writer"):
        _here.writer = secrets.token_hex(16)
    return _here.writer


def event_hash(row: dict[str, Any], previous: bytes) -> bytes:
    """SHA-256 over the previous hash and the event's fields as canonical JSON; `at` in microseconds since 1970."""
    body = [
        row[name]
        for name in (
            "writer",
            "sequence",
            "at",
            "room",
            "actor_kind",
            "actor_id",
            "action",
            "object_kind",
            "object_id",
            "detail",
        )
    ]
    return hashlib.sha256(previous + json.dumps(body, separators=(",", ":"), ensure_ascii=True).encode()).digest()


def record(connection: sa.Connection, bind: str, event: AuditEvent, *, now: datetime) -> None:
    """Chain `event` onto this writer's events; part of the caller's transaction."""
    writer = _writer()
    last = _LAST[bind].execute(connection, {"writer": writer}).first()
    sequence, previous = (last.sequence + 1, last.hash) if last else (1, GENESIS)
    row = {
        "writer": writer,
        "sequence": sequence,
        "at": int(now.timestamp()) * 1_000_000 + now.microsecond,
        "room": event.actor.room,
        "actor_kind": event.actor.kind,
        "actor_id": event.actor.id,
        "action": event.action,
        "object_kind": event.object_kind,
        "object_id": event.object_id,
        "detail": json.dumps(dict(event.detail), sort_keys=True, separators=(",", ":")),
    }
    _ADD[bind].execute(connection, row | {"at": now, "previous": previous, "hash": event_hash(row, previous)})


def _last(bind: str) -> sa.Select[Any]:
    events = AUDIT_EVENTS[bind]
    return (
        sa.select(events.c.sequence, events.c.hash)
        .where(events.c.writer == sa.bindparam("writer"))
        .order_by(events.c.sequence.desc())
        .limit(1)
    )


_LAST = {bind: Prepared(dict.fromkeys(DIALECTS, _last(bind))) for bind in AUDIT_EVENTS}
_ADD = {bind: Prepared(dict.fromkeys(DIALECTS, sa.insert(events))) for bind, events in AUDIT_EVENTS.items()}
