"""Whoever does the work, this process, a pool, or the workers of a scheduler: the snapshot is the same."""

import pickle
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from studyportal.custody.opening.entries import diary_seeds
from studyportal.custody.publishing import building
from studyportal.custody.publishing.making import make_part
from studyportal.custody.spreading import workers as spreading
from studyportal.custody.spreading.settings import SchedulerSettings
from studyportal.custody.spreading.workers import ALONE, Workers, in_order, workers_of
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen, Unavailable
from studyportal.registry.tables import BLOCKS
from studyportal.snapshots import parts
from tests.custody.test_refresh import go, tables


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(parts, "PER_PART", 4)
    monkeypatch.setattr(parts, "FEWEST", 2)
    monkeypatch.setattr(building, "WORTHWHILE", 2)


@pytest.fixture
def study(small_house):
    for _ in range(12):
        person = small_house.participant()
        small_house.baseline(person)
        small_house.evening(person, 1)
    go(small_house)
    return small_house


@pytest.fixture(scope="module")
def scheduler():
    """A scheduler with two worker processes on this machine."""
    distributed = pytest.importorskip("distributed", reason="the group `scale` is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster


def anew(house, monkeypatch, workers):
    monkeypatch.setattr(building, "former_of", lambda last: building.Former({}))
    return go(house, workers=workers).built


def test_a_pool_makes_what_one_process_makes(study, monkeypatch):
    built = anew(study, monkeypatch, Workers(2, None))

    assert built.made == 3 and tables(study, 2) == tables(study, 1)


def test_the_workers_of_a_scheduler_make_what_one_process_makes(study, scheduler, monkeypatch):
    at = Workers(1, SchedulerSettings(address=scheduler.scheduler_address))

    built = anew(study, monkeypatch, at)

    assert built.made == 3 and tables(study, 2) == tables(study, 1)
    assert len(scheduler.scheduler_info["workers"]) == 2


def test_what_a_worker_raises_comes_up_and_nothing_is_published(study, scheduler, monkeypatch):
    with writing("registry") as connection:
        connection.execute(BLOCKS.update().values(revision=9))

    for workers in (ALONE, Workers(2, None), Workers(1, SchedulerSettings(address=scheduler.scheduler_address))):
        with pytest.raises(CannotOpen):
            go(study, workers=workers)


def test_a_scheduler_that_does_not_answer_stops_the_publication(study, monkeypatch):
    pytest.importorskip("distributed", reason="the group `scale` is not installed")
    monkeypatch.setattr(spreading, "PATIENCE", 1)

    with pytest.raises(Unavailable):
        anew(study, monkeypatch, Workers(1, SchedulerSettings(address="tcp://127.0.0.1:9")))


def test_a_task_holds_no_seed_and_shows_nothing(study, monkeypatch):
    seen = []
    monkeypatch.setattr(building, "make_part", lambda task, protocol: (seen.append(task), make_part(task, protocol))[1])

    anew(study, monkeypatch, ALONE)

    keys = study.keys
    people = [one for task in seen for one in task.people]
    assert len(people) == 12 and {len(one.key) for one in people} == {40}
    said = repr(seen) + repr([make_part(task, study.protocol) for task in seen])
    assert not re.search(r"\\x|key|sealed=|record_key", said.replace("record_key_1", "").replace("record_key_2", ""))
    held = pickle.dumps(seen)
    assert not [secret for secret in (keys.signing, keys.snapshot, keys.pseudonym) if secret in held]
    with reading("keyring") as connection:
        seeds = diary_seeds(connection, keys, study=study.study, enrolments=None).values()
    assert len(seeds) == 12 and not [seed for seed in seeds if seed in held or seed[:32] in held or seed[64:] in held]


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "tcp://scheduler.example.org:8786"},
        {"address": "tls://scheduler.example.org:8786"},
        {"address": "http://127.0.0.1:8786"},
        {"address": "tls://127.0.0.1"},
        {"address": "tcp://127.0.0.1:8786", "ca_file": Path("/ca.pem")},
        {"address": "tls://h:1", "ca_file": "ca.pem", "certificate": "/c.pem", "private_key": "/k.pem"},
    ],
)
def test_keys_travel_over_no_open_line(wrong):
    with pytest.raises(ValueError):
        SchedulerSettings(**wrong)


def test_tasks_are_taken_a_few_ahead_and_come_back_in_order(protocol, monkeypatch):
    taken = []

    def tasks():
        for number in range(9):
            taken.append(number)
            yield number

    with ThreadPoolExecutor(1) as threads:
        doubled = in_order(threads, lambda task, sources: task * 2, tasks(), protocol=protocol, ahead=2)
        monkeypatch.setattr(spreading, "_elsewhere", lambda work, task, sources: work(task, sources))
        found = [(task, result, len(taken)) for task, result in doubled]

    assert [(task, result) for task, result, _ in found] == [(number, 2 * number) for number in range(9)]
    assert all(seen <= task + 3 for task, _, seen in found)
    assert workers_of(None).processes >= 1
