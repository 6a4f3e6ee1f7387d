"""Open what one enrolment has sent, fresh rows and folded blocks alike, as the desk hands it out."""

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
import sqlalchemy as sa

from studyportal.custody.opening.entries import diary_seeds, open_block, open_entries
from studyportal.custody.opening.key_file import Keys
from studyportal.database import reading
from studyportal.desk import ERASED, Course, Entry
from studyportal.errors import CannotOpen, Gone
from studyportal.keyring.tables import TOMBSTONES
from studyportal.protocol import Protocol
from studyportal.protocol.columns import Row, rows
from studyportal.registry.contexts import alert_context
from studyportal.registry.entries import blocks_of, entries_of
from studyportal.sealing.opening import Opener


def diary_opener(enrolment: UUID, *, keys: Keys, study: str) -> Opener:
    """What opens an enrolment's diary. Raises `Gone` once its keys are destroyed, `CannotOpen` when there are none."""
    with reading("keyring") as connection:
        seed = diary_seeds(connection, keys, study=study, enrolments=[enrolment]).get(enrolment)
        erased = connection.scalar(sa.select(sa.true()).where(TOMBSTONES.c.enrolment == enrolment))
    if erased:
        raise Gone(ERASED)
    if seed is None:
        raise CannotOpen("Custody has no key for this participant's entries; tell the data custodian.")
    return Opener(seed)


# A local day can be a day ahead of ours when its entry arrives, and no more: what it is about has happened.
AHEAD = timedelta(days=2)


def course_of(
    enrolment: UUID, opener: Opener, *, protocol: Protocol, started_on: date | None, since: date | None = None
) -> Course:
    """The entries about a local day and those after it that open, by arrival, and how many that came since do not.

    What arrived before that day is not about it or a later one, so it is not opened.
    """
    with reading("registry") as connection:
        kept, blocks = entries_of(connection, enrolment), blocks_of(connection, enrolment)
    if since is not None:
        kept = [row for row in kept if row.received_at.date() >= since - AHEAD]
    wanted, numbers = {row.id for row in kept}, {row.block for row in kept}
    fresh = [row for row in kept if row.sealed is not None]
    found = open_entries(fresh, opener, protocol=protocol, started_on=started_on).rows
    for block in blocks:
        if block.number not in numbers:
            continue
        try:
            batches = open_block(block, opener, study=protocol.study.code)
        except CannotOpen:
            continue
        found += [row for batch in batches for row in rows(batch) if row.entry_id in wanted]
    found.sort(key=lambda row: (row.received_at, row.entry_id))
    first = (since or date.min).isoformat()
    handed = tuple(_entry(row) for row in found if row.entry.diary_date >= first)
    return Course(handed, len(kept) - len(found))


def _entry(row: Row) -> Entry:
    entry = row.entry
    saved_at = datetime.fromisoformat(entry.saved_at) if entry.saved_at else row.received_at
    return Entry(
        id=row.entry_id,
        instrument=entry.instrument,
        version=entry.protocol_version,
        diary_date=date.fromisoformat(entry.diary_date),
        zone=entry.zone,
        written_at=min(saved_at, row.received_at),
        received_at=row.received_at,
        event_at=datetime.fromisoformat(entry.event_at) if entry.event_at else None,
        occasion=row.occasion,
        late=row.late,
        source=entry.source,
        answers=entry.answers,
        missing=entry.missing,
        amends=UUID(entry.amends) if entry.amends else None,
        follows=UUID(entry.follows) if entry.follows else None,
        written_by=entry.written_by,
        reason=entry.reason,
    )


class _Alerts(msgspec.Struct, forbid_unknown_fields=True):
    protocol_version: str
    alerts: tuple[str, ...]


def alert_names(row: sa.Row, alert: UUID, opener: Opener, *, study: str) -> tuple[str, ...]:
    """The alerts under the seal of a safety alert. Raises `CannotOpen`."""
    try:
        plaintext = opener.unseal(row.sealed, about=alert_context(study, row.enrolment, alert))
        return msgspec.json.decode(plaintext, type=_Alerts).alerts
    except msgspec.MsgspecError:
        raise CannotOpen("What raised this alert cannot be read; the participant's entries can.") from None
