"""Measure building and refreshing snapshots: python -m benchmarks.snapshots [entries ...] [--processes N]

A full build reads the sealed blocks of everybody from SQLite, de-identifies them and puts sealed, signed files on a
shelf; a refresh follows 1 % newcomers, then entries of 1 % and of everybody, then nothing. Beside them, in the same
run: bare AES-256-GCM and decoding of the same blocks from memory with ready keys, and bare pyarrow writing of the same
published columns, unsealed. 101 entries a person, 100,000 and 1,000,000 in all unless other numbers are given
(10,000,000 takes some minutes and 4 GB of disk). Figures are wall-clock seconds, and processor seconds of this process
and its children: on a shared machine believe the latter, and the ratios. Peak memory is that of this process and of its
largest child.
"""

import argparse
import io
import random
import resource
import secrets
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pyarrow.parquet as pq
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.made_study import ACTOR, NOW, Made, add_people, made_study, renew_blocks
from studyportal.custody.opening.entries import diary_openers, open_block
from studyportal.custody.publishing.actions import Published, publish
from studyportal.custody.publishing.sharing import renew_withdrawals
from studyportal.custody.spreading.workers import Workers
from studyportal.database import reading
from studyportal.protocol import SHIPPED, load_protocol
from studyportal.protocol.columns import unpack
from studyportal.registry.tables import BLOCKS
from studyportal.snapshots.reading import open_snapshot
from studyportal.snapshots.shelf import published

SIZES = (100_000, 1_000_000)


@dataclass(frozen=True)
class Taken:
    """Seconds on the clock, and of processors."""

    wall: float
    used: float


def _used() -> float:
    return sum(
        one.ru_utime + one.ru_stime
        for one in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def timed(words: str, entries: int, act: Callable[[], object], beside: Taken | None = None) -> Taken:
    """Do it once; print what it took, per second of a processor, and how many times as much as `beside`."""
    began, used = time.perf_counter(), _used()
    act()
    taken = Taken(time.perf_counter() - began, _used() - used)
    ratio = f"{taken.used / beside.used:8.1f}" if beside else ""
    print(f"  {words:<62}{taken.wall:8.2f} s {taken.used:8.2f} s {entries / taken.used:14,.0f}{ratio}", flush=True)
    return taken


def _bare_opening(made: Made, people: int) -> Taken:
    """What cannot be avoided of opening: AES-256-GCM and decoding, everything ready in memory."""
    blocks = [made.sets[number % len(made.sets)] for number in range(people)]
    nonce = secrets.token_bytes(12)
    ciphers = [AESGCM(secrets.token_bytes(32)) for _ in range(people)]
    sealed = [cipher.encrypt(nonce, block, b"") for cipher, block in zip(ciphers, blocks, strict=True)]

    def open_all() -> None:
        for cipher, one in zip(ciphers, sealed, strict=True):
            unpack(cipher.decrypt(nonce, one, b""))

    return timed("bare AES-256-GCM and decoding, ready keys, from memory", people * made.per_person, open_all)


def _opening(made: Made, people: Sequence[UUID], beside: Taken) -> None:
    study = made.protocol.study.code

    def open_all() -> None:
        with reading("keyring") as connection:
            openers = diary_openers(connection, made.keys, study=study, enrolments=None)
        with reading("registry") as connection:
            for row in connection.execute(sa.select(BLOCKS)):
                open_block(row, openers[row.enrolment], study=study)

    timed(
        "the same from keyring and registry, keys unwrapped and derived",
        len(people) * made.per_person,
        open_all,
        beside,
    )


def _bare_writing(made: Made, entries: int, beside: Taken) -> Taken:
    keys = made.keys
    snapshot = open_snapshot(
        made.shelf, study=made.protocol.study.code, number=None, snapshot_key=keys.snapshot, custody_public=keys.public
    )
    tables = [snapshot.table(name) for name in snapshot.instruments] + [snapshot.subjects]

    def write_all() -> None:
        for table in tables:
            pq.write_table(table, io.BytesIO(), compression="zstd")

    return timed("bare pyarrow writing of the published columns, unsealed", entries, write_all, beside)


def _reading(made: Made, entries: int, beside: Taken) -> None:
    keys = made.keys

    def read_all() -> None:
        snapshot = open_snapshot(
            made.shelf,
            study=made.protocol.study.code,
            number=None,
            snapshot_key=keys.snapshot,
            custody_public=keys.public,
        )
        for name in snapshot.instruments:
            assert snapshot.table(name) is not None
        assert snapshot.subjects is not None

    timed("the researcher's room reads all of it, hashes checked", entries, read_all, beside)


def measure(entries: int, processes: int) -> None:
    """One study of so many entries, from nothing to its fifth snapshot."""
    protocol, rng = load_protocol(SHIPPED), random.SystemRandom()
    with (
        tempfile.TemporaryDirectory(prefix="studyportal-benchmark-") as folder,
        made_study(Path(folder), protocol) as made,
    ):
        count = entries // made.per_person
        everybody = add_people(made, count)
        total, few = count * made.per_person, max(1, count // 100)
        print(f"\n{total:,} entries of {count:,} people, {processes} process(es)")
        print(f"  {'':<62}{'clock':>10} {'processor':>10} {'entries/s':>14}   ratio")
        bare = _bare_opening(made, count)
        _opening(made, everybody, bare)
        done: list[Published] = []

        def go() -> None:
            now = NOW + timedelta(days=len(done))
            exception = "demonstration" if done else None
            done.append(
                publish(
                    made.shelf, keys=made.keys, protocol=protocol, exception=exception, rng=rng, actor=ACTOR, now=now,
                    workers=Workers(processes, None),
                )
            )  # fmt: skip

        full = timed("full build, all of it", total, go, bare)
        writing = _bare_writing(made, total, bare)
        print(
            f"  {'full build beside bare opening and writing together':<86}{full.used / (bare.used + writing.used):20.1f}"
        )
        _reading(made, total, bare)
        timed(
            "of a build: who shares and the list of who left, twice",
            total,
            lambda: [_listed(made) for _ in range(2)],
            bare,
        )
        for words, change in (
            ("refresh, nothing new", lambda: None),
            ("refresh, 1 % newcomers", lambda: everybody.extend(add_people(made, few))),
            ("refresh, new entries of 1 %, who came one after the other", lambda: renew_blocks(made, everybody[-few:])),
            ("refresh, new entries of 1 %, spread over all", lambda: renew_blocks(made, everybody[:: count // few])),
            ("refresh, new entries of everybody", lambda: renew_blocks(made, everybody)),
        ):
            change()
            taken = timed(words, len(everybody) * made.per_person, go, bare)
            built = done[-1].built
            parts = f"{built.taken_over} parts taken over, {built.made} made, {built.opened} people opened"
            print(f"    {parts}; {taken.used / full.used:.0%} of a full build")
        assert len(published(made.shelf)) == len(done)
    peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"  peak memory {peaks[0]:,.0f} MB here, {peaks[1]:,.0f} MB in the largest child")


def _listed(made: Made) -> int:
    return renew_withdrawals(made.shelf, keys=made.keys, protocol=made.protocol, now=NOW)


def main() -> None:
    wanted = argparse.ArgumentParser(prog="python -m benchmarks.snapshots")
    wanted.add_argument("entries", type=int, nargs="*", default=list(SIZES))
    wanted.add_argument("--processes", type=int, default=1)
    given = wanted.parse_args()
    for entries in given.entries:
        measure(entries, given.processes)


if __name__ == "__main__":
    main()
