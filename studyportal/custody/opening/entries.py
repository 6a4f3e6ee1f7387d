"""Open an enrolment's entries, and believe none: each must be what its row and its receipt say it is.

An entry that does not open, or is not what was committed to, gets a reason from `REASONS` instead. None is dropped.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hmac import compare_digest
from uuid import UUID

import pyarrow as pa
import sqlalchemy as sa

from studyportal.custody.opening.key_file import Keys
from studyportal.custody.opening.transport import opened_seed
from studyportal.errors import CannotOpen, Invalid, NotFound
from studyportal.keyring.wrapping import custody_seeds
from studyportal.protocol import DiaryEntry, Protocol, commitment_body, decode, occasion
from studyportal.protocol.columns import Row, unpack
from studyportal.protocol.entry import BY_STAFF, read_blind
from studyportal.registry.contexts import block_context, entry_context
from studyportal.sealing.opening import Opener
from studyportal.sealing.signatures import commitment

# Why an entry is set aside, as the custodian reads it.
REASONS: Mapping[str, str] = {
    "altered": "It opens, but it is not what its receipt was given for.",
    "cannot_open": "Its seal does not open with this enrolment's key.",
    "misplaced": "It answers another instrument than its row says.",
    "no_key": "The keyring has no key for its enrolment.",
    "not_an_entry": "What is inside is not a diary entry.",
    "not_in_protocol": "Its answers do not fit the version of the study document that it was written under.",
    "other_writer": "Its row names another kind of writer than the entry itself.",
    "unknown_version": "It was written under a version of the study document that is not known here.",
}


class Fault(Exception):
    """One entry cannot be used; `reason` is a key of `REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Opened:
    """Rows that are what they should be, and a reason for each entry that is not."""

    rows: list[Row]
    faults: Mapping[UUID, str]


def diary_seeds(
    connection: sa.Connection, keys: Keys, *, study: str, enrolments: Iterable[UUID] | None
) -> dict[UUID, bytes]:
    """The diary seed (96 bytes) of each enrolment (None: of all) that custody can open; others are absent.

    Raises `CannotOpen` when the key file lacks a key that the keyring names: an old key file must not look like loss.
    """
    found = {}
    for row in custody_seeds(connection, domain="diary", enrolments=enrolments):
        HELD[row.wrapping](keys, row.wrapped_by)
        try:
            found[row.enrolment] = opened_seed(row, keys, study=study)
        except CannotOpen:
            continue
    return found


def diary_openers(
    connection: sa.Connection, keys: Keys, *, study: str, enrolments: Iterable[UUID] | None
) -> dict[UUID, Opener]:
    """The same as openers, one per enrolment."""
    seeds = diary_seeds(connection, keys, study=study, enrolments=enrolments)
    return {enrolment: Opener(seed) for enrolment, seed in seeds.items()}


# How the key file is asked whether it holds the key that a wrapped seed names.
HELD = {"kek": Keys.kek, "transport": Keys.transport}


def open_entries(rows: Iterable[sa.Row], opener: Opener, *, protocol: Protocol, started_on: date | None) -> Opened:
    """Open rows of `sealed_entries` that stand alone."""
    opened, faults = [], {}
    for row in rows:
        try:
            entry = _open(row, opener, protocol)
            late = is_late(entry, row.occasion, row.received_at, protocol=protocol, started_on=started_on)
            opened.append(Row(row.id, row.received_at, row.occasion, late, entry))
        except Fault as fault:
            faults[row.id] = fault.reason
    return Opened(opened, faults)


def _open(row: sa.Row, opener: Opener, protocol: Protocol) -> DiaryEntry:
    try:
        plaintext = opener.unseal(row.sealed, about=entry_context(protocol.study.code, row.enrolment, row.id))
    except CannotOpen:
        raise Fault("cannot_open") from None
    try:
        entry = decode(plaintext)
    except Invalid:
        raise Fault("not_an_entry") from None
    if not compare_digest(commitment(read_blind(entry.blind), commitment_body(entry)), row.commitment):
        raise Fault("altered")
    try:
        instrument = protocol.version(entry.protocol_version).instruments.get(entry.instrument)
    except NotFound:
        raise Fault("unknown_version") from None
    if instrument is None or (entry.answers.keys() | entry.missing.keys()) - instrument.items.keys():
        raise Fault("not_in_protocol")
    # Only what staff write comes without a receipt, and nobody else may write in a participant's name.
    if (row.written_by is not None) != (entry.source in BY_STAFF):
        raise Fault("other_writer")
    if row.schedule != ("on_demand" if instrument.on_demand else entry.instrument):
        raise Fault("misplaced")
    return entry


def is_late(
    entry: DiaryEntry, number: int | None, received_at: datetime, *, protocol: Protocol, started_on: date | None
) -> bool:
    """Whether it was written after its window, by the schedule of the version that it was written under. What the
    device says of the time counts only if it is no later than the arrival; an imported entry has no window."""
    if number is None or started_on is None or entry.source == "imported":
        return False
    saved_at = datetime.fromisoformat(entry.saved_at) if entry.saved_at else received_at
    try:
        schedule = protocol.version(entry.protocol_version).instruments[entry.instrument].schedule
        due = occasion(schedule, number, started_on, entry.zone)
    except (NotFound, Invalid):
        return False
    return due.is_late(min(saved_at, received_at))


def open_block(row: sa.Row, opener: Opener, *, study: str) -> Sequence[pa.RecordBatch]:
    """The record batches of one block. Raises `CannotOpen`."""
    about = block_context(study, row.enrolment, row.number, row.revision)
    try:
        return unpack(opener.open_block(row.sealed, about=about))
    except Invalid:
        raise CannotOpen("A block of entries cannot be read.") from None
