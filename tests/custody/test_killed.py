"""A real kill -9, at moments that nobody chose: folding and erasing go on where they were, and nothing is lost or twice."""

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


def attempt(told, *, kill_after):
    """Start the work, kill it after so many seconds (None: let it finish); whether it finished."""
    process = subprocess.Popen([sys.executable, "-c", WORK, json.dumps(told)], stdout=subprocess.PIPE, text=True)
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
