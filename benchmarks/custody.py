"""Measure custody's work end to end on SQLite: python -m benchmarks.custody [enrolments] [days]

Folding fresh entries (here and in two processes) beside bare HPKE opening of the same rows, opening all blocks beside
bare AES-256-GCM, publishing a snapshot, counting everything, and one erasure with its rotation. Everything in one run,
from and to files; the databases lie in a temporary folder. On a shared machine believe the ratios, and the seconds that
the process itself used.
"""

import random
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.audit import Actor
from studyportal.custody.compaction.actions import compact
from studyportal.custody.erasure.rotation import destroy_keys
from studyportal.custody.opening.entries import diary_openers, open_block
from studyportal.custody.opening.key_file import Keys, load_keys, new_keys, write_key_file
from studyportal.custody.opening.transport import publish_transport_key, rewrap
from studyportal.custody.publishing.actions import publish
from studyportal.custody.reconcile.actions import reconcile
from studyportal.custody.spreading.workers import Workers
from studyportal.database import BINDS, reading, writing
from studyportal.intake.consent.actions import record_imported_consent
from studyportal.intake.enrolment.actions import enrol_without_passphrase
from studyportal.portal.inside import databases_of
from studyportal.portal.migrating import upgrade
from studyportal.protocol import SHIPPED, DiaryEntry, Protocol, commitment_body, encode, load_protocol
from studyportal.protocol.entry import write_blind
from studyportal.registry.contexts import entry_context
from studyportal.registry.enrolments import public_key
from studyportal.registry.folding import all_blocks
from studyportal.registry.tables import SEALED_ENTRIES, SITES
from studyportal.sealing import seal
from studyportal.sealing.signatures import commitment

ENROLMENTS, DAYS = 200, 180
START, NOW = date(2026, 1, 5), datetime(2026, 7, 6, 20, tzinfo=UTC)
ACTOR = Actor("custody", "command", "benchmark")


@contextmanager
def _timed(what: str, of: int, unit: str) -> Iterator[None]:
    began, used = time.perf_counter(), time.process_time()
    yield
    seconds, used = time.perf_counter() - began, time.process_time() - used
    print(f"{what:<58} {seconds:8.2f} s ({used:6.2f} s of this process) {of / seconds:12,.0f} {unit}/s", flush=True)


def _enrol(keys: Keys, protocol: Protocol, count: int) -> list[UUID]:
    people = []
    for _ in range(count):
        common = {"source": "synthetic", "zone": "Europe/Berlin", "actor": ACTOR, "now": NOW}
        study = {"study": protocol.study.code, "custody_public_key": keys.public}
        people.append(enrol_without_passphrase("NS", started_on=START, **study, **common))
        record_imported_consent(people[-1], protocol.consent, ("study", "sharing"), agreed_at=NOW, **common)
    return people


def _answers(rng: random.Random, protocol: Protocol) -> dict[str, int | bool | float]:
    draw = {
        "rating": lambda: rng.randrange(11),
        "yes_no": lambda: rng.random() < 0.3,
        "decimal": lambda: rng.randrange(20) / 2,
    }
    items = protocol.instruments["evening"].items.values()
    return {item.name: draw[item.kind]() for item in items if item.kind in draw}


def _send(people: Sequence[UUID], days: range, protocol: Protocol) -> int:
    """Seal evenings as intake does, and keep them."""
    rng = random.Random(1)
    for person in people:
        with writing("registry") as connection:
            key, rows = public_key(connection, person, "diary"), []
            for day in days:
                id, blind = uuid4(), secrets.token_bytes(32)
                entry = DiaryEntry(
                    instrument="evening",
                    protocol_version=protocol.study.version,
                    diary_date=(START + timedelta(days=day - 1)).isoformat(),
                    zone="Europe/Berlin",
                    source="synthetic",
                    answers=_answers(rng, protocol),
                    blind=write_blind(blind),
                )
                rows.append(
                    {
                        "id": id,
                        "enrolment": person,
                        "schedule": "evening",
                        "occasion": day,
                        "received_at": NOW,
                        "commitment": commitment(blind, commitment_body(entry)),
                        "receipt": bytes(64),
                        "sealed": seal(encode(entry), to=key, about=entry_context(protocol.study.code, person, id)),
                    }
                )
            connection.execute(sa.insert(SEALED_ENTRIES), rows)
    return len(people) * len(days)


def _bare_opening(people: Sequence[UUID], keys: Keys, study: str) -> None:
    with reading("keyring") as connection:
        openers = diary_openers(connection, keys, study=study, enrolments=people)
    with reading("registry") as connection:
        rows = connection.execute(sa.select(SEALED_ENTRIES).where(SEALED_ENTRIES.c.enrolment.in_(people))).all()
    with _timed("bare HPKE opening of some of these rows, one core", len(rows), "entries"):
        for row in rows:
            openers[row.enrolment].unseal(row.sealed, about=entry_context(study, row.enrolment, row.id))


def _blocks(people: Sequence[UUID], keys: Keys, protocol: Protocol, entries: int) -> None:
    with reading("keyring") as connection:
        openers = diary_openers(connection, keys, study=protocol.study.code, enrolments=people)
    with (
        _timed("all blocks from the database to Arrow, one core", entries, "entries"),
        reading("registry") as connection,
    ):
        for row in all_blocks(connection, people):
            open_block(row, openers[row.enrolment], study=protocol.study.code)


def main(count: int, days: int) -> None:
    protocol = load_protocol(SHIPPED)
    with tempfile.TemporaryDirectory(prefix="studyportal-benchmark-") as place:
        folder = Path(place)
        urls = {bind: f"sqlite:///{folder / bind}.sqlite" for bind in BINDS}
        for bind, url in urls.items():
            upgrade(bind, url)
        write_key_file(folder / "keys.json", new_keys())
        with databases_of(urls):
            _measure(folder, protocol, count, days)


def _measure(folder: Path, protocol: Protocol, count: int, days: int) -> None:
    keys, study = load_keys(folder / "keys.json"), protocol.study.code
    publish_transport_key(keys, actor=ACTOR, now=NOW)
    with writing("registry") as connection:
        connection.execute(sa.insert(SITES), {"id": "NS", "name": "Northside", "created_at": NOW})
    people = _enrol(keys, protocol, count)
    entries, common = count * days, {"keys": keys, "protocol": protocol, "actor": ACTOR, "now": NOW}
    print(f"{count} enrolments, {days} evenings each\n")
    with _timed("seeds put under the KEK", 3 * count, "seeds"):
        rewrap(None, keys=keys, study=study, actor=ACTOR, now=NOW)
    half = days // 2
    _send(people, range(1, half + 1), protocol)
    _bare_opening(people[:20], keys, study)
    with _timed("folded here", count * half, "entries"):
        compact(**common)
    _send(people, range(half + 1, days + 1), protocol)
    with _timed("folded in two processes, started for it, into the blocks", count * (days - half), "entries"):
        compact(**common, workers=Workers(2, None))
    _blocks(people, keys, protocol, entries)
    rng = random.SystemRandom()
    with _timed("snapshot: opened, de-identified, sealed, signed", entries, "entries"):
        publish(folder / "shelf", exception=None, rng=rng, **common)
    with _timed("everything counted", entries, "entries"):
        found = reconcile(folder / "shelf", check_receipts=False, **common)
    assert not found.faults and found.entries == entries
    with _timed("one erasure, all other seeds wrapped anew", 3 * count, "seeds"):
        destroy_keys(people[0], key_file=folder / "keys.json", study=study, actor=ACTOR, now=NOW)


if __name__ == "__main__":
    main(*(int(given) for given in sys.argv[1:3]) if len(sys.argv) == 3 else (ENROLMENTS, DAYS))
