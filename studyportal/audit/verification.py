"""Check the trail: every chain complete from its first event, every hash right, every witnessed head still there.

A chain cannot know that its own end was cut off, or that a whole chain is gone; a witness (the heads of an earlier
verification, kept elsewhere) can.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.audit.trail import GENESIS, event_hash


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: number of events, faults as sentences, and the head of every chain as "sequence:hash"."""

    events: int
    faults: tuple[str, ...]
    heads: Mapping[str, str]

    @property
    def whole(self) -> bool:
        return not self.faults


def verify(connection: sa.Connection, bind: str, *, witness: Mapping[str, str] | None = None) -> Verdict:
    """Read the whole trail of one database and judge it; `witness` is the `heads` of an earlier verdict."""
    events = AUDIT_EVENTS[bind]
    faults: list[str] = []
    heads: dict[str, str] = {}
    awaited = dict(witness or {})
    count, writer, sequence, previous = 0, "", 0, GENESIS
    for row in connection.execute(sa.select(events).order_by(events.c.writer, events.c.sequence)).mappings():
        if row["writer"] != writer:
            writer, sequence, previous = row["writer"], 0, GENESIS
        sequence += 1
        count += 1
        if row["sequence"] != sequence:
            faults.append(f"Chain {writer[:8]}: event {sequence} is missing.")
            sequence = row["sequence"]
        if row["previous"] != previous or row["hash"] != event_hash(_as_written(row), previous):
            faults.append(f"Chain {writer[:8]}: event {sequence} was altered.")
        previous = row["hash"]
        heads[writer] = f"{sequence}:{previous.hex()}"
        if awaited.get(writer) == heads[writer]:
            del awaited[writer]
    faults += [f"Chain {lost[:8]}: the witnessed event {head.split(':')[0]} is gone." for lost, head in awaited.items()]
    return Verdict(count, tuple(faults), heads)


def _as_written(row: Mapping[str, Any]) -> dict[str, Any]:
    at = row["at"]
    return {**row, "at": int(at.timestamp()) * 1_000_000 + at.microsecond}
