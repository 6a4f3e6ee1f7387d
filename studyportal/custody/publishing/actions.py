"""Publish a snapshot. Killed at any moment, there is a whole snapshot or none, and the next attempt goes on from
there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.compaction.actions import Compacted, compact
from studyportal.custody.opening.key_file import Keys
from studyportal.custody.publishing.building import Built, build
from studyportal.custody.publishing.cadence import EXCEPTIONS, Last, Ruling, ruling
from studyportal.custody.publishing.codes import publish_codes
from studyportal.custody.publishing.consents import consent_records
from studyportal.custody.publishing.forgetting import LOCK, forget_in_published
from studyportal.custody.publishing.sharing import (
    indices_of,
    renew_withdrawals,
    sharing_now,
    with_subjects,
)
from studyportal.custody.spreading.workers import ALONE, Workers
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Invalid, NotFound
from studyportal.keyring.publications import add_publication, publications
from studyportal.keyring.subjects import Chance
from studyportal.protocol import Protocol, released
from studyportal.registry.sharing import Sharing
from studyportal.snapshots.drafts import Draft, Papers
from studyportal.snapshots.reading import Snapshot, everybody_in, open_snapshot
from studyportal.snapshots.shelf import one_at_a_time, published
from studyportal.workbench.grants import all_grants


@dataclass(frozen=True, slots=True)
class Published:
    """What was published, for custody's eyes: exact numbers."""

    number: int
    participants: int
    rows: int
    ruling: Ruling
    compacted: Compacted
    built: Built


def may_publish(shelf: Path, *, keys: Keys, protocol: Protocol, now: datetime) -> Ruling:
    """Judge a snapshot of those who share now by the rule of cadence."""
    return _judged(sharing_now(protocol), _last_snapshot(shelf, keys, protocol), now=now)


def _judged(sharing: Mapping[UUID, Sharing], last: Snapshot | None, *, now: datetime) -> Ruling:
    indices, newcomers = indices_of(list(sharing))
    return ruling(_last(last), indices, newcomers, now=now)


def _next_number(shelf: Path) -> int:
    """A number once used is never used again, even if the shelf was lost."""
    with reading("keyring") as connection:
        known = [row.snapshot for row in publications(connection)]
    return max((*published(shelf), *known), default=0) + 1


def _last_snapshot(shelf: Path, keys: Keys, protocol: Protocol) -> Snapshot | None:
    number = max(published(shelf), default=0)
    return _snapshot(shelf, number, keys, protocol) if number else None


def _snapshot(shelf: Path, number: int, keys: Keys, protocol: Protocol) -> Snapshot:
    study = protocol.study.code
    return open_snapshot(shelf, study=study, number=number, snapshot_key=keys.snapshot, custody_public=keys.public)


def _last(snapshot: Snapshot | None) -> Last | None:
    """The snapshot before, as the rule of cadence sees it: who was erased since was in it, too."""
    if snapshot is None:
        return None
    with reading("keyring") as connection:
        then = {row.snapshot: row.participants for row in publications(connection)}
    indices = everybody_in(snapshot.reader, snapshot.number)
    return Last(snapshot.published_at, indices, max(0, then.get(snapshot.number, 0) - len(indices)))


def publish(
    shelf: Path,
    *,
    keys: Keys,
    protocol: Protocol,
    exception: str | None,
    rng: Chance,
    actor: Actor,
    now: datetime,
    workers: Workers = ALONE,
) -> Published:
    """Fold what is fresh, de-identify what is shared, and put a signed snapshot on the shelf.

    `exception` is None or a key of `EXCEPTIONS`, which sets the rule of cadence aside and is written into the trail;
    `workers` fold and build; alone, this process does.
    Raises `Conflict` when the rule says no, `NotFound` when nobody shares, `CannotOpen` when a block or key does not
    open.
    """
    if exception is not None and exception not in EXCEPTIONS:
        raise Invalid("There is no such exception.")
    with one_at_a_time(shelf / LOCK):
        adopt_finished(shelf, keys=keys, protocol=protocol, actor=actor, now=now)
        forget_in_published(shelf, keys=keys, protocol=protocol, actor=actor, now=now)
        # Folding comes first: who stopped sharing is looked up after the last entry that may be published was folded.
        compacted = compact(keys=keys, protocol=protocol, actor=actor, now=now, workers=workers)
        sharing, last = sharing_now(protocol), _last_snapshot(shelf, keys, protocol)
        judged = _judged(sharing, last, now=now)
        if not judged.may_publish and exception is None:
            raise Conflict(" ".join(judged.objections))
        if not sharing:
            raise NotFound("Nobody shares answers with researchers yet, so there is nothing to publish.")
        people = with_subjects(sharing, keys=keys, rng=rng, actor=actor, now=now)
        draft = Draft(shelf, _next_number(shelf), keys=keys.shelf_keys(protocol.study.code))
        built = build(draft, people, sharing=sharing, last=last, keys=keys, protocol=protocol, workers=workers, now=now)
        # Before the snapshot: one whose newcomers have no codes could not be released from until the next one, a month
        # on.
        renew_codes(shelf, keys=keys, protocol=protocol, rng=rng, actor=actor, now=now)
        # Who leaves from here on is caught by the list: it is written before the snapshot can be read, and once more
        # after.
        renew_withdrawals(shelf, keys=keys, protocol=protocol, now=now)
        with reading("registry") as connection:
            consents = consent_records(connection, protocol, now=now)
        papers = Papers(protocol=released(protocol), protocol_digest=protocol.digest, consents=consents)
        digest = draft.publish(papers, now=now)
        _remember(draft.number, draft.people, digest, exception=exception, published_at=now, actor=actor, now=now)
        renew_withdrawals(shelf, keys=keys, protocol=protocol, now=now)
        return Published(draft.number, draft.people, draft.rows, judged, compacted, built)


def _remember(
    number: int,
    people: int,
    digest: bytes,
    *,
    exception: str | None,
    published_at: datetime,
    actor: Actor,
    now: datetime,
) -> None:
    with writing("keyring") as connection:
        add_publication(connection, number, published_at=published_at, manifest_sha256=digest, participants=people)
        detail = {"participants": people, "exception": exception or "none"}
        record(connection, "keyring", AuditEvent(actor, "snapshot:publish", "snapshot", str(number), detail), now=now)


def adopt_finished(shelf: Path, *, keys: Keys, protocol: Protocol, actor: Actor, now: datetime) -> int:
    """Write down snapshots that reached the shelf just before a crash; how many. Raises `CannotOpen` for foreign
    ones."""
    with reading("keyring") as connection:
        known = {row.snapshot for row in publications(connection)}
    lost = [number for number in published(shelf) if number not in known]
    for number in lost:
        snapshot = _snapshot(shelf, number, keys, protocol)
        people, digest = len(everybody_in(snapshot.reader, number)), bytes.fromhex(snapshot.manifest_sha256)
        _remember(number, people, digest, exception="adopted", published_at=snapshot.published_at, actor=actor, now=now)
    return len(lost)


def renew_codes(shelf: Path, *, keys: Keys, protocol: Protocol, rng: Chance, actor: Actor, now: datetime) -> int:
    """Write the subject codes of every project whose approval runs; how many projects."""
    with reading("workbench") as connection:
        projects = [row.project for row in all_grants(connection) if row.ended_at is None and row.expires_at > now]
    for project in projects:
        publish_codes(project, shelf=shelf, keys=keys, protocol=protocol, rng=rng, actor=actor, now=now)
    return len(projects)
