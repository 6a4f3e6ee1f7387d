"""Count the looks that a result gives at one person, as somebody has them who knows every other record: how far each
blurred number moves, of what it is blurred by, if the last person's story is another or if they are not in the cohort.

A look is a number that moves by one of its own noise's counts: `accuracy` says how often the best guess from so many is
right.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from statistics import NormalDist
from typing import Any

import numpy as np
import pyarrow as pa

from studyportal.protocol.reading import read_protocol
from studyportal.protocol.released import released
from studyportal.research.cohorts.catalogue import Division, Result, catalogue
from studyportal.research.disclosure import Engine, Measured, People, ProtectedCell, Protection, Roll
from studyportal.research.disclosure.answering import Answered
from studyportal.research.disclosure.engine import SUM_IS_BLURRED_BY
from studyportal.research.disclosure.ledger import COUNTS
from studyportal.research.results.cohort import Cohort
from studyportal.research.snapshot.opened import OpenedSnapshot
from tests.research.study import HandMade

PROTOCOL = """
study: {code: RL-1, title: A study of looks, version: "1.0"}
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
      sex:   {ask: Sex, kind: choice, choices: {f: Female, m: Male, o: Other}, release: keep, quasi_identifier: true}
      worst: {ask: Worst pain, kind: rating, low: None, high: Worst, release: keep}
  evening:
    title: Evening diary
    schedule: {every: 1 day, opens: "17:00", for: 10 hours, grace: 12 hours}
    items:
      pain:  {ask: Average pain today, kind: rating, low: No pain, high: Worst imaginable, release: keep}
      flare: {ask: Was today a flare-up?, kind: yes_no, release: keep}
      tired: {ask: How tired are you?, kind: rating, low: Awake, high: Worn out, release: keep}
      mood:  {ask: Mood, kind: choice, choices: {a: Awful, b: Bad, c: So so, d: Good, e: Great, f: Splendid}, release: keep}
  dose:
    title: Something I took
    schedule: {on_demand: true, back: 2 days}
    items:
      amount: {ask: How much, kind: decimal, minimum: 0, maximum: 50, unit: mg, release: keep}
  adverse_event:
    title: Something bad
    schedule: {on_demand: true, back: 30 days}
    items:
      what:  {ask: What was it?, kind: choices, choices: {skin: Skin, heart: Heart, head: Head, gut: Gut, sleep: Sleep, mood: Mood}, release: keep}
      grade: {ask: How bad?, kind: choice, choices: {"1": Mild, "2": Moderate, "3": Severe, "4": In danger}, release: keep}
"""
RELEASED = released(read_protocol(PROTOCOL, name="rl-1.yaml"))
WEEKS, OTHERS = 16, 90
FALLS_FROM = 7
KINDS = ("skin", "heart", "head", "gut", "sleep", "mood")
# The variance of a count's noise and of its rounding.
OF_A_COUNT = 51.1


@dataclass(frozen=True)
class Story:
    """What the last person did. `pain` is what they gave on dose days and on others, until it `falls` to nothing; None:
    they never wrote the diary."""

    pain: tuple[int, int] | None
    sex: str = "f"
    worst: int | None = 10
    flare: bool = True
    doses: int = 3
    events: bool = False
    falls: bool = False


STORIES = {
    "at the top": Story((10, 10)),
    "at the bottom": Story((0, 0), worst=0, flare=False),
    "worse on dose days": Story((10, 0)),
    "better on dose days": Story((0, 10)),
    "never wrote": Story(None, worst=None),
    "every other day": Story((10, 10), doses=2),
    "another group": Story((10, 10), sex="m"),
    "with every kind of event": Story((10, 10), events=True),
    "without pain in the end": Story((10, 10), falls=True),
}


@lru_cache(maxsize=32)
def snapshot(story: Story, *, others_at: int) -> OpenedSnapshot:
    """Other people of pain around `others_at`, each of whom leaves out weeks of their own; and last the one whose story
    it is."""
    rng = np.random.default_rng(3)
    place = np.arange(OTHERS + 1)
    keys = rng.integers(-(2**63), 2**63 - 1, (2, OTHERS + 1), dtype=np.int64)
    days = np.arange(1, 7 * WEEKS + 1)
    over = [*rng.choice([12, WEEKS], OTHERS, p=[0.2, 0.8]), WEEKS]
    # Others leave out weeks, stop and get better each in a way of their own, so that no two numbers are of the same
    # people.
    last = np.minimum(rng.integers(2, WEEKS + 6, OTHERS), over[:OTHERS])
    writes = (rng.random((OTHERS, WEEKS)) < 0.85) & (np.arange(WEEKS) < last[:, None])
    writes[:, 0] = True
    kept = rng.random(OTHERS)
    worst = np.clip(rng.integers(-1, 2, OTHERS) + others_at, 0, 10)
    subjects = pa.table(
        {
            "index": pa.array(place, pa.int32()),
            "record_key_1": keys[0],
            "record_key_2": keys[1],
            "shares_sharing": pa.array(np.ones(OTHERS + 1, bool)),
            "weeks_over": pa.array(over, pa.int32()),
            "baseline__sex": pa.array([*rng.choice(["f", "m"], OTHERS), story.sex]),
            "baseline__worst": pa.array([*map(int, worst), story.worst], pa.int8()),
        }
    )
    who, day = np.nonzero(np.repeat(writes, 7, axis=1))
    day += 1
    pain = np.clip(rng.integers(-1, 2, len(who)) + others_at * np.where(day > FALLS_FROM, kept[who], 1), 0, 10)
    wrote = [] if story.pain is None else days.tolist()
    mine = [
        0 if story.falls and one > FALLS_FROM else story.pain[int(one % story.doses != 1)]
        for one in wrote
        if story.pain
    ]
    every = np.concatenate([pain, mine]).astype(int)
    evening = _rows(
        [*who, *[OTHERS] * len(wrote)],
        [*day, *wrote],
        pain=pa.array(every, pa.int8()),
        tired=pa.array(every, pa.int8()),
        flare=pa.array([*(rng.random(len(who)) < 0.2), *[story.flare] * len(wrote)]),
        mood=pa.array(
            [
                *np.array([*"abcdef"])[(who + rng.integers(0, 2 + who % 3)) % 6],
                *"abcdef" * (len(wrote) // 6),
                *"a" * (len(wrote) % 6),
            ]
        ),
    )
    dosed = [(person, one) for person, one in zip(who, day, strict=True) if one % (2 + person % 3) == 1]
    dosed += [(OTHERS, one) for one in wrote if one % story.doses == 1]
    doses = _rows([one for one, _ in dosed], [one for _, one in dosed], amount=pa.array(np.full(len(dosed), 5.0)))
    ill = [*range(0, OTHERS, 2), *([OTHERS] if story.events else [])]
    kinds = {f"what__{kind}": pa.array([one == OTHERS or bool(rng.random() < 0.5) for one in ill]) for kind in KINDS}
    events = _rows(
        ill, [5] * len(ill), grade=pa.array([*["1"] * (len(ill) - story.events), *["4"] * story.events]), **kinds
    )
    tables = {"evening": evening, "dose": doses, "adverse_event": events}
    opened = OpenedSnapshot(HandMade(subjects, tables, protocol=RELEASED), Exact)
    # Bins come from public numbers, so they are the same in both stories; there are no more of them than answers.
    opened.bins = {name: [(value,) for value in one.labels] for name, one in opened.variables.items()}
    return opened


def _rows(who: Sequence[int], day: Sequence[int], **items: pa.Array) -> pa.Table:
    days = np.asarray(day, np.int64)
    about: dict[str, Any] = {
        "index": pa.array(np.asarray(who, np.int64), pa.int32()),
        "study_day": pa.array(days, pa.int32()),
        "week": pa.array((days - 1) // 7 + 1, pa.int32()),
        "late": pa.array(np.zeros(len(days), bool)),
    }
    return pa.table(about | items)


class Exact:
    """Answers that nothing is done to."""

    def __init__(self, protection: Protection) -> None:
        self.protection, self.chance = protection, None

    def of(self, roll: Roll, asked: Sequence[People]) -> list[Answered]:
        return [Answered(people.size, people.words) for people in asked]


@dataclass
class Listening(Engine):
    """An engine that keeps what it is asked, and answers what it is told to, so that both stories hear the same."""

    _roll: Roll
    _answers: Exact
    told: Sequence[float] = ()
    asked: list[tuple[People, str, float]] = field(default_factory=list)
    means: list[float] = field(default_factory=list)

    @property
    def _protection(self) -> Protection:  # type: ignore[override]
        return self._answers.protection

    def counts(self, sets: Sequence[People]) -> list[ProtectedCell]:
        self.asked += [(one, "", 0.0) for one in sets]
        return super().counts(sets)

    def mean(self, people: People, of: Measured) -> ProtectedCell:
        base = people & self._roll.people(of.having)
        middle, half = (of.high + of.low) / 2, (of.high - of.low) / 2
        values = np.clip(of.values[base.mask[: len(of.values)]], of.low, of.high)
        # The number of people that a mean is divided by is blurred as their count is, and is the same look.
        self.asked += [(base, "", 0.0), (base, of.about, float((values - middle).sum()) / (SUM_IS_BLURRED_BY * half))]
        shown = self.told[len(self.means)] if self.told else float(np.mean(values)) if len(values) else middle
        self.means.append(shown)
        return ProtectedCell(shown, f"{shown:.1f}", 0.1)


def heard(
    opened: OpenedSnapshot, people: People, result: Result, asked: Division, told: Sequence[float] = ()
) -> Listening:
    """What a result asks of these people."""
    opened.engine = found = Listening(opened.roll, Exact(opened.codebook.protection), told)
    result.make(Cohort(opened, people), asked)
    return found


def looks(one: Listening, other: Listening, *, within: People) -> float:
    """How many looks lie between what was asked of one and of the other. The same set is one number however often it is
    asked for, and those of everybody, which stand beside each cohort, are not the cohort's."""
    assert len(one.asked) == len(other.asked), "both stories are asked the same"
    moved: dict[tuple[bytes, bytes, str], float] = {}
    for (first, about, before), (second, _, after) in zip(one.asked, other.asked, strict=True):
        if not (first - within).size:
            pair = (first.bits.tobytes(), second.bits.tobytes(), about)
            moved[pair] = (after - before) ** 2 * OF_A_COUNT / 49 if about else float(first != second)
    return sum(moved.values())


def accuracy(number: float) -> float:
    """How often the best guess from so many looks is right."""
    return NormalDist().cdf(np.sqrt(number / OF_A_COUNT) / 2)


def price(result: Result, asked: Division) -> int:
    return sum(COUNTS[kind] for kind, _ in dict.fromkeys(result.parts(asked)))


def most_looks(name: str, division: Callable[[OpenedSnapshot], Division], *, others_at: int = 5) -> float:
    """The most that a result tells apart: two stories of somebody who is in the cohort, or whether they are in it."""
    return max(number for number, _ in told_apart(name, division, others_at=others_at))


def told_apart(
    name: str, division: Callable[[OpenedSnapshot], Division], *, others_at: int
) -> Iterator[tuple[float, str]]:
    found: dict[str, Listening] = {}
    first: Listening | None = None
    for words, story in STORIES.items():
        opened = snapshot(story, others_at=others_at)
        result, asked = catalogue(opened.codebook)[name], division(opened)
        # A cohort of which everybody is known; all weeks and groups are listed by everybody in the snapshot.
        cohort = opened.roll.people(np.arange(20, OTHERS + 1))
        if first is None:
            first = heard(opened, cohort, result, asked)
        found[words] = heard(opened, cohort, result, asked, first.means)
        outside = heard(opened, cohort - opened.roll.people(np.array([OTHERS])), result, asked, first.means)
        yield looks(outside, found[words], within=cohort), f"whether somebody is in it: {words}"
    for one, other in combinations(found, 2):
        yield looks(found[one], found[other], within=cohort), f"{one}, or {other}"
