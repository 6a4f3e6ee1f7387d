"""A real kill -9, at moments that nobody chose: folding, erasing and publishing go on where they were, and nothing is
lost or twice."""

import json
import os
import signal
import subprocess
import sys
import time

from studyportal.custody.opening.entries import diary_openers, open_block
from studyportal.custody.opening.transport import rewrap
from studyportal.database import reading
from studyportal.registry.tables import BLOCKS, SEALED_ENTRIES, WITHDRAWALS
from studyportal.snapshots.reading import open_snapshot
from studyportal.snapshots.shelf import drafts, published
from tests.custody.cast import CUSTODIAN, NOW

WORK = """
import json, sys
from pathlib import Path
from uuid import UUID
from studyportal.audit import Actor
from studyportal.clock import now
from studyportal.custody.compaction.actions import compact
from studyportal.custody.erasure.actions import Means, carry_through
from studyportal.custody.opening.key_file import load_keys
from studyportal.portal.inside import databases_of
from studyportal.protocol import SHIPPED, load_protocol

told = json.loads(sys.argv[1])
folder, actor, protocol = Path(told["folder"]), Actor("custody", "worker", "worker"), load_protocol(SHIPPED)
print("ready", flush=True)
with databases_of(told["databases"]):
    for one in told["withdrawals"]:
        means = Means(key_file=folder / "keys.json", shelf=folder / "shelf", protocol=protocol, actor=actor, now=now())
        carry_through(UUID(one), means)
    compact(keys=load_keys(folder / "keys.json"), protocol=protocol, actor=actor, now=now())
print("done", flush=True)
"""


PUBLISH = """
import json, os, random, signal, sys
from pathlib import Path
from studyportal.audit import Actor
from studyportal.clock import now
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.publishing import building
from studyportal.custody.publishing.actions import publish
from studyportal.custody.spreading.workers import Workers
from studyportal.portal.inside import databases_of
from studyportal.protocol import SHIPPED, load_protocol
from studyportal.snapshots import parts
from studyportal.snapshots.drafts import Draft

told = json.loads(sys.argv[1])
folder, parts.PER_PART, parts.FEWEST, building.WORTHWHILE = Path(told["folder"]), 4, 2, 2
put, left = Draft.put, [told["parts"]]
def counted(self, *given, **named):
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    put(self, *given, **named)
Draft.put = counted
print("ready", flush=True)
with databases_of(told["databases"]):
    done = publish(
        folder / "shelf", keys=load_keys(folder / "keys.json"), protocol=load_protocol(SHIPPED), exception="demonstration",
        rng=random.SystemRandom(), workers=Workers(told["processes"], None), actor=Actor("custody", "worker", "worker"), now=now(),
    )
(folder / "built.json").write_text(json.dumps([done.built.done, done.built.made, done.rows]))
print("done", flush=True)
"""


def attempt(told, *, kill_after, work=WORK):
    """Start the work, kill it after so many seconds (None: let it go on); whether it finished."""
    process = subprocess.Popen([sys.executable, "-c", work, json.dumps(told)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "ready\n"
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(process.pid, signal.SIGKILL)
        return process.stdout.readline() == "done\n"
    finally:
        process.stdout.close()
        process.wait()


def test_folding_and_erasing_survive_being_killed_again_and_again(small_house, sqlite_databases):
    people = [small_house.participant() for _ in range(24)]
    sent = {person: {small_house.evening(person, day) for day in range(1, 13)} for person in people}
    rewrap(None, keys=small_house.keys, study=small_house.study, actor=CUSTODIAN, now=NOW)
    leaving = people[:3]
    asked = [str(small_house.withdrawal(person, "erase")) for person in leaving]
    told = {"folder": str(small_house.folder), "databases": dict(sqlite_databases), "withdrawals": asked}

    # At once, so that however fast the machine is one attempt is cut off; then somewhere in the middle.
    finished = [attempt(told, kill_after=seconds) for seconds in (0.0, 0.1, 0.3)]
    last = attempt(told, kill_after=None)

    assert last and not all(finished)
    stays = set().union(*(sent[person] for person in people[3:]))
    with reading("keyring") as connection:
        openers = diary_openers(connection, small_house.keys, study=small_house.study, enrolments=None)
    in_blocks = []
    for block in small_house.rows(BLOCKS):
        batches = open_block(block, openers[block.enrolment], study=small_house.study)
        in_blocks += [id for batch in batches for id in batch["_entry_id"].to_pylist()]
    assert sorted(in_blocks) == sorted(id.bytes for id in stays)
    assert {row.id for row in small_house.rows(SEALED_ENTRIES)} == stays
    assert openers.keys() == set(people[3:])
    assert all(row.completed_at for row in small_house.rows(WITHDRAWALS))
    assert len(small_house.keys.generations) == 1


def test_publishing_goes_on_from_the_parts_that_are_done(small_house, sqlite_databases):
    people = [small_house.participant() for _ in range(16)]
    for person in people:
        small_house.evening(person, 1)
    told = {"folder": str(small_house.folder), "databases": dict(sqlite_databases), "processes": 1}

    def go(**more):
        finished = attempt(told | more, work=PUBLISH, kill_after=more.get("kill_after"))
        return finished, published(small_house.shelf)

    # With a pool, its processes end as well: they would hold the pipe that is read here open.
    cut_off = [go(parts=1), go(parts=-1, kill_after=0.05), go(parts=2, processes=2)]
    last = go(parts=-1)

    assert cut_off == [(False, ())] * 3 and last == (True, (1,))
    done, made, rows = json.loads((small_house.folder / "built.json").read_text())
    assert (done, made, rows) == (3, 1, 16)
    keys = small_house.keys
    shown = open_snapshot(
        small_house.shelf, study=small_house.study, number=1, snapshot_key=keys.snapshot, custody_public=keys.public
    )
    assert sorted(shown.table("evening")["index"].to_pylist()) == list(range(1, 17))
    assert not drafts(small_house.shelf)
