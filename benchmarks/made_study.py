"""Make a study of any size in a moment, with folded blocks only: what benchmarks of whole snapshots start from.

Fifty sets of answers (90 evenings and 10 doses, and what is asked once) are packed once and sealed for everybody under
a seed of their own, so every key is really derived and every block really opened. Only what custody reads is there: no
receipts, no entries' rows, nobody's own copy of a key.
"""

import json
import random
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import sqlalchemy as sa

from benchmarks.opening import Row, months
from studyportal.audit import Actor
from studyportal.custody.opening.entries import diary_openers
from studyportal.custody.opening.key_file import Keys, load_keys, new_keys, write_key_file
from studyportal.custody.opening.transport import publish_transport_key
from studyportal.database import BINDS, reading, writing
from studyportal.keyring.contexts import seed_context
from studyportal.keyring.tables import WRAPPED_SEEDS
from studyportal.portal.inside import databases_of
from studyportal.portal.migrating import upgrade
from studyportal.protocol import Protocol
from studyportal.protocol.columns import pack
from studyportal.registry.contexts import block_context
from studyportal.registry.folding import all_blocks
from studyportal.registry.tables import BLOCKS, CONSENT_RECORDS, ENROLMENTS, SITES
from studyportal.sealing.opening import Opener, wrap_seed

NOW = datetime(2026, 7, 6, 20, tzinfo=UTC)
ACTOR = Actor("custody", "command", "benchmark")
DISTINCT, EVENINGS, DOSES = 50, 90, 10
AT_ONCE = 1000


@dataclass(frozen=True)
class Made:
    """A study in a folder: its databases are open while `made_study` lasts."""

    folder: Path
    protocol: Protocol
    keys: Keys
    sets: Sequence[bytes]
    per_person: int

    @property
    def shelf(self) -> Path:
        return self.folder / "shelf"


@contextmanager
def made_study(folder: Path, protocol: Protocol) -> Iterator[Made]:
    """An empty study with keys and databases of its own."""
    urls = {bind: f"sqlite:///{folder / bind}.sqlite" for bind in BINDS}
    for bind, url in urls.items():
        upgrade(bind, url)
    write_key_file(folder / "keys.json", new_keys())
    rng = random.Random(20260105)
    rows = [_answers(protocol, rng) for _ in range(DISTINCT)]
    with databases_of(urls):
        keys = load_keys(folder / "keys.json")
        publish_transport_key(keys, actor=ACTOR, now=NOW)
        with writing("registry") as connection:
            connection.execute(sa.insert(SITES), {"id": "NS", "name": "Northside", "created_at": NOW})
        yield Made(folder, protocol, keys, [pack(one, protocol) for one in rows], len(rows[0]))


def _answers(protocol: Protocol, rng: random.Random) -> list[Row]:
    every = months(protocol, rng=rng, evenings=EVENINGS, doses=DOSES)
    answers = {"diagnosis": "migraine", "pain_years": 7, "age": rng.randint(20, 80), "pain_usual": rng.randrange(11)}
    once = msgspec.structs.replace(every[0][-1], instrument="baseline", answers=answers)
    return [*every, (UUID(bytes=rng.randbytes(16)), every[0][1], 1, False, once)]


def add_people(made: Made, count: int) -> list[UUID]:
    """More people who agreed to share, each with a block."""
    added = []
    for start in range(0, count, AT_ONCE):
        added += _add(made, min(AT_ONCE, count - start))
    return added


def _add(made: Made, count: int) -> list[UUID]:
    people = [uuid4() for _ in range(count)]
    study, kek = made.protocol.study.code, made.keys.generations[-1].kek
    seeds = {person: secrets.token_bytes(96) for person in people}
    with writing("keyring") as connection:
        about = {person: seed_context(study, person, "diary", "custody") for person in people}
        connection.execute(
            sa.insert(WRAPPED_SEEDS),
            [
                {
                    "enrolment": person, "domain": "diary", "holder": "custody", "wrapping": "kek", "wrapped_by": kek.id,
                    "wrapped": wrap_seed(seed, kek=kek, about=about[person]),
                }
                for person, seed in seeds.items()
            ],
        )  # fmt: skip
    with writing("registry") as connection:
        connection.execute(sa.insert(ENROLMENTS), [_enrolment(person) for person in people])
        connection.execute(sa.insert(CONSENT_RECORDS), [_consent(person, made.protocol) for person in people])
        connection.execute(
            sa.insert(BLOCKS),
            [
                {
                    "enrolment": person, "number": 1, "revision": 1, "folded_at": NOW,
                    "sealed": Opener(seed).seal_block(
                        made.sets[number % DISTINCT], about=block_context(study, person, 1, 1)
                    ),
                }
                for number, (person, seed) in enumerate(seeds.items())
            ],
        )  # fmt: skip
    return people


def renew_blocks(made: Made, people: Sequence[UUID]) -> None:
    """New entries of these people: their blocks hold other answers, as after folding."""
    study, keys = made.protocol.study.code, made.keys
    with reading("keyring") as connection:
        openers = diary_openers(connection, keys, study=study, enrolments=people)
    with writing("registry") as connection:
        revisions = {row.enrolment: row.revision for row in all_blocks(connection, people)}
        for number, person in enumerate(people):
            revision = revisions[person] + 1
            about = block_context(study, person, 1, revision)
            sealed = openers[person].seal_block(made.sets[(number + revision) % DISTINCT], about=about)
            connection.execute(
                sa.update(BLOCKS).where(BLOCKS.c.enrolment == person).values(revision=revision, sealed=sealed)
            )


def _enrolment(person: UUID) -> dict[str, object]:
    return {
        "id": person, "participant_code": f"NS-{person.hex[:12]}", "site": "NS", "zone": "Europe/Berlin",
        "source": "synthetic", "claimed_at": NOW, "started_on": date(2026, 1, 5),
    }  # fmt: skip


def _consent(person: UUID, protocol: Protocol) -> dict[str, object]:
    scopes = sorted({*protocol.consent.required, *protocol.consent.sharing})
    return {
        "id": uuid4(), "enrolment": person, "form_version": "1", "text_sha256": bytes(32), "scopes": json.dumps(scopes),
        "agreed_at": NOW, "zone": "Europe/Berlin", "source": "synthetic",
    }  # fmt: skip
