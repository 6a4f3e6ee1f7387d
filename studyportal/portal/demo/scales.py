"""Draw the weekly and monthly scales of a synthetic person from the days behind them. Pure NumPy.

Scores are not drawn: they are worked out from the answers, as with anybody. Longer forms are left undone more often
than the evening diary.
"""

from datetime import date
from typing import Any, NamedTuple

import numpy as np

from studyportal.portal.demo.drawing import Diary, Series, left_out, on_scale
from studyportal.portal.demo.starting import draw_medicines
from studyportal.protocol.schedules import Schedule

# When the two forms are due, as in the study document.
WEEKLY = Schedule(form="every", first_day=8, every_days=7)
MONTHLY = Schedule(form="monthly", first_day=29, every_months=1)

WEEKS_GIVEN, MONTHS_GIVEN = 0.55, 0.6
LATE, LEFT_OUT = 0.1, 0.02
CHANGED = 0.1  # share of months in which medicines changed

PEG = ("peg_1", "peg_2", "peg_3")
PHQ = tuple(f"phq_{number}" for number in range(1, 10))
GAD = tuple(f"gad_{number}" for number in range(1, 8))
# How much each item answers to low mood: sleep and tiredness most in people with pain, thoughts of death least.
PHQ_HEIGHT = (-0.2, 0.0, 0.7, 0.9, -0.1, -0.2, 0.1, -0.7, -2.0)
GAD_HEIGHT = (0.1, 0.0, 0.2, 0.3, -0.4, 0.1, -0.6)

# Points of pain less than at the start, from which somebody says so; about 2 are a moderate change (Dworkin 2008).
PGIC = (
    (3.5, "very_much_improved"), (2.0, "much_improved"), (0.8, "minimally_improved"), (-0.8, "no_change"),
    (-2.0, "minimally_worse"), (-3.5, "much_worse"), (-99.0, "very_much_worse"),
)  # fmt: skip


class Days(NamedTuple):
    """What lies behind the diary: pain and mood of every day, and whether the person still writes at all."""

    pain: Series
    mood: Series
    writes: Series


def draw_weekly(rng: np.random.Generator, days: Days, *, last: int) -> Diary:
    """PEG, PHQ-2 and GAD-2 of the weeks that were answered, before study day `last`."""
    count = max(0, (min(len(days.pain), last) - WEEKLY.first_day) // WEEKLY.every_days + 1)
    day = WEEKLY.first_day + WEEKLY.every_days * np.arange(count)
    given = days.writes[day - 1] & (rng.random(count) < WEEKS_GIVEN)
    number, day = np.flatnonzero(given) + 1, day[given]
    pain, low, worry = _behind(rng, days, day, back=7)
    values = _peg(rng, pain) | _often(rng, PHQ[:2], PHQ_HEIGHT, low) | _often(rng, GAD[:2], GAD_HEIGHT, worry)
    return _diary(rng, day, number, values, within=2, late=5)


def draw_monthly(rng: np.random.Generator, days: Days, *, start: date, usual: int, last: int) -> Diary:
    """PGIC, PHQ-9, GAD-7 and changed medicines of the months that were answered, before study day `last`."""
    due, number = [], 1
    while (day := (MONTHLY.date_of(number, start) - start).days + 1) <= min(len(days.pain), last):
        due.append(day)
        number += 1
    day = np.array(due, dtype=int)
    given = days.writes[day - 1] & (rng.random(len(day)) < MONTHS_GIVEN)
    numbers, day = np.flatnonzero(given) + 1, day[given]
    pain, low, worry = _behind(rng, days, day, back=28)
    better = usual - pain + rng.normal(0, 0.8, len(day))
    changed = rng.random(len(day)) < CHANGED
    values: dict[str, Series] = {
        "pgic": np.array([next(name for least, name in PGIC if one >= least) for one in better], dtype=object),
        **_often(rng, PHQ, PHQ_HEIGHT, low),
        **_often(rng, GAD, GAD_HEIGHT, worry),
        "medicines_changed": changed,
        "medicines": _lists(rng, len(day)),
    }
    diary = _diary(rng, day, numbers, values, within=5, late=10)
    listed = (
        diary.given["medicines_changed"] & changed & np.array([bool(one) for one in values["medicines"]], dtype=bool)
    )
    return Diary(diary.day, diary.minute, diary.number, values, {**diary.given, "medicines": listed})


def _behind(rng: np.random.Generator, days: Days, day: Series, *, back: int) -> tuple[Series, Series, Series]:
    """Mean pain of the days before each `day`, and how low and how worried the person was, around 0."""
    ends = zip(np.maximum(day - 1 - back, 0), day - 1, strict=True)
    means = [(days.pain[first:end].mean(), days.mood[first:end].mean()) for first, end in ends]
    pain, mood = np.array(means).reshape(-1, 2).T
    own = rng.normal(0, 0.5)
    return pain, (5.5 - mood) / 2.5 + own, (5.5 - mood) / 3 + own + rng.normal(0, 0.4)


def _peg(rng: np.random.Generator, pain: Series) -> dict[str, Series]:
    noise = (0.4, 1.2, 1.2)
    return {
        name: on_scale(0.95 * pain + rng.normal(0, sd, len(pain)), 0, 10) for name, sd in zip(PEG, noise, strict=True)
    }


def _often(rng: np.random.Generator, names: tuple[str, ...], heights: tuple[float, ...], latent: Series) -> Any:
    """Answers from "0" (not at all) to "3" (nearly every day)."""
    found = {}
    for name, height in zip(names, heights, strict=False):
        found[name] = on_scale(0.6 + height + 0.7 * latent + rng.normal(0, 0.6, len(latent)), 0, 3).astype(str)
    return found


def _lists(rng: np.random.Generator, count: int) -> Series:
    found = np.empty(count, dtype=object)
    for place in range(count):
        found[place] = draw_medicines(rng)
    return found


def _diary(
    rng: np.random.Generator, day: Series, number: Series, values: dict[str, Series], *, within: int, late: int
) -> Diary:
    """Sent in the daytime of the first `within` days, or late, before the day `late` of the window is over."""
    count = len(day)
    after = np.where(rng.random(count) < LATE, rng.integers(within + 1, late, count), rng.integers(0, within, count))
    minute = after * 24 * 60 + rng.integers(9 * 60 + 5, 22 * 60, count)
    return Diary(day, minute, number, values, left_out(rng, list(values), count, share=LEFT_OUT, always=()))
