"""Measure how fast entries are accepted durably: JSON and form, SQLite (synchronous FULL) and PostgreSQL.

Run with `python -m benchmarks.accepting`. Beside it, in the same run, on the same server with as many workers and
threads, a Flask application that only says hello. The client shares the machine and takes its part of it.
"""

import argparse
import http.client
import re
import secrets
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec
import sqlalchemy as sa

from benchmarks import load
from benchmarks.serving import hello, room
from studyportal.audit import Actor
from studyportal.database import writing
from studyportal.intake.enrolment.actions import enrol_without_passphrase
from studyportal.intake.enrolment.sign_in import add_device, start_session
from studyportal.portal.inside import inside
from studyportal.portal.making import SQLITE, Wanted, make_instance
from studyportal.protocol import SHIPPED, load_protocol, local_date
from studyportal.protocol.entry import write_blind
from studyportal.registry.sites import add_site
from studyportal.registry.tables import ENROLMENTS
from studyportal.sealing.passphrase import SALT_SIZE, Root, derive, generate_passphrase
from tests.postgresql import Server

EVENING = {
    "pain_average": 6,
    "pain_worst": 8,
    "pain_now": 5,
    "mood": 4,
    "energy": 3,
    "sleep_quality": 5,
    "hours_slept": 6.5,
    "function": 4,
    "flare": True,
    "flare_cause": "A long drive, then the stairs",
    "rescue_medicine": False,
    "stress": False,
    "note": "Better after lying down. " * 6,
}
CONNECTIONS = 16
WARM_UP = 200
ROUNDS = 3
# Ports of our own: a study may be served on this machine beside the measurement.
PORT, HELLO_PORT = 8900, 8999
HOST = f"localhost:{PORT}"


@dataclass(frozen=True, slots=True)
class People:
    """Enrolled people: a device's token each, and a browser's session each for the first few."""

    study: str
    zone: str
    devices: Sequence[str]
    sessions: Sequence[str]


def evening_zone(now: datetime) -> str:
    """A zone in which it is about 20:00, so that the evening diary is open."""
    ahead = (20 - now.hour + 12) % 24 - 12
    # These names count westwards: Etc/GMT-2 is two hours ahead of UTC.
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def enrol(instance: Path, people: int) -> People:
    """Enrol so many people at one site."""
    now, actor = datetime.now(UTC), Actor("intake", "command", "benchmark")
    zone = evening_zone(now)
    with inside("intake", instance) as settings:
        study = load_protocol(settings.protocol).study.code
        with writing("registry") as connection:
            add_site(connection, "NS", name="Northside", now=now)
        enrolments = [
            enrol_without_passphrase(
                "NS",
                source="synthetic",
                zone=zone,
                started_on=local_date(now, zone) - timedelta(days=1),
                study=study,
                custody_public_key=settings.custody_public,
                actor=actor,
                now=now,
            )
            for _ in range(people)
        ]
        root = _one_passphrase_for_all(salt=secrets.token_bytes(SALT_SIZE))
        devices = [add_device(one, root, now=now).token for one in enrolments]
        lasting = timedelta(hours=1)
        sessions = [
            start_session(one, root, study=study, lasting=lasting, now=now).token for one in enrolments[:CONNECTIONS]
        ]
    return People(study, zone, devices, sessions)


def _one_passphrase_for_all(*, salt: bytes) -> Root:
    """What one passphrase yields, put into the place of everybody's: making one for each takes minutes."""
    root = derive(generate_passphrase(), salt=salt)
    new = {"salt": salt, "verifier_hash": root.verifier_hash, "consent_public": root.consent_public}
    with writing("registry") as connection:
        connection.execute(sa.update(ENROLMENTS).values(new | {"reading_public": root.reading_public.raw}))
    return root


def evening(token: str, zone: str) -> bytes:
    """One evening diary as an app sends it."""
    sent = {
        "id": str(uuid4()),
        "instrument": "evening",
        "answers": EVENING,
        "blind": write_blind(secrets.token_bytes(32)),
        "zone": zone,
        "saved_at": datetime.now(UTC).isoformat(),
    }
    headers = [("Authorization", f"Bearer {token}"), ("Content-Type", "application/json")]
    return load.request("POST", "/api/entries", host=HOST, body=msgspec.json.encode(sent), headers=headers)


def dose_form(port: int, people: People) -> Callable[[int], bytes]:
    """A function that gives the n-th submission of the dose form, by one of the browsers' sessions."""
    pages = [_open_form(port, session) for session in people.sessions]
    today = local_date(datetime.now(UTC), people.zone).isoformat()
    answers = {"substance": "unknown", "amount": "2.5", "unit": "pieces", "taken": f"{today}T00:01", "pain_before": "6"}

    def submission(number: int) -> bytes:
        cookies, token = pages[number % len(pages)]
        hidden = {
            "entry-id": str(UUID(bytes=secrets.token_bytes(16))),
            "entry-blind": write_blind(secrets.token_bytes(32)),
            "entry-zone": people.zone,
            "csrf_token": token,
        }
        headers = [
            ("Cookie", cookies),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Origin", f"http://{HOST}"),
            ("Sec-Fetch-Site", "same-origin"),
        ]
        return load.request(
            "POST", "/diary/dose", host=HOST, body=urlencode(hidden | answers).encode(), headers=headers
        )

    return submission


def _open_form(port: int, session: str) -> tuple[str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/diary/dose", headers={"Host": HOST, "Cookie": f"__Host-intake={session}"})
    response = connection.getresponse()
    page = response.read().decode()
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if response.status != 200 or not found:
        raise RuntimeError(f"the dose form did not open: status {response.status}")
    given = [header.split(";")[0] for header in response.headers.get_all("Set-Cookie") or []]
    return "; ".join([f"__Host-intake={session}", *given]), found[1]


def rate(port: int, rounds: Sequence[Sequence[bytes]], *, expected: int) -> list[load.Load]:
    """Send each round; every answer must have the expected status, or the figure would mean nothing."""
    loads = [load.send(port, requests, connections=CONNECTIONS) for requests in rounds]
    statuses = sum((one.statuses for one in loads), Counter())
    if set(statuses) != {expected}:
        raise RuntimeError(f"not every request was answered with {expected}: {dict(statuses)}")
    return loads


def show(name: str, loads: Sequence[load.Load], baseline: float) -> None:
    """One line: the median rate, its spread, its ratio to hello, and latencies."""
    rates = sorted(one.rate for one in loads)
    middle = statistics.median(rates)
    latency = f"p50 {loads[-1].percentile(0.5):.0f} ms, p99 {loads[-1].percentile(0.99):.0f} ms"
    print(
        f"{name:<34}{middle:>8.0f}/s  ({rates[0]:.0f}-{rates[-1]:.0f})  {middle / baseline:>6.2f} of hello   {latency}",
        flush=True,
    )


@contextmanager
def postgresql() -> Iterator[str]:
    """A durable server with the three databases; gives the address template."""
    server = Server(durable=True)
    try:
        for bind in ("registry", "keyring", "workbench"):
            server.run(f"CREATE DATABASE {bind}")
        yield server.url("{bind}")
    finally:
        server.stop()


@contextmanager
def sqlite() -> Iterator[str]:
    """Files in the instance's folder."""
    yield SQLITE


DATABASES = {"SQLite FULL": sqlite, "PostgreSQL": postgresql}


def measure(database: str, per_round: int, *, workers: int, threads: int) -> None:
    """Print the lines of one kind of database."""
    with DATABASES[database]() as url, tempfile.TemporaryDirectory(prefix="studyportal-benchmark-") as folder:
        instance = Path(folder) / "instance"
        make_instance(Wanted(instance, SHIPPED.read_text(), "mcp-1.yaml", True, url), now=datetime.now(UTC))
        settings = instance / "intake.toml"
        chosen = {"workers": workers, "threads": threads, "port": PORT, "origin": f'"http://{HOST}"'}
        for name, value in chosen.items():
            settings.write_text(re.sub(rf"(?m)^{name} = .*$", f"{name} = {value}", settings.read_text()))
        people = enrol(instance, WARM_UP + ROUNDS * per_round)
        with hello(port=HELLO_PORT, workers=workers, threads=threads) as port:
            body = evening(people.devices[0], people.zone)
            hellos = rate(port, [[body.replace(b"/api/entries", b"/")] * 3000] * ROUNDS, expected=200)
        baseline = statistics.median(one.rate for one in hellos)
        show("hello", hellos, baseline)
        with room("intake", instance) as port:
            requests = [evening(token, people.zone) for token in people.devices]
            rate(port, [requests[:WARM_UP]], expected=201)
            fresh = requests[WARM_UP:]
            rounds = [fresh[at : at + per_round] for at in range(0, len(fresh), per_round)]
            show(f"JSON, {database}", rate(port, rounds, expected=201), baseline)
            form = dose_form(port, people)
            rate(port, [[form(n) for n in range(WARM_UP)]], expected=303)
            show(
                f"form, {database}",
                rate(port, [[form(n) for n in range(per_round)] for _ in range(ROUNDS)], expected=303),
                baseline,
            )


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=1000, help="entries in each of three rounds")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--databases", nargs="*", choices=list(DATABASES), default=list(DATABASES))
    chosen = parser.parse_args()
    print(f"{chosen.workers} workers x {chosen.threads} threads, {CONNECTIONS} connections, client on the same machine")
    for database in chosen.databases:
        measure(database, chosen.entries, workers=chosen.workers, threads=chosen.threads)


if __name__ == "__main__":
    main()
