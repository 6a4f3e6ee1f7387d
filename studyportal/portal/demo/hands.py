"""Share the writing of people's past among processes. Each has its own connections and its own chain in the trail.

Processes are spawned, not forked: a forked one would go on with its parent's chain.
"""

import gc
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

from studyportal.custody.compaction.actions import compact
from studyportal.custody.opening.key_file import load_keys
from studyportal.intake.pausing import actions as pausing
from studyportal.portal.demo.entries import entries_sent, paused, started_on
from studyportal.portal.demo.generator import draw_person
from studyportal.portal.demo.past import ACTOR, Study, enrol, fold_past
from studyportal.portal.demo.places import SITES
from studyportal.portal.demo.recent import parted, send
from studyportal.portal.inside import databases_of
from studyportal.protocol import read_protocol
from studyportal.sealing.signatures import Signer

TOGETHER = 40  # people per piece of work: a transaction of some 4,000 rows


@dataclass(frozen=True, slots=True)
class Job:
    """All a process must know; key material travels as the paths of the files that hold it, or as the receipt seed."""

    databases: Mapping[str, str]
    protocol: str
    key_file: Path
    receipt_seed: bytes
    seed: int
    window: int
    today: date
    now: datetime

    def __repr__(self) -> str:
        return "Job(...)"


class Done(NamedTuple):
    """What one piece of work wrote."""

    enrolments: Mapping[int, UUID]
    past: int
    recent: int


def study_of(job: Job) -> Study:
    """The study with its keys, read from where the job says."""
    protocol = read_protocol(job.protocol, name="protocol.yaml")
    return Study(protocol, load_keys(job.key_file), Signer(job.receipt_seed), job.today, job.now)


def write_people(job: Job, indices: Sequence[int], enrolled: Mapping[int, UUID], *, processes: int) -> Iterator[Done]:
    """Write the people of these indices; those in `enrolled` have their enrolment already. Yields as pieces finish."""
    pieces = [indices[at : at + TOGETHER] for at in range(0, len(indices), TOGETHER)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(job,)) as pool:
        waiting = [
            pool.submit(_write, piece, {index: enrolled[index] for index in piece if index in enrolled})
            for piece in pieces
        ]
        for piece in as_completed(waiting):
            yield piece.result()


class _Mine:
    databases = ExitStack()
    job: Job
    study: Study


def _begin(job: Job) -> None:
    # Nothing here is kept in circles: looking for them among so many rows costs a twentieth of the time.
    gc.disable()
    # For as long as the process lives; its end closes the connections.
    _Mine.databases.enter_context(databases_of(job.databases))
    _Mine.job, _Mine.study = job, study_of(job)


def _write(indices: Sequence[int], enrolled: Mapping[int, UUID]) -> Done:
    job, study = _Mine.job, _Mine.study
    people = [
        draw_person(index, seed=job.seed, window=job.window, sites=len(SITES), today=job.today) for index in indices
    ]
    enrolments = dict(enrolled) | enrol([person for person in people if person.index not in enrolled], study)
    past, recent = {}, []
    for person in people:
        zone = SITES[person.site].zone
        sent = entries_sent(person, today=job.today, zone=zone, now=job.now, new_id=uuid4)
        before, fresh = parted(sent, study)
        past[enrolments[person.index]] = person, before
        recent.append((enrolments[person.index], person, fresh))
        if pause := paused(person, started_on(person, job.today), zone):
            pausing.pause(enrolments[person.index], until=pause.until, now=pause.began_at)
    sent_now = sum(send(*one, study) for one in recent)
    # First the few fresh ones, into a block of their own, as the worker does every hour; after the past it would have
    # to open and fold all of it again.
    compact(keys=study.keys, protocol=study.protocol, actor=ACTOR, now=study.now, enrolments=past)
    return Done(enrolments, fold_past(past, study), sent_now)
