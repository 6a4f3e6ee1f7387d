"""A small study with every kind of released item, and people whose answers are drawn from a seed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from studyportal.protocol.reading import read_protocol
from studyportal.protocol.released import released
from studyportal.research.disclosure import Answering, Chance, Protection

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

PROTOCOL = """
study: {code: RT-1, title: A study of sore backs, version: "1.0"}
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
      sex:       {ask: Sex, kind: choice, choices: {f: Female, m: Male, o: Other}, release: keep, quasi_identifier: true}
      age:       {ask: Age, kind: integer, minimum: 18, maximum: 99, unit: years, release: {band: [18, 30, 40, 50, 60, 70]}, quasi_identifier: true}
      diagnosis: {ask: Diagnosis, kind: choice, choices: {lbp: Low back pain, fm: Fibromyalgia, oa: Osteoarthritis}, release: keep, quasi_identifier: true}
      since:     {ask: In pain since, kind: date, release: relative_day}
      worst:     {ask: Worst pain last week, kind: rating, low: No pain, high: Worst imaginable, release: keep}
      expects:   {ask: Expects to benefit, kind: integer, minimum: 0, maximum: 100, release: keep}
      weight:    {ask: Weight, kind: decimal, minimum: 30, maximum: 250, unit: kg, release: {top_code: 150}}
      smokes:    {ask: Do you smoke?, kind: yes_no, release: keep}
      name:      {ask: Your name, kind: notes, max_length: 50, release: drop}
      tired:     {ask: How tired are you?, kind: analogue, low: Wide awake, high: Worn out, release: keep}
      slept:     {ask: How long did you sleep?, kind: duration, maximum: 16 hours, release: keep, missing: [not_said]}
      sites:     {ask: Where does it hurt?, kind: choices, choices: {back: Back, R-knee: Right knee}, none: Nowhere, release: keep, missing: [not_said], quasi_identifier: true}
      knee:      {ask: Is the knee swollen?, kind: yes_no, when: '"R-knee" in sites', release: keep}
      codes:     {ask: Coded diagnosis, kind: choice, choices: {M54.2: Neck pain, M54.5: Low back pain, G43.0: Migraine}, release: {shorten: 3}}
      little:    {ask: Little interest, kind: choice, choices: {"0": Never, "1": Some days, "2": Most days, "3": Daily}, release: drop}
      low:       {ask: Feeling down, kind: choice, choices: {"0": Never, "1": Some days, "2": Most days, "3": Daily}, release: drop}
      mood:      {ask: Low mood, kind: score, score: PHQ-2, of: [little, low], release: keep}
      burden:    {ask: Burden, kind: computed, formula: worst * 10 + tired, minimum: 0, maximum: 200, release: keep}
      medicines: {ask: Medicines, kind: group, at_most: 5, release: count, items: {which: {ask: Which?, kind: text, max_length: 30}}}
  evening:
    title: Evening diary
    schedule: {every: 1 day, opens: "17:00", for: 10 hours, grace: 12 hours}
    items:
      pain:  {ask: Average pain over the last 24 hours, kind: rating, low: No pain, high: Worst imaginable, release: keep}
      flare: {ask: Was today a flare-up?, kind: yes_no, release: keep}
      mood:  {ask: Mood, kind: choice, choices: {low: Low, fair: Fair, good: Good}, release: keep}
      sleep: {ask: Went to bed, kind: time, release: hour}
      signs: {ask: What did you notice?, kind: choices, choices: {tired: Tired, sore: Sore, well: Well}, release: {map: {bad: [tired, sore], good: [well]}}}
  dose:
    title: Dose
    schedule: {on_demand: true, back: 2 days}
    items:
      amount: {ask: How much, kind: decimal, minimum: 0, maximum: 50, unit: mg, release: keep}
"""
RELEASED = released(read_protocol(PROTOCOL, name="rt-1.yaml"))


def alone(protection: Protection) -> Answering:
    """The answers of a study that was not asked anything yet, kept in memory."""
    return Answering(Chance(bytes(32)), protection)


class Alone:
    """The same for a shelf: nobody shares it, and nobody who withdrew was in it."""

    under = staticmethod(alone)

    def forget(self, places: Collection[int]) -> None:
        pass


@dataclass(frozen=True)
class HandMade:
    """A snapshot without a shelf, in the shape of `snapshots.reading.Snapshot`."""

    subjects: pa.Table
    tables: dict[str, pa.Table]
    protocol: dict[str, Any] = field(default_factory=lambda: RELEASED)
    number: int = 3
    published_at: datetime = NOW
    withdrawn: frozenset[int] = frozenset()
    weeks_over: pa.Table | None = None

    def table(self, instrument: str) -> pa.Table:
        return self.tables[instrument]


def hand_made(people: int, *, weeks: int = 6, seed: int = 1, withdrawn: frozenset[int] = frozenset()) -> HandMade:
    """`people` subjects with diaries of `weeks` weeks; every seventh place is of nobody."""
    rng = np.random.default_rng(seed)
    index = np.array([place for place in range(people * 2) if place % 7 != 3][:people], np.int32)
    return HandMade(
        _subjects(index, rng),
        {"evening": _evening(index, weeks, rng), "dose": _dose(index, weeks, rng)},
        withdrawn=withdrawn,
    )


# With 600 people so many did not answer, or are of the rarest sex, that these are bins of their own, however numbers
# are blurred. Nobody of the rarest sex smokes, so there is a cohort of nobody.
SEVERAL = 0.12


def _some(values: Any, kind: pa.DataType, rng: np.random.Generator, missing: float = 0.06) -> pa.Array:
    return pa.array(np.asarray(values), kind, mask=rng.random(len(values)) < missing)


def _subjects(index: np.ndarray, rng: np.random.Generator) -> pa.Table:
    n = len(index)
    keys = rng.integers(-(2**63), 2**63 - 1, (2, n), dtype=np.int64)
    sex = rng.choice(["f", "m", "o"], n, p=[0.68, 0.2, 0.12])
    ages = [label for label in RELEASED["instruments"]["baseline"]["items"]["age"]["choices"]]
    return pa.table(
        {
            "index": pa.array(index, pa.int32()),
            "record_key_1": keys[0],
            "record_key_2": keys[1],
            "shares_sharing": pa.array(np.ones(n, bool)),
            "baseline__sex": _some(sex, pa.string(), rng, SEVERAL),
            "baseline__age": _some(rng.choice(ages, n), pa.string(), rng, SEVERAL),
            "baseline__diagnosis": _some(rng.choice(["lbp", "fm", "oa"], n, p=[0.5, 0.3, 0.2]), pa.string(), rng),
            "baseline__since": _some(rng.integers(-4000, 0, n), pa.int32(), rng),
            "baseline__worst": _some(rng.integers(0, 11, n), pa.int8(), rng),
            "baseline__expects": _some(rng.integers(0, 101, n), pa.int64(), rng),
            "baseline__weight": _some(rng.uniform(45, 150, n).round(1), pa.float64(), rng),
            "baseline__smokes": _some((rng.random(n) < 0.3) & (sex != "o"), pa.bool_(), rng, SEVERAL),
            "baseline__tired": _some(rng.integers(0, 101, n), pa.int8(), rng),
            "baseline__slept": _some(rng.integers(0, 961, n), pa.int32(), rng),
            "baseline__slept__missing": _some(rng.choice(["not_said"], n), pa.string(), rng, 0.9),
            "baseline__sites__back": _some(rng.random(n) < 0.6, pa.bool_(), rng, 0),
            "baseline__sites__r_knee": _some(rng.random(n) < 0.4, pa.bool_(), rng, 0),
            "baseline__sites__missing": pa.nulls(n, pa.string()),
            "baseline__knee": _some(rng.random(n) < 0.3, pa.bool_(), rng, 0.6),
            "baseline__codes": _some(rng.choice(["M54", "G43"], n), pa.string(), rng),
            "baseline__mood": _some(rng.integers(0, 7, n).astype(float), pa.float64(), rng),
            "baseline__burden": _some(rng.uniform(0, 200, n), pa.float64(), rng),
            "baseline__medicines": _some(rng.integers(1, 6, n), pa.int32(), rng),
        }
    )


def _days(index: np.ndarray, weeks: int, share: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    who, day = (axis.ravel() for axis in np.meshgrid(index, np.arange(1, 7 * weeks + 1), indexing="ij"))
    kept = rng.random(len(who)) < share
    return who[kept], day[kept]


def _diary(who: np.ndarray, day: np.ndarray, items: dict[str, pa.Array]) -> pa.Table:
    return pa.table(
        {
            "index": pa.array(who, pa.int32()),
            "study_day": pa.array(day, pa.int32()),
            "week": pa.array((day - 1) // 7 + 1, pa.int32()),
            "late": pa.array(np.zeros(len(who), bool)),
            **items,
        }
    )


def _evening(index: np.ndarray, weeks: int, rng: np.random.Generator) -> pa.Table:
    who, day = _days(index, weeks, 0.75, rng)
    pain = np.clip(rng.normal(5, 2, len(who)), 0, 10).round().astype(int)
    return _diary(who, day, {
        "pain": _some(pain, pa.int8(), rng),
        "flare": _some(rng.random(len(who)) < 0.1, pa.bool_(), rng),
        "mood": _some(rng.choice(["low", "fair", "good"], len(who)), pa.string(), rng),
        "sleep": _some(rng.integers(0, 24, len(who)), pa.int8(), rng),
        "signs__bad": _some(rng.random(len(who)) < 0.2, pa.bool_(), rng),
        "signs__good": _some(rng.random(len(who)) < 0.7, pa.bool_(), rng),
    })  # fmt: skip


def _dose(index: np.ndarray, weeks: int, rng: np.random.Generator) -> pa.Table:
    who, day = _days(index[: len(index) // 2], weeks, 0.3, rng)
    return _diary(who, day, {"amount": _some(rng.uniform(1, 20, len(who)), pa.float64(), rng)})
