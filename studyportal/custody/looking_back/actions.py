"""Open what the alerts on one entry read, and raise the alert that they amount to. Once, however often it is asked.

Nothing but the instruments that the conditions name is opened. An entry that does not open raises nothing here: it is
set aside and told on the custodian's overview.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.looking_back.former import former_answers
from studyportal.custody.opening.entries import diary_openers, open_block, open_entries
from studyportal.custody.opening.key_file import Keys
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen
from studyportal.protocol import Protocol
from studyportal.protocol.alerts import former_names, raised_by_history, write_raised
from studyportal.protocol.columns import Row, origin
from studyportal.protocol.columns import rows as rows_of
from studyportal.protocol.document import Alert
from studyportal.protocol.entry import OWN_WORDS
from studyportal.registry.alerts import raise_alert
from studyportal.registry.contexts import alert_context
from studyportal.registry.enrolments import public_key
from studyportal.registry.entries import ON_DEMAND, blocks_of, entries_of, entry_by_id
from studyportal.sealing import seal
from studyportal.sealing.opening import Opener
from studyportal.sealing.padding import pad


@dataclass(frozen=True, slots=True)
class _Found:
    """What one enrolment has, still sealed."""

    enrolment: UUID
    entries: Sequence[sa.Row]
    blocks: Sequence[sa.Row]


def look_back(entry: UUID, *, keys: Keys, protocol: Protocol, actor: Actor, now: datetime) -> str | None:
    """Raise what this entry raises together with former ones; its level, or None if that is nothing, was raised before,
    or the entry is gone. Raises `CannotOpen` when custody has no key for it: the outbox brings it again."""
    with reading("registry") as connection:
        row = entry_by_id(connection, entry)
        if row is None:
            return None
        found = _Found(row.enrolment, entries_of(connection, row.enrolment), blocks_of(connection, row.enrolment))
        key = public_key(connection, row.enrolment, "diary")
    with reading("keyring") as connection:
        openers = diary_openers(connection, keys, study=protocol.study.code, enrolments=[found.enrolment])
    opener = openers.get(found.enrolment)
    if opener is None or key is None:
        raise CannotOpen("There is no key for the entry whose alerts are to be looked at.")
    subject = next((one for one in _opened(found, opener, protocol, None, only=entry)), None)
    alerts = _raised(subject, found, opener, protocol) if subject else ()
    if subject is None or not alerts:
        return None
    written_under = protocol.version(subject.entry.protocol_version)
    id = uuid4()
    sealed = seal(
        write_raised(written_under, [alert.name for alert in alerts]),
        to=key,
        about=alert_context(protocol.study.code, found.enrolment, id),
        # The same size as every alert of this version, whoever raises it.
        size=len(pad(write_raised(written_under, list(written_under.alerts)), size=None)),
    )
    level = alerts[0].level
    line = {"id": id, "enrolment": found.enrolment, "entry": entry, "source": "history", "level": level}
    with writing("registry") as connection:
        if entry_by_id(connection, entry) is None:
            return None
        if not raise_alert(connection, line | {"raised_at": now, "sealed": sealed}):
            return None
        record(connection, "registry", AuditEvent(actor, "alert:raise", "alert", str(id), {"level": level}), now=now)
    return level


def _raised(subject: Row, found: _Found, opener: Opener, protocol: Protocol) -> Sequence[Alert]:
    if subject.entry.source not in OWN_WORDS:
        return ()
    written_under, instrument = protocol.version(subject.entry.protocol_version), subject.entry.instrument
    names = former_names(written_under, instrument)
    if not names:
        return ()
    wanted = {name.partition(".")[0] for name in names}
    rows = _opened(found, opener, protocol, wanted)
    former = former_answers(rows, before=subject, names=names, protocol=protocol)
    return raised_by_history(written_under, instrument, subject.entry.answers, former)


def _opened(
    found: _Found, opener: Opener, protocol: Protocol, wanted: set[str] | None, *, only: UUID | None = None
) -> Iterator[Row]:
    """The entries of the `wanted` instruments, or the `only` one; what does not open is left out."""
    fresh = [row for row in found.entries if row.sealed is not None and _may_be(row, wanted, only)]
    for row in open_entries(fresh, opener, protocol=protocol, started_on=None).rows:
        if wanted is None or row.entry.instrument in wanted:
            yield row
    folded = {row.block for row in found.entries if row.block is not None and _may_be(row, wanted, only)}
    for block in found.blocks:
        if block.number in folded:
            for batch in open_block(block, opener, study=protocol.study.code):
                if wanted is None or origin(batch)[0] in wanted:
                    yield from (row for row in rows_of(batch) if only is None or row.entry_id == only)


def _may_be(row: sa.Row, wanted: set[str] | None, only: UUID | None) -> bool:
    if only is not None:
        return bool(row.id == only)
    return wanted is None or row.schedule == ON_DEMAND or row.schedule in wanted
