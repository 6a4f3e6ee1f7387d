"""A small study with a diary, doses, a score asked twice and adverse events, of people whose answers are known
exactly."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from studyportal.custody.publishing.following import Followed, weeks_over_table
from studyportal.protocol.reading import read_protocol
from studyportal.protocol.released import released
from studyportal.research.disclosure import People, Protection, Roll
from studyportal.research.disclosure.answering import Answered
from studyportal.research.disclosure.engine import Answers
from studyportal.research.results.cohort import Cohort
from studyportal.research.snapshot.codebook import ReleasedInstrument
from studyportal.research.snapshot.opened import OpenedSnapshot
from tests.research.study import HandMade

PROTOCOL = """
study: {code: RS-1, title: A study of results, version: "1.0"}
disclosure: {threshold: 10, rounding: 5}
consent:
  version: "1"
  title: Taking part
  sections: [{heading: What this is, body: A diary.}]
  scopes:
    study: {ask: I take part., required: true}
    sharing: {ask: I share., shares: true}
  withdrawal: [stop]
instruments:
  baseline:
    title: Beginning
    schedule: {once: day 1, opens: "00:00", for: 14 days, grace: 14 days}
    items:
      sex:    {ask: Sex, kind: choice, choices: {f: Female, m: Male}, release: keep, quasi_identifier: true}
      burden: {ask: Burden, kind: rating, low: None, high: Worst, release: keep}
      rhythm: {ask: On which days?, kind: choice, choices: {third: Every third day, other: Otherwise}, release: keep}
  evening:
    title: Evening diary
    schedule: {every: 1 day, opens: "17:00", for: 10 hours, grace: 12 hours}
    items:
      pain:   {ask: Average pain today, kind: rating, low: No pain, high: Worst imaginable, release: keep}
      burden: {ask: Burden, kind: rating, low: None, high: Worst, release: keep}
  dose:
    title: Something I took
    schedule: {on_demand: true, back: 2 days}
    items:
      amount: {ask: How much, kind: decimal, minimum: 0, maximum: 50, unit: mg, release: keep}
  adverse_event:
    title: Something bad
    schedule: {on_demand: true, back: 30 days}
    items:
      what:  {ask: What was it?, kind: choices, choices: {skin: Skin, heart: Heart}, release: keep}
      grade: {ask: How bad?, kind: choice, choices: {"1": Mild, "2": Moderate, "3": Severe, "4": In danger}, release: keep}
"""
RELEASED = released(read_protocol(PROTOCOL, name="rs-1.yaml"))
PEOPLE, WEEKS = 400, 14


class Plain:
    """Answers that are hidden and rounded but not blurred, so that results can be held against what is known."""

    def __init__(self, protection: Protection) -> None:
        self.protection, self.chance = protection, self

    def of(self, roll: Roll, asked: Sequence[People]) -> list[Answered]:
        return [Answered(self.protection.rounded(people.size), people.words) for people in asked]

    def threshold(self, key: object, *, least: int) -> int:
        return least

    def noise(self, key: object) -> int:
        return 0

    def normal(self, about: str, key: object) -> float:
        return 0.0


def snapshot(
    people: int = PEOPLE, *, weeks_over: pa.Table | None = None, answers: Callable[[Protection], Answers] = Plain
) -> OpenedSnapshot:
    """Everybody writes every day of 14 weeks, but every fifth person (place 4, 9, ...) only of 8; every second one
    doses each third day of all 14, and has 2 points less pain then. Pain begins at 6 and is 3 from week 9 on for every
    fourth person. `weeks_over` is what the snapshot says of how long they were followed."""
    who, day = (axis.ravel() for axis in np.meshgrid(np.arange(people), np.arange(1, 7 * WEEKS + 1), indexing="ij"))
    dosed = (who % 2 == 0) & (day % 3 == 1)
    dosing, dosed_on = who[dosed], day[dosed]
    kept = (who % 5 != 4) | (day <= 56)
    who, day, dosed = who[kept], day[kept], dosed[kept]
    pain = np.where((who % 4 == 3) & (day > 56), 3, 6) - 2 * dosed
    rng = np.random.default_rng(4)
    keys = rng.integers(-(2**63), 2**63 - 1, (2, people), dtype=np.int64)
    place = np.arange(people)
    subjects = pa.table(
        {
            "index": pa.array(place, pa.int32()),
            "record_key_1": keys[0],
            "record_key_2": keys[1],
            "shares_sharing": pa.array(np.ones(people, bool)),
            "baseline__sex": pa.array(np.where(place % 4 < 2, "f", "m"), mask=place % 20 == 0),
            "baseline__burden": pa.array(np.where(place % 2, 8, 4), pa.int8()),
            "baseline__rhythm": pa.array(np.where(place % 2, "other", "third")),
        }
    )
    events = np.arange(0, people, 4)
    tables = {
        "evening": _rows(who, day, pain=pa.array(pain, pa.int8()), burden=pa.array(np.full(len(who), 4), pa.int8())),
        "dose": _rows(dosing, dosed_on, amount=pa.array(np.full(len(dosing), 5.0))),
        # Every fourth person has two events: a mild one, and of every eighth a severe one.
        "adverse_event": _rows(
            np.tile(events, 2),
            np.repeat([5, 9], len(events)),
            grade=pa.array(np.concatenate([np.full(len(events), "1"), np.where(events % 8, "2", "3")])),
            what__skin=pa.array(np.ones(2 * len(events), bool)),
            what__heart=pa.array(np.zeros(2 * len(events), bool)),
        ),
    }
    return OpenedSnapshot(HandMade(subjects, tables, protocol=RELEASED, weeks_over=weeks_over), answers)


def told(
    since: Callable[[int], int],
    over: Callable[[int], int] | None = None,
    *,
    paused: Callable[[int], Sequence[int]] = lambda place: (),
    people: int = PEOPLE,
) -> pa.Table:
    """What a snapshot says of everybody: the weeks since the start, those that were over (the same if they never
    stopped), and the paused ones, of each place."""
    return weeks_over_table(
        {place: Followed(since(place), (over or since)(place), tuple(paused(place))) for place in range(people)}
    )


def _rows(who: np.ndarray, day: np.ndarray, **items: pa.Array) -> pa.Table:
    about: dict[str, Any] = {
        "index": pa.array(who, pa.int32()),
        "study_day": pa.array(day, pa.int32()),
        "week": pa.array((day - 1) // 7 + 1, pa.int32()),
        "late": pa.array(np.zeros(len(who), bool)),
    }
    return pa.table(about | items)


def cohort_of(opened: OpenedSnapshot, *places: int) -> Cohort:
    """Everybody, or these people alone."""
    people = opened.roll.people(np.array(places, np.int64)) if places else opened.everybody
    return Cohort(opened, people)


def instrument(opened: OpenedSnapshot, name: str) -> ReleasedInstrument:
    return next(one for one in opened.codebook.instruments if one.name == name)
