"""Bring together who shares (registry) and which subject they are (keyring); keep the list of those who left."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.deidentification.tables import Subject
from studyportal.custody.opening.key_file import Keys
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen
from studyportal.keyring.subjects import Chance, add_subjects, all_indices, subjects
from studyportal.keyring.wrapping import lock_seeds
from studyportal.protocol import Protocol
from studyportal.registry.sharing import Sharing, who_shares
from studyportal.snapshots.reading import ShelfReader, withdrawn_now
from studyportal.snapshots.shelf import one_at_a_time, published, withdrawals_file
from studyportal.snapshots.writing import write_withdrawals


def sharing_now(protocol: Protocol) -> Mapping[UUID, Sharing]:
    """Everyone whose latest consent shares answers, less what was withdrawn since."""
    consent = protocol.consent
    with reading("registry") as connection:
        return who_shares(connection, sharing=consent.sharing, required=consent.required)


def with_subjects(
    sharing: Mapping[UUID, Sharing], *, keys: Keys, rng: Chance, actor: Actor, now: datetime
) -> Mapping[UUID, Subject]:
    """Everyone in `sharing` as a subject; newcomers get their index now, in an order that tells nothing of when or
    where they enrolled."""
    newcomers = sorted(sharing, key=lambda enrolment: _place(enrolment, keys.pseudonym))
    with writing("keyring") as connection:
        # An erasure takes the same lock first: whoever it buries gets no place after it has cut the link.
        lock_seeds(connection)
        if new := add_subjects(connection, newcomers, rng=rng):
            record(
                connection, "keyring", AuditEvent(actor, "subject:add", "subjects", "several", {"new": new}), now=now
            )
        known = subjects(connection)
    return {
        enrolment: Subject(
            index=known[enrolment].disclosure_index,
            record_key_1=known[enrolment].record_key_1,
            record_key_2=known[enrolment].record_key_2,
            scopes=share.scopes,
            started_on=share.started_on,
            until=share.until,
        )
        for enrolment, share in sharing.items()
        if enrolment in known
    }


def _place(enrolment: UUID, secret: bytes) -> bytes:
    return hmac.digest(secret, b"studyportal place:" + enrolment.bytes, hashlib.sha256)


def indices_of(enrolments: Sequence[UUID]) -> tuple[frozenset[int], int]:
    """The indices that these enrolments have, and how many have none yet."""
    with reading("keyring") as connection:
        known = subjects(connection)
    found = frozenset(known[enrolment].disclosure_index for enrolment in enrolments if enrolment in known)
    return found, len(enrolments) - len(found)


def shelf_reader(shelf: Path, protocol: Protocol, keys: Keys) -> ShelfReader:
    """Custody reads its own shelf as strictly as research does."""
    study = protocol.study.code
    return ShelfReader(shelf=shelf, study=study, snapshot_key=keys.snapshot, custody_public=keys.public)


def renew_withdrawals(shelf: Path, *, keys: Keys, protocol: Protocol, now: datetime) -> int:
    """Write the signed list of subjects who do not share any more (erased ones too), if it changed; how many they are.

    Worked out anew each time from who shares now, so that doing it twice, or late, gives the same list. Raises
    `CannotOpen` when the list on the shelf is not as custody signed it.
    """
    # Worked out under the lock: an older answer must not overwrite a newer one.
    with one_at_a_time(shelf / ".withdrawals.lock"):
        shares = sharing_now(protocol)
        with reading("keyring") as connection:
            gone = frozenset(index for index, enrolment in all_indices(connection).items() if enrolment not in shares)
        sequence = 1
        if withdrawals_file(shelf).exists():
            before = withdrawn_now(shelf_reader(shelf, protocol, keys))
            if frozenset(before.indices) == gone:
                return len(gone)
            sequence = before.sequence + 1
        elif published(shelf):
            raise CannotOpen("The list of withdrawals is missing from the shelf; restore it before going on.")
        write_withdrawals(shelf, gone, sequence=sequence, keys=keys.shelf_keys(protocol.study.code), now=now)
        return len(gone)
