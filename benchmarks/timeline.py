"""Measure the timeline of one participant with 2,000 entries: python -m benchmarks.timeline [rounds]

The page as a clinician's browser gets it (sign-in looked up, purpose looked up, desk asked, everything opened,
rendered), beside what cannot be saved: the bare queries and the bare opening of the same entries, in the same process
and the same run. Once with every entry fresh, each under a seal of its own, and once folded into blocks, as they are an
hour later; the desk called directly, and through its Unix socket as the process that it is in production. Aim: 500 ms
for 95 of 100 pages. On a shared machine believe the ratios.
"""

import random
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask

from studyportal.audit import Actor
from studyportal.clinic.desk import install_desk, over_socket
from studyportal.custody.compaction.actions import compact
from studyportal.custody.desk_service.app import asked_directly
from studyportal.custody.desk_service.opening import course_of, diary_opener
from studyportal.custody.opening.key_file import Keys, load_keys
from studyportal.database import reading, writing
from studyportal.intake.enrolment.actions import enrol_without_passphrase
from studyportal.portal.composing import create_app
from studyportal.portal.inside import inside
from studyportal.portal.making import Wanted, make_instance
from studyportal.portal.serving import server_options
from studyportal.portal.settings import read_settings
from studyportal.protocol import SHIPPED, DiaryEntry, Protocol, commitment_body, encode
from studyportal.protocol.entry import read_blind, write_blind
from studyportal.registry.contexts import entry_context
from studyportal.registry.desk import begin_visit
from studyportal.registry.enrolments import public_key
from studyportal.registry.entries import blocks_of, entries_of
from studyportal.registry.sites import add_site
from studyportal.registry.tables import SEALED_ENTRIES
from studyportal.sealing import seal
from studyportal.sealing.signatures import commitment
from studyportal.web.sign_in.sessions import live_session, start_session
from studyportal.web.sign_in.tables import SIGN_IN

DAYS, DOSES = 365, 817  # with follow-ups, 52 weeks, 12 months and the baseline: 2,064
ROUNDS = 40
ACTOR = Actor("custody", "command", "benchmark")


def _answers(rng: random.Random, protocol: Protocol, instrument: str) -> dict:
    draw: dict[str, Callable] = {
        "rating": lambda item: rng.randrange(11),
        "yes_no": lambda item: rng.random() < 0.3,
        "decimal": lambda item: rng.randrange(20) / 2,
        "choice": lambda item: rng.choice(list(item.choices)),
        "notes": lambda item: "It rained all day, and I slept in the afternoon.",
        "score": lambda item: float(rng.randrange(int(item.maximum))),
    }
    items = protocol.instruments[instrument].items.values()
    return {item.name: draw[item.kind](item) for item in items if item.kind in draw}


def _entries(
    protocol: Protocol, start: datetime, rng: random.Random
) -> Iterator[tuple[UUID, str, int | None, datetime, DiaryEntry]]:
    def made(instrument: str, occasion: int | None, at: datetime, **more: str) -> tuple:
        entry = DiaryEntry(
            instrument=instrument,
            protocol_version=protocol.study.version,
            diary_date=at.date().isoformat(),
            zone="Europe/Berlin",
            source="synthetic",
            answers=_answers(rng, protocol, instrument),
            blind=write_blind(secrets.token_bytes(32)),
            saved_at=at.isoformat(),
            **more,
        )
        return uuid4(), instrument if occasion else "on_demand", occasion, at, entry

    yield made("baseline", 1, start)
    for number in range(DAYS):
        yield made("evening", number + 1, start + timedelta(days=number))
    for number in range(51):
        yield made("weekly", number + 1, start + timedelta(days=7 * (number + 1)))
    for number in range(12):
        yield made("monthly", number + 1, start + timedelta(days=28 + 30 * number))
    for number in range(DOSES):
        at = start + timedelta(days=number * DAYS / DOSES)
        dose = made("dose", None, at, event_at=at.isoformat())
        yield dose
        later = at + timedelta(hours=5)
        yield made("follow_up", None, later, event_at=later.isoformat(), follows=str(dose[0]))


def _fill(folder: Path, keys: Keys, protocol: Protocol, now: datetime) -> tuple[UUID, str]:
    """A participant of the last year and a clinician's session with a visit to her; the enrolment and the token."""
    start, account = now - timedelta(days=DAYS), uuid4()
    study = protocol.study.code
    with inside("custody", folder):
        with writing("registry") as connection:
            add_site(connection, "NS", name="Northside", now=now)
        common = {"source": "synthetic", "zone": "Europe/Berlin", "actor": ACTOR, "now": now}
        her = enrol_without_passphrase(
            "NS", started_on=start.date(), study=study, custody_public_key=keys.public, **common
        )
        with writing("registry") as connection:
            to = public_key(connection, her, "diary")
            rows = [
                {
                    "id": id,
                    "enrolment": her,
                    "schedule": schedule,
                    "occasion": occasion,
                    "received_at": at,
                    "commitment": commitment(read_blind(entry.blind), commitment_body(entry)),
                    "receipt": bytes(64),
                    "sealed": seal(encode(entry), to=to, about=entry_context(study, her, id)),
                }
                for id, schedule, occasion, at, entry in _entries(protocol, start, random.Random(1))
            ]
            connection.execute(sa.insert(SEALED_ENTRIES), rows)
            row = {"id": account, "name": "abe", "shown_name": "Abe", "role": "clinician", "site": "NS"}
            connection.execute(
                sa.insert(SIGN_IN["registry"].accounts), row | {"passphrase_hash": "", "created_at": now}
            )
            token = start_session(connection, "registry", account, how="totp", now=now)
            session = live_session(connection, "registry", token, now=now)
            begin_visit(
                connection, uuid4(), session=session.id, account=account, enrolment=her, purpose="review", now=now
            )
    print(f"One participant with {len(rows):,} entries.")
    return her, token


def timed(what: str, once: Callable[[], object], rounds: int) -> float:
    """Print the median and the 95th percentile; gives the latter, in ms."""
    once()
    took, used = [], []
    for _ in range(rounds):
        began, before = time.perf_counter(), time.process_time()
        once()
        took.append((time.perf_counter() - began) * 1000)
        used.append((time.process_time() - before) * 1000)
    p95, own = statistics.quantiles(took, n=20)[-1], statistics.quantiles(used, n=20)[-1]
    middle = statistics.median(took)
    print(f"  {what:<46}{middle:6.0f} ms, p95 {p95:5.0f} ms; of this process p95 {own:5.0f} ms", flush=True)
    return p95


def _page(clinic: Flask, origin: str, cookie: str, token: str, path: str) -> Callable[[], object]:
    client = clinic.test_client()
    client.set_cookie(cookie, token, domain="localhost", secure=True)

    def once() -> None:
        answer = client.get(path, base_url=origin)
        assert answer.status_code == 200, answer.status

    return once


@contextmanager
def _desk_process(folder: Path, path: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "studyportal.portal.command_line", "desk", "--instance", str(folder)]
    process = subprocess.Popen(command)
    try:
        while True:
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(path)) == 0:
                    break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()


def _measure(folder: Path, her: UUID, token: str, protocol: Protocol, rounds: int) -> None:
    settings = {room: read_settings(room, folder) for room in ("clinic", "custody")}
    clinic, custody = (create_app(room, settings[room]) for room in settings)
    origin, at = settings["clinic"].origin, f"/participants/{her}/timeline"
    keys, study = load_keys(settings["custody"].key_file), protocol.study.code
    # As a room's process does before its first request.
    server_options(settings["clinic"])["post_worker_init"](None)

    def queries() -> None:
        with reading("registry") as connection:
            entries_of(connection, her), blocks_of(connection, her)

    def opening() -> None:
        course_of(her, diary_opener(her, keys=keys, study=study), protocol=protocol, started_on=None)

    with custody.app_context():
        bare = timed("bare queries", queries, rounds)
        bare = timed("bare queries and opening", opening, rounds)
    install_desk(clinic, asked_directly(custody, settings["custody"]))
    for words, span in (("4 weeks", "4"), ("12 weeks", "12"), ("the whole year", "all")):
        page = timed(
            f"page, {words}, desk in this process",
            _page(clinic, origin, "__Host-clinic", token, f"{at}?range={span}"),
            rounds,
        )
    print(f"  {'the whole year over queries and opening':<46}{page / bare:6.1f} x")
    path = settings["custody"].desk
    with _desk_process(folder, path):
        install_desk(clinic, over_socket(path))
        for words, span in (("4 weeks", "4"), ("the whole year", "all")):
            timed(
                f"page, {words}, desk over its socket",
                _page(clinic, origin, "__Host-clinic", token, f"{at}?range={span}"),
                rounds,
            )


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "i"
        wanted = Wanted(folder, SHIPPED.read_text(encoding="utf-8"), "protocol.yaml", False)
        protocol = make_instance(wanted, now=now)
        keys = load_keys(read_settings("custody", folder).key_file)
        her, token = _fill(folder, keys, protocol, now)
        print("\nEvery entry fresh")
        _measure(folder, her, token, protocol, rounds)
        with inside("custody", folder):
            compact(keys=keys, protocol=protocol, actor=ACTOR, now=now)
        print("\nFolded into blocks")
        _measure(folder, her, token, protocol, rounds)


if __name__ == "__main__":
    main()
