"""Open a person's own entries with the key that only their session token opens, for one request.

The token opens the reading key, the reading key opens the seed, the seed opens entries and blocks. Nothing of it is
kept. What cannot be opened is shown as such, never left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.database import reading
from studyportal.errors import CannotOpen, Gone, Invalid, NotFound, NotFresh
from studyportal.intake.enrolment.sessions import Caller, session_context
from studyportal.keyring.contexts import seed_context
from studyportal.keyring.seeds import seed_for_participant
from studyportal.protocol import DiaryEntry, Instrument, Protocol, commitment_body, decode
from studyportal.protocol.columns import rows as rows_of
from studyportal.protocol.columns import unpack
from studyportal.protocol.correcting import Came
from studyportal.protocol.entry import read_blind
from studyportal.registry.contexts import block_context, entry_context
from studyportal.registry.entries import block, blocks_of, entries_of, sealed_entry
from studyportal.saying import said
from studyportal.sealing.opening import Opener, open_under_token, unseal_as_reader
from studyportal.sealing.signatures import commitment

WORDS_FIRST = said("Type your six words first, then this goes on.")
ERASED = said("Your answers have been erased. Nobody can open them any more.")


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """One entry as its writer sees it. `entry` is None for one that cannot be opened."""

    id: UUID
    received_at: datetime
    occasion: int | None
    row: sa.Row = field(repr=False)
    entry: DiaryEntry | None

    @property
    def written_at(self) -> datetime:
        """When it was written: the device's word counts only if it is no later than ours."""
        if self.entry is None or self.entry.saved_at is None:
            return self.received_at
        return min(datetime.fromisoformat(self.entry.saved_at), self.received_at)

    @property
    def by_staff(self) -> bool:
        """Whether a member of staff wrote it: then it has no receipt, because the clinic cannot sign one."""
        return self.row.receipt is None

    @property
    def came(self) -> Came:
        """What `protocol.correcting` wants to know of it."""
        return Came(str(self.id), self.received_at, self.entry.amends if self.entry else None)

    @property
    def is_unaltered(self) -> bool:
        """Whether the opened answers are those that were committed to when the entry came."""
        if self.entry is None:
            return False
        return commitment(read_blind(self.entry.blind), commitment_body(self.entry)) == self.row.commitment


def own_key(caller: Caller, token: str, *, study: str, domain: str = "diary") -> Opener:
    """What opens this person's diary, or their messages (domain "contact"). Raises `NotFresh` while the six words are
    not typed, `Gone` once the keys are destroyed, `CannotOpen` for a foreign token."""
    enrolment = caller.enrolment
    if not caller.can_read:
        raise NotFresh(WORDS_FIRST)
    reading_key = open_under_token(
        caller.sealed_reading_key or b"", token, session_context(study, enrolment, caller.token_hash)
    )
    with reading("keyring", enrolment=enrolment) as connection:
        wrapped = seed_for_participant(connection, enrolment, domain)
    if wrapped is None:
        raise Gone(ERASED)
    about = seed_context(study, enrolment, domain, "participant")
    return Opener(unseal_as_reader(wrapped, reading_key=reading_key, about=about))


def own_entries(
    caller: Caller, key: Opener, *, protocol: Protocol, since: datetime | None = None
) -> Sequence[OwnEntry]:
    """Every entry of this person, or those that came `since` a moment, opened, in the order of their days."""
    enrolment, study = caller.enrolment, protocol.study.code
    with reading("registry", enrolment=enrolment) as connection:
        rows = [row for row in entries_of(connection, enrolment) if since is None or row.received_at >= since]
        blocks = blocks_of(connection, enrolment) if any(row.block is not None for row in rows) else []
    folded: dict[UUID, DiaryEntry] = {}
    wanted = {row.block for row in rows}
    for one in blocks:
        if one.number in wanted:
            folded |= _opened_block(one, key, enrolment, study)
    entries = [_own(row, _opened(row, key, enrolment, study, folded)) for row in rows]
    return sorted(entries, key=lambda own: (own.entry.diary_date if own.entry else "", own.received_at))


def own_entry(caller: Caller, key: Opener, id: UUID, *, protocol: Protocol) -> OwnEntry:
    """One entry of this person. Raises `NotFound` for anybody else's."""
    enrolment, study = caller.enrolment, protocol.study.code
    with reading("registry", enrolment=enrolment) as connection:
        row = sealed_entry(connection, id, enrolment)
        holding = block(connection, enrolment, row.block) if row is not None and row.block is not None else None
    if row is None:
        raise NotFound("There is no such entry.")
    folded = _opened_block(holding, key, enrolment, study) if holding is not None else {}
    return _own(row, _opened(row, key, enrolment, study, folded))


def _own(row: sa.Row, entry: DiaryEntry | None) -> OwnEntry:
    return OwnEntry(row.id, row.received_at, row.occasion, row, entry)


def _opened(
    row: sa.Row, key: Opener, enrolment: UUID, study: str, folded: Mapping[UUID, DiaryEntry]
) -> DiaryEntry | None:
    if row.sealed is None:
        return folded.get(row.id)
    try:
        return decode(key.unseal(row.sealed, about=entry_context(study, enrolment, row.id)))
    except (CannotOpen, Invalid):
        return None


def _opened_block(row: sa.Row, key: Opener, enrolment: UUID, study: str) -> Mapping[UUID, DiaryEntry]:
    about = block_context(study, enrolment, row.number, row.revision)
    try:
        batches = unpack(key.open_block(row.sealed, about=about))
    except (CannotOpen, Invalid):
        return {}
    return {kept.entry_id: kept.entry for batch in batches for kept in rows_of(batch)}


def instrument_of(entry: DiaryEntry, protocol: Protocol) -> Instrument | None:
    """What the entry answers, in the words and by the schedule of the version that it was written under; None if that
    is not known here."""
    try:
        return protocol.version(entry.protocol_version).instruments.get(entry.instrument)
    except NotFound:
        return None
