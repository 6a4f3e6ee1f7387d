"""How long people were followed, and when they paused, is counted in study weeks of their own, as counting day by day
would."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.custody.erasure.actions import carry_through
from studyportal.custody.publishing.following import LONGEST, STEP, followed
from studyportal.custody.publishing.sharing import renew_withdrawals
from studyportal.database import writing
from studyportal.protocol.schedules import Pause
from studyportal.protocol.schedules.durations import moment_at, zone_named
from studyportal.registry.pauses import begin_pause, end_pause
from studyportal.registry.sharing import Sharing
from studyportal.research.releases.fields import offered
from studyportal.research.results.cohort import Cohort
from studyportal.research.results.following import following
from studyportal.research.results.missing import missing_patterns
from studyportal.research.results.retention import retention
from studyportal.research.snapshot.opened import OpenedSnapshot
from tests.custody.cast import NOW, START
from tests.custody.test_erasure import means
from tests.custody.test_publishing import go, index_of, snapshot
from tests.research.results.study import Plain

DAY = timedelta(days=1)
LONG_AGO = NOW - 60 * DAY
ZONES = ("Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Pacific/Kiritimati", "UTC")
MOMENTS = st.datetimes(datetime(2011, 10, 1), datetime(2012, 4, 1), timezones=st.just(UTC))
STARTS = st.dates(date(2011, 9, 1), date(2012, 3, 1))


def day_by_day(share: Sharing, pauses: list[Pause], end: datetime) -> tuple[int, set[int]]:
    """The weeks of which all seven days are over, in steps of four, and those of them with a day that a pause
    touched."""

    def begins(day: int) -> datetime:
        return moment_at(share.started_on + (day - 1) * DAY, time(0), zone_named(share.zone))

    weeks = 0
    while all(begins(day + 1) <= end for day in range(7 * weeks + 1, 7 * weeks + 8)):
        weeks += 1
    over = weeks // STEP * STEP
    touched = set()
    for day in range(1, 7 * over + 1):
        for pause in pauses:
            until = end if pause.until is None else min(end, pause.until)
            if max(begins(day), pause.began_at) < min(begins(day + 1), until):
                touched.add((day + 6) // 7)
    return over, touched


@given(
    zone=st.sampled_from(ZONES),
    start=STARTS,
    now=MOMENTS,
    stopped=st.none() | MOMENTS,
    drawn=st.lists(st.tuples(MOMENTS, st.none() | st.integers(0, 60 * 24 * 40)), max_size=3),
)
def test_weeks_and_pauses_are_those_of_counting_day_by_day(zone, start, now, stopped, drawn):
    share = Sharing(("sharing",), start, stopped, zone)
    pauses = [Pause(began, None if long is None else began + timedelta(minutes=long)) for began, long in drawn]

    found = followed(share, pauses, now=now)

    end = min(now, stopped or now)
    assert (found.weeks_over, set(found.paused_weeks)) == day_by_day(share, pauses, end)
    assert found.weeks_since_start == day_by_day(share, [], now)[0]
    assert list(found.paused_weeks) == sorted(set(found.paused_weeks))


@pytest.mark.parametrize(("days", "weeks"), [(-3, 0), (0, 0), (27, 0), (28, 4), (55, 4), (56, 8), (9999, LONGEST)])
def test_weeks_come_in_steps_of_four_and_a_wrong_clock_makes_no_table_of_any_size(days, weeks):
    share = Sharing(("sharing",), START, None, "Europe/Berlin")

    assert followed(share, [], now=datetime.combine(START + days * DAY, time(12), UTC)).weeks_over == weeks


def pause(person, *, since: date, until: date | None) -> None:
    with writing("registry") as connection:
        begin_pause(connection, uuid4(), person, until=None, now=datetime.combine(since, time(9), UTC))
        if until is not None:
            end_pause(connection, person, now=datetime.combine(until, time(9), UTC))


def said_of(house, person, number=None):
    rows, index = snapshot(house, number).weeks_over.to_pylist(), index_of(house, person)
    return next((tuple(row.values())[1:] for row in rows if row["index"] == index), None)


def test_a_snapshot_says_it_of_everybody_and_a_refresh_says_it_anew_without_opening_anything(house):
    ada, bo, cy = (house.participant(started_on=START + late * DAY, agreed_at=LONG_AGO) for late in (0, 0, 7))
    for person in (ada, bo, cy):
        house.evening(person, 9, received_at=NOW - 9 * DAY)
    house.withdrawal(bo, "stop", now=NOW - 7 * DAY)
    pause(cy, since=START + 8 * DAY, until=START + 15 * DAY)
    pause(ada, since=START + 50 * DAY, until=None)

    go(house)
    done = go(house, exception="demonstration", now=NOW + 28 * DAY)

    assert [said_of(house, one, 1) for one in (ada, bo, cy)] == [(8, 8, [8]), (8, 4, []), (4, 4, [1, 2])]
    assert [said_of(house, one, 2) for one in (ada, bo, cy)] == [
        (12, 12, [8, 9, 10, 11, 12]),
        (12, 4, []),
        (8, 8, [1, 2]),
    ]
    assert (done.built.taken_over, done.built.opened) == (1, 0)


def test_who_withdrew_or_was_erased_leaves_these_rows_like_all_others(small_house):
    ada, bo, cy = (small_house.participant() for _ in range(3))
    pause(ada, since=START, until=None)
    go(small_house)
    before = snapshot(small_house).weeks_over.num_rows
    small_house.withdrawal(bo, "remove")
    renew_withdrawals(small_house.shelf, keys=small_house.keys, protocol=small_house.protocol, now=NOW)
    removed = said_of(small_house, bo)
    hers = index_of(small_house, ada)

    carry_through(small_house.withdrawal(ada, "erase"), means(small_house))

    shown = snapshot(small_house)
    assert (before, removed) == (3, None)
    assert shown.weeks_over["index"].to_pylist() == [index_of(small_house, cy)]
    assert hers not in shown.part("weeks-over", 1)["index"].to_pylist()


def test_what_custody_says_reaches_the_researchers_numbers_and_no_page_of_theirs_releases_it(small_house):
    # Of each ten: they go on; are silent since week 2; are in a pause since week 3; stopped in week 3; joined a month
    # later.
    went_on, silent, pausing, stopped, late = (
        [small_house.participant(started_on=START + came * DAY, agreed_at=LONG_AGO) for _ in range(10)]
        for came in (0, 0, 0, 0, 40)
    )
    for person in (*went_on, *silent, *pausing, *stopped):
        small_house.evening(person, 8, received_at=NOW - 48 * DAY)
    for person in went_on:
        small_house.evening(person, 56, received_at=NOW - DAY)
    for person in late:
        small_house.evening(person, 41, received_at=NOW - 15 * DAY)
    for person in pausing:
        pause(person, since=START + 14 * DAY, until=None)
    for person in stopped:
        small_house.withdrawal(person, "stop", now=NOW - 40 * DAY)

    go(small_house)

    opened = OpenedSnapshot(snapshot(small_house), Plain)
    diary = next(one for one in opened.codebook.instruments if one.name == "evening")
    cohort = Cohort(opened, opened.everybody)
    kept, gaps = retention(cohort, diary), missing_patterns(cohort, diary)
    weeks = {row.label: [cell.value for cell in row.cells[:3]] for row in kept.table.rows}
    assert following(opened).is_known
    assert weeks["Week 2"] == [40, 40, 100]
    assert weeks["Week 8"] == [30, 10, 33]
    patterns = {row.label: row.cells[0].value for row in gaps.table.rows if row.cells[0].value}
    assert patterns == {"Gaps, and an entry in the last week": 20, "Gaps, and stopped later": 10}
    inside = {"weeks_over", "weeks_since_start", "paused_weeks"}
    assert inside.isdisjoint({*offered(opened.codebook), *opened.subjects.column_names, *opened.variables})
