"""Adherence counts prompts that were due and over, weeks of silence too, and tells nothing of a week that may still
run."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from studyportal.custody.publishing.following import Followed, weeks_over_table
from studyportal.research.reports.adherence import adherence, adherence_picture
from studyportal.research.snapshot.opened import OpenedSnapshot
from tests.research.study import HandMade, alone, hand_made

PEOPLE = 200


def _writing(days: dict[bool, list[int]], weeks_over: pa.Table | None = None) -> OpenedSnapshot:
    """People of whom every second one (True) writes on these study days, and the others on those."""
    made: HandMade = hand_made(PEOPLE)
    index = made.subjects.column("index").to_numpy()
    lines = [(who, day) for place, who in enumerate(index) for day in days[place % 2 == 0]]
    who, day = (np.array(one) for one in zip(*lines, strict=True))
    evening = pa.table(
        {
            "index": pa.array(who, pa.int32()),
            "study_day": pa.array(day, pa.int32()),
            "week": pa.array((day - 1) // 7 + 1, pa.int32()),
            "late": pa.array(np.zeros(len(who), bool)),
            "pain": pa.array(np.full(len(who), 5), pa.int8()),
            "flare": pa.nulls(len(who), pa.bool_()),
            "mood": pa.nulls(len(who), pa.string()),
            "sleep": pa.nulls(len(who), pa.int8()),
            "signs__bad": pa.nulls(len(who), pa.bool_()),
            "signs__good": pa.nulls(len(who), pa.bool_()),
        }
    )
    tables = {"evening": evening, "dose": made.tables["dose"].slice(0, 0)}
    return OpenedSnapshot(replace(made, tables=tables, weeks_over=weeks_over), alone)


def _instrument(snapshot: OpenedSnapshot, name: str):
    return next(one for one in snapshot.codebook.instruments if one.name == name)


def test_weeks_of_silence_count_and_the_last_week_of_each_does_not() -> None:
    whole = [*range(1, 15), *range(22, 25)]
    snapshot = _writing({True: whole, False: [*range(1, 8), 9, 11, 13, 22]})

    found = adherence(snapshot, snapshot.everybody, _instrument(snapshot, "evening"))

    assert found is not None
    means = {row.label: row.cells[1].value for row in found.rows}
    assert set(means) == {"All weeks", "Week 1", "Week 2", "Week 3"}
    assert means["Week 1"] == pytest.approx(100, abs=1)
    assert means["Week 2"] == pytest.approx((100 + 300 / 7) / 2, abs=3)
    assert means["Week 3"] == pytest.approx(0, abs=1)
    assert means["All weeks"] == pytest.approx((200 / 3 + 1000 / 21) / 2, abs=3)
    assert "who wrote again in a later week" in found.caption


def test_where_a_snapshot_says_it_all_weeks_that_are_over_count_less_those_that_a_pause_touched() -> None:
    index = hand_made(PEOPLE).subjects.column("index").to_pylist()
    paused = {who: (2, 3) if place % 2 else () for place, who in enumerate(index)}
    said = weeks_over_table({who: Followed(4, 4, paused[who]) for who in index})
    snapshot = _writing({True: [*range(1, 15)], False: [1, 2, 8]}, said)

    found = adherence(snapshot, snapshot.everybody, _instrument(snapshot, "evening"))

    assert found is not None and found.caption.endswith("prompts answered, of those due.")
    means = {row.label: row.cells[1].value for row in found.rows}
    # A hundred people in weeks 2 and 3: blurring can move their means by as much.
    blurred = max(row.cells[1].margin or 0 for row in found.rows)
    assert blurred < 15
    assert means["Week 2"] == pytest.approx(100, abs=blurred)
    assert means["Week 3"] == pytest.approx(0, abs=blurred)
    assert means["Week 4"] == pytest.approx(0, abs=blurred)
    assert means["All weeks"] == pytest.approx((50 + 100 / 7) / 2, abs=5)


def test_what_was_asked_more_often_before_is_never_more_than_all() -> None:
    snapshot = _writing({True: [*range(1, 8), *range(1, 8), 15], False: [*range(1, 8), 15]})

    found = adherence(snapshot, snapshot.everybody, _instrument(snapshot, "evening"))

    assert found is not None
    assert max(row.cells[1].value or 0 for row in found.rows) <= 100


@pytest.mark.parametrize("name", ["dose", "baseline"])
def test_what_has_no_prompts_has_no_share_of_them(name: str) -> None:
    snapshot = OpenedSnapshot(hand_made(PEOPLE), alone)

    assert adherence(snapshot, snapshot.everybody, _instrument(snapshot, name)) is None


def test_where_nobody_wrote_twice_no_week_is_told() -> None:
    snapshot = _writing({True: [1, 2], False: [3]})

    assert adherence(snapshot, snapshot.everybody, _instrument(snapshot, "evening")) is None


def test_the_picture_shows_the_weeks_of_the_table_and_nothing_else() -> None:
    snapshot = OpenedSnapshot(hand_made(PEOPLE), alone)
    instrument = _instrument(snapshot, "evening")
    found = adherence(snapshot, snapshot.everybody, instrument)
    assert found is not None

    picture = adherence_picture(instrument, found)

    shown = {row.cells[1].text for row in found.rows[1:]}
    assert len(picture.table.rows) == len(found.rows) - 1
    assert {row[1] for row in picture.table.rows} | {row[-1] for row in picture.table.rows} & shown
