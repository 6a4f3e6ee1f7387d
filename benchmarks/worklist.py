"""Measure the clinic's Today with 10,000 participants at one site: python -m benchmarks.worklist [people] [rounds]

The page as a clinician's browser gets it, whole, of one kind, and searched by code, beside the bare queries of the same
list in the same process and run; on SQLite and on a PostgreSQL whose commits reach the disk. Aim: 300 ms for 95 of 100
pages. Rows are put in as they stand after four weeks: states and times, with nothing under the seals, which the list
never opens. On a shared machine believe the ratios.
"""

import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask

from benchmarks.accepting import DATABASES
from benchmarks.timeline import timed
from studyportal.clinic.worklist.needs import Asked, needs_of_site
from studyportal.database import db, reading, writing
from studyportal.portal.composing import create_app
from studyportal.portal.inside import inside
from studyportal.portal.making import Wanted, make_instance
from studyportal.portal.settings import read_settings
from studyportal.protocol import SHIPPED, Protocol
from studyportal.registry.alert_tables import SAFETY_ALERTS
from studyportal.registry.codes import new_participant_code
from studyportal.registry.message_tables import MESSAGES
from studyportal.registry.sites import add_site
from studyportal.registry.tables import CONSENT_RECORDS, ENROLMENTS, SEALED_ENTRIES
from studyportal.web.sign_in.sessions import start_session
from studyportal.web.sign_in.tables import SIGN_IN
from tests.journeys.house import hidden_fields

PEOPLE, ROUNDS = 10_000, 40
DAYS = 28
GIVEN = 0.8  # of the evenings
SILENT = 0.02  # of the people wrote nothing for a week
ALERTED, WRITING = 0.01, 0.03  # have an alert that runs, a message that nobody read
AT_ONCE = 20_000  # rows of one statement


def _rows(people: int, protocol: Protocol, now: datetime, rng: random.Random) -> Iterator[tuple[sa.Table, dict]]:
    for _ in range(people):
        id, start = uuid4(), now - timedelta(days=rng.randint(1, DAYS))
        about = {"zone": "Europe/Berlin", "source": "synthetic"}
        place = {"site": "NS", "claimed_at": start, "started_on": start.date()}
        yield ENROLMENTS, {"id": id, "participant_code": new_participant_code("NS", rng), **about, **place}
        consent = {"form_version": protocol.consent.version, "text_sha256": bytes(32), "scopes": '["study"]'}
        yield CONSENT_RECORDS, {"id": uuid4(), "enrolment": id, **consent, "agreed_at": start, **about}
        until = now - timedelta(days=7) if rng.random() < SILENT else now
        last = uuid4()
        yield SEALED_ENTRIES, _entry(last, id, "baseline", 1, start)
        for number in range(1, (until - start).days // 7 + 1):
            yield SEALED_ENTRIES, _entry(uuid4(), id, "weekly", number, start + timedelta(days=7 * number))
        for number, day in enumerate(range((until - start).days), start=1):
            if rng.random() < GIVEN:
                last = uuid4()
                yield SEALED_ENTRIES, _entry(last, id, "evening", number, start + timedelta(days=day, hours=12))
        if rng.random() < ALERTED:
            level = rng.choice(["low", "high", "urgent"])
            about = {"enrolment": id, "entry": last, "source": "entry", "sealed": b"-"}
            yield SAFETY_ALERTS, {"id": uuid4(), "level": level, "raised_at": now, **about}
        if rng.random() < WRITING:
            yield MESSAGES, {"id": uuid4(), "enrolment": id, "sent_at": now, "sender": "participant", "sealed": b"-"}


def _entry(id: UUID, enrolment: UUID, instrument: str, number: int, at: datetime) -> dict:
    sealed = {"commitment": bytes(32), "receipt": bytes(64), "sealed": b"-"}
    return {"id": id, "enrolment": enrolment, "schedule": instrument, "occasion": number, "received_at": at, **sealed}


def _fill(folder: Path, people: int, protocol: Protocol, now: datetime) -> tuple[str, str]:
    """A site with its participants and a clinician; her session's token and the code of one participant."""
    kept: dict[sa.Table, list[dict]] = {}
    for table, row in _rows(people, protocol, now, random.Random(1)):
        kept.setdefault(table, []).append(row)
    with inside("custody", folder):
        with writing("registry") as connection:
            add_site(connection, "NS", name="Northside", now=now)
            for table in (ENROLMENTS, CONSENT_RECORDS, SEALED_ENTRIES, SAFETY_ALERTS, MESSAGES):
                rows = kept[table]
                for at in range(0, len(rows), AT_ONCE):
                    connection.execute(sa.insert(table), rows[at : at + AT_ONCE])
            account = {"id": uuid4(), "name": "abe", "shown_name": "Abe", "role": "clinician", "site": "NS"}
            account |= {"passphrase_hash": "", "created_at": now}
            connection.execute(sa.insert(SIGN_IN["registry"].accounts), account)
            token = start_session(connection, "registry", account["id"], how="totp", now=now)
        with db.engines["registry"].connect() as connection:
            connection.execute(sa.text("ANALYZE"))
            connection.commit()
    print(f"{people:,} participants, " + ", ".join(f"{len(rows):,} {table.name}" for table, rows in kept.items()))
    return token, kept[ENROLMENTS][people // 2]["participant_code"]


def _measure(folder: Path, token: str, code: str, protocol: Protocol, now: datetime, rounds: int) -> None:
    settings = read_settings("clinic", folder)
    clinic = create_app("clinic", settings)

    def queries() -> None:
        with reading("registry", site="NS") as connection:
            list(needs_of_site(Asked(connection, "NS", uuid4(), protocol, now)))

    with clinic.app_context():
        bare = timed("bare queries of the list", queries, rounds)
    for words, ask in (
        ("Today, everything", _opened(clinic, settings.origin, token, "/")),
        ("Today, alerts alone", _opened(clinic, settings.origin, token, "/?kind=alert")),
        ("searched by code", _searched(clinic, settings.origin, token, code)),
    ):
        page = timed(words, ask, rounds)
        print(f"  {f'{words} over the bare queries':<46}{page / bare:6.2f} x", flush=True)


def _opened(clinic: Flask, origin: str, token: str, path: str) -> Callable[[], object]:
    client = clinic.test_client()
    client.set_cookie("__Host-clinic", token, domain="localhost", secure=True)

    def once() -> None:
        answer = client.get(path, base_url=origin)
        assert answer.status_code == 200, answer.status

    return once


def _searched(clinic: Flask, origin: str, token: str, code: str) -> Callable[[], object]:
    client = clinic.test_client()
    client.set_cookie("__Host-clinic", token, domain="localhost", secure=True)
    form = hidden_fields(client.get("/", base_url=origin).text) | {"code": code}

    def once() -> None:
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        answer = client.post("/", data=form, base_url=origin, headers=headers)
        assert answer.status_code == 200, answer.status

    return once


def main() -> None:
    people, rounds = (int(word) for word in [*sys.argv[1:], str(PEOPLE), str(ROUNDS)][:2])
    now = datetime.now(UTC)
    for name, database in DATABASES.items():
        print(f"\n{name}")
        with database() as url, tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / "i"
            protocol = make_instance(
                Wanted(folder, SHIPPED.read_text(encoding="utf-8"), "protocol.yaml", False, url), now=now
            )
            token, code = _fill(folder, people, protocol, now)
            _measure(folder, token, code, protocol, now, rounds)


if __name__ == "__main__":
    main()
