"""Measure what a changed criterion costs on the cohort page: python -m benchmarks.cohort_page [participants] [weeks]

Each round asks for other people whom nobody asked for before: who is left after each criterion, Table 1, and the course of pain
by week, from a snapshot in memory to protected tables and the documents of their pictures, as the page has them. Beside it the
same numbers unprotected, from the same tables in the same process: DuckDB. Not in it: HTTP, the workbench, and the drawing in
the browser; and answers leave at whole tenths of a second. On a shared machine believe the ratios.
"""

import sys
import time
from collections.abc import Iterator
from itertools import pairwise, product

import duckdb
import numpy as np

from studyportal.research.cohorts.catalogue import TABLE_ONE, catalogue, division
from studyportal.research.cohorts.criteria import Criteria, read_criteria
from studyportal.research.cohorts.pictures import left
from studyportal.research.cohorts.selection import attrition, selected
from studyportal.research.results.cohort import Cohort
from studyportal.research.snapshot.opened import OpenedSnapshot
from tests.research.study import alone, hand_made

PEOPLE, WEEKS, ROUNDS = 10_000, 19, 40
PAIN = "evening.pain"


def questions(opened: OpenedSnapshot) -> Iterator[Criteria]:
    """Criteria of two items, each pair once."""
    once = ("baseline.sex", "baseline.diagnosis", "baseline.worst", "baseline.age", "baseline.smokes")
    for first, second in pairwise(once):
        labels = (opened.variables[name].codes for name in (first, second))
        for one, other in product(*labels):
            yield read_criteria([(first, one), (second, other)], opened.variables)


def page(opened: OpenedSnapshot, criteria: Criteria) -> None:
    """What the page of a cohort works out."""
    known, divided = catalogue(opened.codebook), division("", (), opened.variables)
    cohort = Cohort(opened, selected(opened, criteria))
    charts = [left(attrition(opened, criteria), title="Who is in")]
    for name in (TABLE_ONE, PAIN):
        charts += known[name].make(cohort, divided).pictures
    for chart in charts:
        assert chart.document


def bare(connection: duckdb.DuckDBPyConnection, opened: OpenedSnapshot, criteria: Criteria) -> None:
    """The same numbers without protection."""
    index = np.flatnonzero(selected(opened, criteria).mask)
    connection.register("cohort", {"index": index})
    connection.execute('SELECT count(*) FROM subjects SEMI JOIN cohort USING ("index")').fetchall()
    for variable in division("", (), opened.variables).items:
        column = variable.name.replace(".", "__", 1)
        connection.execute(f'SELECT {column}, count(*) FROM subjects SEMI JOIN cohort USING ("index") GROUP BY ALL').fetchall()
    weeks = 'SELECT "index", week, avg(pain) AS mean FROM evening SEMI JOIN cohort USING ("index") GROUP BY ALL'
    connection.execute(f"SELECT week, count(*), avg(mean), stddev(mean) FROM ({weeks}) GROUP BY ALL").fetchall()


def main() -> None:
    people, weeks = (int(given) if given else usual for given, usual in zip([*sys.argv[1:], "", ""], (PEOPLE, WEEKS), strict=False))
    opened = OpenedSnapshot(hand_made(people, weeks=weeks), alone)
    connection = duckdb.connect()
    connection.register("evening", opened.rows("evening"))
    connection.register("subjects", opened.subjects)
    asked = [*questions(opened)][: ROUNDS + 1]
    # What is worked out once for a snapshot.
    page(opened, asked[0])
    times: dict[str, list[float]] = {"page": [], "bare": []}
    for criteria in asked[1:]:
        for name, act in (("page", lambda: page(opened, criteria)), ("bare", lambda: bare(connection, opened, criteria))):  # noqa: B023
            began = time.perf_counter()
            act()
            times[name].append(1000 * (time.perf_counter() - began))
    print(f"{people:,} people, {opened.rows('evening').num_rows:,} diary entries, {len(asked) - 1} cohorts; milliseconds")
    print(f"  {'':<12}{'median':>8}{'p95':>8}{'worst':>8}")
    for name, found in times.items():
        print(f"  {name:<12}{np.median(found):8.0f}{np.percentile(found, 95):8.0f}{max(found):8.0f}")
    print(f"  {'times':<12}{np.median(times['page']) / np.median(times['bare']):8.1f}")


if __name__ == "__main__":
    main()
