"""Measure the cohort report of the demonstration: python -m benchmarks.report [participants] [rounds]

Everything that stands between a researcher's wish and the signed file (tables through the disclosure engine, pictures,
paper, signature), beside the bare numbers: DuckDB computing the same distributions, weekly counts and weekly means,
unprotected, from the same tables, in the same process and the same run. Aim: 3 seconds. On a shared machine believe the
ratios.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import duckdb

from studyportal.charts import drawing
from studyportal.portal.demo.building import Progress, Size, make_demo
from studyportal.portal.demo.command import SEED
from studyportal.portal.inside import inside
from studyportal.portal.settings import read_settings
from studyportal.protocol import load_protocol
from studyportal.research.cohorts.criteria import read_criteria
from studyportal.research.cohorts.measures import measures
from studyportal.research.cohorts.pictures import picture
from studyportal.research.cohorts.selection import selected
from studyportal.research.cohorts.tables import table
from studyportal.research.holdings import Holdings, held
from studyportal.research.papers import signed_paper
from studyportal.research.reports.cohort_report import Look, Subject, cohort_report
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.workbench.grants import GrantDocument

PEOPLE, ROUNDS = 500, 7
PICTURES = 15


def timed(words: str, act: Callable[[], object], rounds: int) -> float:
    """The median of so many rounds after a first one, in seconds; printed."""
    act()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    median = statistics.median(taken)
    print(f"  {words:<58}{median * 1000:8.0f} ms   worst {max(taken) * 1000:.0f}")
    return median


def _bare(snapshot: OpenedSnapshot, held: Holdings) -> Callable[[], None]:
    """The same numbers by SQL."""
    published = held.shelf.published(snapshot.number)
    connection = duckdb.connect()
    connection.register("subjects", published.subjects)
    for instrument in {
        one.instrument.name for one in measures(snapshot.codebook).values() if not one.instrument.is_once
    }:
        connection.register(instrument, published.table(instrument))

    def ask() -> None:
        for query in _queries(snapshot):
            connection.execute(query).fetchall()

    return ask


def _queries(snapshot: OpenedSnapshot) -> Iterator[str]:
    for measure in measures(snapshot.codebook).values():
        if measure.form in {"weekly_mean", "weekly_yes"}:
            assert measure.item is not None
            yield (
                f'WITH mine AS (SELECT "index", week, avg("{measure.item.name}"::DOUBLE) AS mean, count(*) AS answers '
                f'FROM "{measure.instrument.name}" WHERE week >= 1 AND "{measure.item.name}" IS NOT NULL GROUP BY ALL) '
                "SELECT week, count(*), sum(answers), avg(mean), count(*) FILTER (mean > 0) FROM mine GROUP BY week ORDER BY week"
            )
        elif measure.form == "ever":
            assert measure.item is not None
            yield f'SELECT "{measure.item.name}", count(DISTINCT "index") FROM "{measure.instrument.name}" GROUP BY 1'
        elif measure.variable is not None and measure.variable.source == "once":
            column = measure.variable.name.replace(".", "__", 1)
            yield f'SELECT "{column}", count(*) FROM subjects GROUP BY 1'


def _grant(study: str, now: datetime) -> GrantDocument:
    return GrantDocument(
        uuid4(),
        study,
        "P-1",
        uuid4(),
        uuid4(),
        "Everything",
        "To measure",
        now,
        now + timedelta(days=1),
        level="records",
    )


def _measure(held: Holdings, study: str, *, rounds: int, now: datetime) -> None:
    snapshot = held.shelf.opened(None)
    about = Subject(snapshot, read_criteria([], snapshot), "", _grant(study, now))
    look = Look("https://research.example/verify", synthetic=True, language="en")
    people, known = selected(snapshot, about.criteria), measures(snapshot.codebook)
    weekly = [one for one in known.values() if one.form == "weekly_mean"][:PICTURES]
    charts = [picture(one, table(snapshot, people, one)) for one in weekly]
    pdf = cohort_report(about, look, now=now)
    print(f"{people.size} people, {len(known)} measures, {len(pdf) / 1000:.0f} kB")
    bare = timed("bare numbers, DuckDB", _bare(snapshot, held), rounds)
    timed("protected tables of all measures", lambda: [table(snapshot, people, one) for one in known.values()], rounds)
    timed(f"{len(charts)} pictures as vectors", lambda: [drawing(one, width=240) for one in charts], rounds)
    report = timed("report: tables, pictures, paper", lambda: cohort_report(about, look, now=now), rounds)
    timed("signature", lambda: signed_paper(pdf, held), rounds)
    print(f"  {'report over bare numbers':<58}{report / bare:8.1f} x")


def main() -> None:
    people, rounds = (
        int(given) for given in (*sys.argv[1:], *(str(one) for one in (PEOPLE, ROUNDS)[len(sys.argv) - 1 :]))
    )
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "demo"
        make_demo(
            folder, Size(people, SEED), progress=Progress(lambda text: print(text, end=""), rewrites=False), now=now
        )
        with inside("research", folder):
            settings = read_settings("research", folder)
            study = load_protocol(settings.protocol).study.code
            _measure(held(settings, study=study), study, rounds=rounds, now=now)


if __name__ == "__main__":
    main()
