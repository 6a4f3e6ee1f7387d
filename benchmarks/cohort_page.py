"""Measure what a changed criterion costs on the cohort page: python -m benchmarks.cohort_page [entries ...]

A sealed snapshot on a shelf, the researcher's room as its own process, and a browser's requests over HTTP, one after
the other: 100,000, 1,000,000 and 10,000,000 diary entries of a hundredth as many people, unless other numbers are given
(the last takes two minutes and 2 GB of memory). Each round asks for people whom nobody asked for before.

- "criterion changed": the page with who is left after each criterion, nothing opened.
- "opened": Table 1 of eight items and the course of pain by week, from the click to the whole page: what is new is charged,
  worked out, protected and kept. The click leads on to the page, so these are two answers.
- "the page again": what was opened, once more.

Beside each, in this process and run: DuckDB, unprotected, on plain Parquet files of the same columns, which it reads
for every question; the room keeps the columns in memory. Answers leave at whole steps, so that their time tells
nothing: a tenth of a second where all was asked before, a quarter for a new cohort, a second where results are opened.
"worked out" is the same page in this process, without that, HTTP and the ledger: the ratio that means something. Aims:
300 ms for 95 of 100 changed criteria at 1,000,000 entries, worked out in at most three times bare; a second at
10,000,000. On a shared machine believe the ratios.
"""

import http.client
import re
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from itertools import product
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

import duckdb
import numpy as np
import pyarrow.parquet as pq

from benchmarks.serving import room
from studyportal.audit import Actor
from studyportal.custody.opening.key_file import load_keys
from studyportal.database import writing
from studyportal.portal.inside import inside
from studyportal.portal.making import SQLITE, Wanted, make_instance
from studyportal.protocol.offering import questions
from studyportal.research.cohorts.catalogue import TABLE_ONE, catalogue, division
from studyportal.research.cohorts.criteria import Criteria, read_criteria
from studyportal.research.cohorts.pictures import left
from studyportal.research.cohorts.selection import attrition, selected
from studyportal.research.holdings import held
from studyportal.research.results.cohort import Cohort
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.sealing.signatures import sign
from studyportal.snapshots.reading import Snapshot
from studyportal.snapshots.writing import write_withdrawals
from studyportal.web.sign_in.actions import add_account
from studyportal.web.sign_in.sessions import start_session
from studyportal.workbench.agreements import CURRENT, agreement, sign_agreement
from studyportal.workbench.applications import Wanted as WantedAccess
from studyportal.workbench.applications import add_application
from studyportal.workbench.grants import LABEL, GrantDocument, add_grant, encode
from tests.research.conftest import CONSENTS
from tests.research.study import PROTOCOL, RELEASED, alone, hand_made
from tests.snapshots.whole import write_snapshot

SIZES = (100_000, 1_000_000, 10_000_000)
# Three evenings of four are written, and a hundred entries are to be of one person.
WEEKS, PER_PERSON = 19, 100
ROUNDS = 40
PROJECT, STUDY = "P-1", "RT-1"
PAIN = "evening.pain"
COMMAND = Actor("research", "command", "benchmark")
# Whom to ask for: nobody is in two of these, so that no ledger is spent.
ASKED = ("baseline.age", "baseline.diagnosis", "baseline.sex")
Browser = Callable[[str, str], float]


def cohorts(opened: OpenedSnapshot) -> Iterator[Criteria]:
    """Cohorts by three answers each, the large ones first."""
    codes = [opened.variables[name].codes for name in reversed(ASKED)]
    for answers in product(*codes):
        yield read_criteria(zip(reversed(ASKED), answers, strict=True), opened)


def make(folder: Path, entries: int) -> Path:
    """An instance with one published snapshot of so many diary entries."""
    instance = folder / "instance"
    make_instance(Wanted(instance, PROTOCOL, "rt-1.yaml", True, SQLITE), now=datetime.now(UTC))
    made = hand_made(entries // PER_PERSON, weeks=WEEKS)
    with inside("custody", instance) as settings:
        keys = load_keys(settings.key_file).shelf_keys(STUDY)
        write_snapshot(
            settings.shelf, 1, protocol=RELEASED, protocol_digest="0" * 64, subjects=made.subjects, instruments=made.tables,
            consents=CONSENTS, keys=keys, now=datetime.now(UTC),
        )  # fmt: skip
        write_withdrawals(settings.shelf, frozenset(), sequence=1, keys=keys, now=datetime.now(UTC))
    return instance


def approve(instance: Path) -> str:
    """A researcher whom custody approved for everything; the token of a session."""
    now, text, known = datetime.now(UTC), agreement(CURRENT), tuple(questions(RELEASED))
    until = now + timedelta(days=90)
    with inside("custody", instance) as settings:
        signing = load_keys(settings.key_file).signing
    with inside("research", instance), writing("workbench") as connection:
        account = add_account(
            connection, "workbench", name="Rosa", role="researcher", site=None, passphrase=secrets.token_urlsafe(24), own_words=[],
            actor=COMMAND, now=now,
        )  # fmt: skip
        wanted = WantedAccess(
            title="Sore backs", purpose="Learn how backs fare.", plan="By week.", ethics_reference="EC 12", items=known,
            level="records", wanted_until=until.date(),
        )  # fmt: skip
        document = GrantDocument(
            grant=uuid4(), study=STUDY, project=PROJECT, account=UUID(str(account)), application=uuid4(), title=wanted.title,
            purpose=wanted.purpose, issued_at=now, expires_at=until, items=known, level="records", agreement=text.version,
            agreement_sha256=text.sha256.hex(),
        )  # fmt: skip
        add_application(connection, document.application, wanted, account=document.account, now=now)
        add_grant(connection, document, sign(LABEL, encode(document).encode(), key=signing))
        sign_agreement(connection, document, signed_name="Rosa", now=now)
        return start_session(connection, "workbench", account, how="totp", now=now)


@contextmanager
def browsing(port: int, token: str) -> Iterator[Browser]:
    """A function that sends a request as a browser does, reads the whole answer and says how many milliseconds it
    took."""
    connection = http.client.HTTPConnection("localhost", port, timeout=600)
    form, cookies = "", SimpleCookie({"__Host-research": token})

    def once(method: str, path: str) -> float:
        nonlocal form
        sent = "; ".join(f"{name}={one.value}" for name, one in cookies.items())
        headers = {"Cookie": sent, "Accept": "text/html"}
        body = None
        if method == "POST":
            headers |= {
                "Origin": f"http://localhost:{port}",
                "Sec-Fetch-Site": "same-origin",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            body = form
        began = time.perf_counter()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        page = answer.read()
        taken = 1000 * (time.perf_counter() - began)
        if answer.status not in (200, 303):
            raise RuntimeError(f"{method} {path}: {answer.status}")
        for given in answer.headers.get_all("Set-Cookie", []):
            cookies.load(given)
        if (found := re.search(rb'name="csrf_token" value="([^"]+)"', page)) is not None:
            form = urlencode({"csrf_token": found[1].decode()})
        return taken

    yield once
    connection.close()


def worked_out(opened: OpenedSnapshot, criteria: Criteria) -> None:
    """What the page of a cohort works out."""
    known, divided = catalogue(opened.codebook), division("", (), opened)
    cohort = Cohort(opened, selected(opened, criteria))
    charts = [left(attrition(opened, criteria), title="Who is in")]
    for name in (TABLE_ONE, PAIN):
        charts += known[name].make(cohort, divided).pictures
    for chart in charts:
        assert chart.document


class Bare:
    """DuckDB on the snapshot's columns in plain Parquet files: DuckDB 2.0 cannot skip rows of a sealed one."""

    def __init__(self, folder: Path, snapshot: Snapshot) -> None:
        self._connection = duckdb.connect()
        self.tables: dict[str, str] = {}
        for name, rows in (("subjects", snapshot.subjects), ("evening", snapshot.table("evening"))):
            pq.write_table(rows, folder / f"{name}.parquet", compression="zstd")
            self.tables[name] = f"read_parquet('{folder / name}.parquet')"

    def who_is_left(self, criteria: Criteria) -> None:
        """How many keep the first rules, one after the other."""
        tests = [self._test(rule.variable.name, rule.values) for rule in criteria.rules]
        counted = ", ".join(f"count(*) FILTER ({' AND '.join(tests[: last + 1])})" for last in range(len(tests)))
        self._connection.execute(f"SELECT count(*), {counted} FROM {self.tables['subjects']}").fetchall()

    def results(self, criteria: Criteria, items: Sequence[str]) -> None:
        """Eight distributions, and by week how many, their mean and its deviation."""
        keep = " AND ".join(self._test(rule.variable.name, rule.values) for rule in criteria.rules)
        columns = ", ".join(['"index"', *map(self._column, items)])
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE cohort AS SELECT {columns} FROM {self.tables['subjects']} WHERE {keep}"
        )
        for name in items:
            column = self._column(name)
            self._connection.execute(f"SELECT {column}, count(*) FROM cohort GROUP BY ALL").fetchall()
        weeks = f'SELECT "index", week, avg(pain) AS mean FROM {self.tables["evening"]} SEMI JOIN cohort USING ("index") GROUP BY ALL'
        self._connection.execute(
            f"SELECT week, count(*), avg(mean), stddev(mean) FROM ({weeks}) GROUP BY ALL"
        ).fetchall()

    def _test(self, name: str, values: Sequence[str]) -> str:
        return f"{self._column(name)} IN ({', '.join(repr(value) for value in values)})"

    def _column(self, name: str) -> str:
        return name.replace(".", "__", 1)


def measure(entries: int) -> None:
    """One snapshot, one room, one browser."""
    with tempfile.TemporaryDirectory(prefix="studyportal-benchmark-") as place:
        folder = Path(place)
        instance = make(folder, entries)
        token = approve(instance)
        with inside("research", instance) as settings:
            snapshot = held(settings, study=STUDY).shelf.published(None)
        opened, bare = OpenedSnapshot(snapshot, alone), Bare(folder, snapshot)
        items = [one.name for one in division("", (), opened).items]
        asked = [*cohorts(opened)][: ROUNDS + 1]
        print(
            f"\n{opened.index.size:,} people, {opened.rows('evening').num_rows:,} diary entries, {ROUNDS} cohorts; milliseconds"
        )
        print(f"  {'':<46}{'median':>8}{'p95':>8}{'worst':>8}{'times':>8}")
        with room("research", instance) as port, browsing(port, token) as browser:
            first = browser("GET", f"/projects/{PROJECT}/cohort?{urlencode(asked[0].terms)}")
            found = _rounds(browser, opened, bare, items, asked)
        for name, times in found.items():
            ratio = "" if name not in BESIDE else f"{np.median(times) / np.median(found[BESIDE[name]]):8.1f}"
            print(f"  {name:<46}{np.median(times):8.0f}{np.percentile(times, 95):8.0f}{max(times):8.0f}{ratio}")
        print(f"  the very first page of a started room, which loads the snapshot: {first:,.0f} ms", flush=True)


BESIDE = {
    "criterion changed": "bare: who is left",
    "opened": "bare: results",
    "the page again": "bare: results",
    "worked out": "bare: results",
}


def _rounds(
    browser: Browser, opened: OpenedSnapshot, bare: Bare, items: Sequence[str], asked: Sequence[Criteria]
) -> Mapping[str, Sequence[float]]:
    found: dict[str, list[float]] = {}
    for number, criteria in enumerate(asked):
        who = urlencode(criteria.terms)
        seen = f"{who}&{urlencode([('show', TABLE_ONE), ('show', PAIN)])}"
        address = f"/projects/{PROJECT}/cohort"
        changed = browser("GET", f"{address}?{who}")
        click = browser("POST", f"{address}/open?{seen}")
        page = browser("GET", f"{address}?{seen}")
        one = {
            "criterion changed": changed,
            "bare: who is left": _taken(lambda: bare.who_is_left(criteria)),  # noqa: B023
            "opened": click + page,
            "the page again": browser("GET", f"{address}?{seen}"),
            "worked out": _taken(lambda: worked_out(opened, criteria)),  # noqa: B023
            "bare: results": _taken(lambda: bare.results(criteria, items)),  # noqa: B023
        }
        # The first round works out what is kept for all.
        for name, taken in one.items() if number else ():
            found.setdefault(name, []).append(taken)
    return found


def _taken(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    for entries in [int(given) for given in sys.argv[1:]] or SIZES:
        measure(entries)


if __name__ == "__main__":
    main()
