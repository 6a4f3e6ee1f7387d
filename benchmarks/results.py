"""Measure the results of a cohort: python -m benchmarks.results [participants] [rounds]

Everything from a snapshot in memory to a protected table and the document of its picture, for half of the people,
beside the bare number behind it: DuckDB on the same tables, unprotected, in the same process and the same run. 98 days
a person; what is worked out once for a snapshot is told apart as the first time. On a shared machine believe the
ratios.
"""

import statistics
import sys
import time
from collections.abc import Callable, Mapping

import duckdb
import numpy as np

from studyportal.charts import Chart
from studyportal.research.results.cohort import Cohort, Finding
from studyportal.research.results.course import weekly_change, weekly_course
from studyportal.research.results.cycle import day_of_cycle
from studyportal.research.results.events import adverse_events
from studyportal.research.results.missing import missing_by_week
from studyportal.research.results.responders import responders
from studyportal.research.results.retention import retention
from studyportal.research.results.schedules import observed_schedules
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.statistics.mixed_model import random_intercept
from tests.research.results.study import instrument, snapshot

PEOPLE, ROUNDS = 10_000, 7

WEEKS = 'SELECT "index", week, avg(pain) AS mean FROM evening WHERE "index" % 2 = 0 GROUP BY ALL'
BARE: Mapping[str, str] = {
    "weekly course by sex": f'SELECT week, baseline__sex, count(*), avg(mean) FROM ({WEEKS}) JOIN subjects USING ("index") GROUP BY ALL',
    "change from the beginning": f'WITH w AS ({WEEKS}) SELECT a.week, avg(a.mean - b.mean) FROM w a JOIN w b ON a."index" = b."index" AND b.week = 1 GROUP BY ALL',
    "responders": f'WITH w AS ({WEEKS}) SELECT round(100 * (b.mean - avg(a.mean)) / b.mean, -1) AS fell, count(*) FROM w a JOIN w b ON a."index" = b."index" AND b.week = 1 AND a.week BETWEEN 9 AND 12 GROUP BY a."index", b.mean',
    "day of the cycle": 'SELECT since, avg(mean) FROM (SELECT e."index", e.study_day - d.study_day AS since, avg(pain) AS mean FROM evening e ASOF JOIN dose d ON e."index" = d."index" AND e.study_day >= d.study_day WHERE e."index" % 2 = 0 GROUP BY ALL) WHERE since <= 2 GROUP BY ALL',
    "observed schedules": 'SELECT "index", gap, count(*) FROM (SELECT "index", study_day - lag(study_day) OVER (PARTITION BY "index" ORDER BY study_day) AS gap FROM dose WHERE "index" % 2 = 0) GROUP BY ALL',
    "adverse events": 'SELECT worst, count(*) FROM (SELECT "index", max(grade) AS worst FROM adverse_event WHERE "index" % 2 = 0 GROUP BY ALL) GROUP BY ALL',
    "who goes on": 'SELECT last, count(*) FROM (SELECT "index", max(week) AS last FROM evening WHERE "index" % 2 = 0 GROUP BY ALL) GROUP BY ALL',
    "what is missing": 'SELECT week, avg(n) FROM (SELECT "index", week, count(pain) AS n FROM evening WHERE "index" % 2 = 0 GROUP BY ALL) GROUP BY ALL',
}


def asked_of(opened: OpenedSnapshot) -> Mapping[str, Callable[[Cohort], Finding]]:
    """Every result, by the name of its bare number."""
    items, sex = opened.codebook.items, opened.variables["baseline.sex"]
    pain, evening, dose = items["evening.pain"], instrument(opened, "evening"), instrument(opened, "dose")
    return {
        "weekly course by sex": lambda cohort: weekly_course(cohort, pain, by=sex),
        "change from the beginning": lambda cohort: weekly_change(cohort, pain),
        "responders": lambda cohort: responders(cohort, pain),
        "day of the cycle": lambda cohort: day_of_cycle(cohort, pain, dose),
        "observed schedules": lambda cohort: observed_schedules(cohort, dose),
        "adverse events": lambda cohort: adverse_events(cohort, instrument(opened, "adverse_event")),
        "who goes on": lambda cohort: retention(cohort, evening),
        "what is missing": lambda cohort: missing_by_week(cohort, evening, [pain]),
    }


def taken(act: Callable[[], object], rounds: int) -> tuple[float, float, float]:
    """The first time, and the median and the worst of the rounds after it, in milliseconds."""
    times = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - began))
    return times[0], statistics.median(times[1:]), max(times[1:])


def main() -> None:
    people, rounds = (int(given) if given else usual for given, usual in zip([*sys.argv[1:], "", ""], (PEOPLE, ROUNDS)))
    opened = snapshot(people)
    cohort = Cohort(opened, opened.roll.people(np.arange(0, people, 2)))
    connection = duckdb.connect()
    for name in ("evening", "dose", "adverse_event"):
        connection.register(name, opened.rows(name))
    connection.register("subjects", opened.subjects)
    print(f"{people:,} people, {opened.rows('evening').num_rows:,} diary entries; milliseconds")
    print(f"  {'':<28}{'first':>8}{'median':>8}{'worst':>8}{'bare':>8}{'times':>7}")
    for name, result in asked_of(opened).items():
        first, median, worst = taken(lambda: _documents(result(cohort)), rounds)  # noqa: B023
        _, bare, _ = taken(lambda: connection.execute(BARE[name]).fetchall(), rounds)  # noqa: B023
        print(f"  {name:<28}{first:8.0f}{median:8.0f}{worst:8.0f}{bare:8.0f}{median / bare:7.1f}")
    rows = opened.rows("evening")
    person, day, pain = (rows.column(name).to_numpy().astype(float) for name in ("index", "study_day", "pain"))
    _, median, worst = taken(lambda: random_intercept(person.astype(int), pain, {"day": day}), rounds)
    print(f"  {'mixed model, all people':<36}{median:8.0f}{worst:8.0f}")


def _documents(found: Finding) -> list[dict[str, object]]:
    pictures: tuple[Chart, ...] = found.pictures
    return [picture.document for picture in pictures]


if __name__ == "__main__":
    main()
