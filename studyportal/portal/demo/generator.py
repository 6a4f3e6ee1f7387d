"""Draw synthetic participants of the study "Microdosing and chronic pain": what they answer, when, and when not.

Pure NumPy, seeded: person `index` of a seed is always the same, whoever draws it and however many others there are.
Nobody here exists. Doses are observed exposures with **no effect built in**, except a small, documented one of
expectancy (`EXPECTANCY`), so that analyses have something to find that is not the substance.

How a person's pain comes about, on the 0-10 scale before rounding:
    level + drift x day + weekday + what is left of yesterday's deviation + flare - expectancy on a dose day
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from studyportal.portal.demo.afterwards import draw_clinic, draw_events, draw_exit, draw_follow_ups
from studyportal.portal.demo.drawing import Diary, Series, Told, carried, left_out, on_scale, pick, same_each_time, sets
from studyportal.portal.demo.scales import Days, draw_monthly, draw_weekly
from studyportal.portal.demo.starting import DIAGNOSES, GENDERS, HISTORIES, add_beginning, draw_rescue

# Between people (SD of the level) and within (stationary SD of the deviation, without flares): about half of the
# variance of a daily pain rating is between people.
LEVEL, LEVEL_SD = 5.2, 1.6
DEVIATION_SD, CARRIED = 1.2, 0.4
DRIFT_SD = 0.010  # per day: one point in a hundred days
WEEKDAYS = np.array([0.20, 0.10, 0.0, 0.0, -0.05, -0.15, -0.10])  # Monday first
FLARE_STARTS, FLARE_DAYS, FLARE_HEIGHT = (0.01, 0.05), (1, 5), (1.5, 3.5)
# Expectancy predicts outcome (Kaertner 2021; Szigeti 2021): someone entirely sure reports half a point less pain
# and half a point more mood on a dose day. That is all a dose does here.
EXPECTANCY = 0.5
# Completion of pain diaries averages 85 % and falls with study day (Ono 2019). On the logit scale:
COMPLETION, COMPLETION_SD, COMPLETION_FALL = 2.5, 0.9, 0.006
STOPS_WRITING = 0.0015  # per day, without a word
# Some of those who stay pause once, for one to three weeks: after their first week, and over a week ago.
PAUSES, PAUSE_DAYS, PAUSE_AWAY = 0.08, (7, 22), 8
LATE, LEFT_OUT = 0.08, 0.03

# What people do, never what anybody should: intended days of a cycle. None takes nothing; irregular has no cycle.
SCHEDULES: Mapping[str, tuple[int, ...] | None] = {
    "none": (),
    "fadiman": (1, 0, 0),
    "stamets": (1, 1, 1, 1, 0, 0, 0),
    "every_other": (1, 0),
    "irregular": None,
}
SHARES = {"none": 0.28, "fadiman": 0.27, "stamets": 0.15, "every_other": 0.08, "irregular": 0.22}
KEPT_TO = 0.88  # of intended days; the rest is skipped or moved by a day
IRREGULAR = (0.05, 0.30)

WITHDRAWALS = {"": 0.975, "stop": 0.015, "remove": 0.0092, "erase": 0.0008}
SCOPES = {"sharing": 0.90, "recontact": 0.55, "linkage": 0.40}

RATINGS = ("pain_average", "pain_worst", "pain_now", "mood", "energy", "sleep_quality", "function")
EVENING = (*RATINGS, "hours_slept", "flare", "rescue_medicine", "stress")


@dataclass(frozen=True, slots=True)
class SyntheticPerson:
    """One person who does not exist. `days` is the number of study days until today, today included.

    `told` are the single entries: screening, baseline, adverse events, leaving, and what the clinic entered. `pause` is
    the study day at whose noon a pause began and that at whose beginning it was over, if there was one; nothing but
    `told` was written meanwhile.
    """

    index: int
    site: int
    days: int
    schedule: str
    scopes: tuple[str, ...]
    withdrawal: str
    withdrawal_day: int
    baseline: Mapping[str, Any]
    baseline_minute: int
    evening: Diary
    doses: Diary
    follow_ups: Diary
    weekly: Diary
    monthly: Diary
    told: tuple[Told, ...]
    pause: tuple[int, int] | None


def draw_person(index: int, *, seed: int, window: int, sites: int, today: date) -> SyntheticPerson:
    """Person `index` of `seed`, who started at most `window` days before `today` at one of `sites` sites."""
    rng = np.random.default_rng([seed, index])
    days = int(rng.integers(2, window + 1))
    schedule = pick(rng, SHARES)
    baseline = _baseline(rng, schedule)
    withdrawal = pick(rng, WITHDRAWALS) if days > 14 else ""
    withdrawal_day = int(rng.integers(7, days - 3)) if withdrawal else days
    weekday = (today.weekday() - days + 1 + np.arange(days)) % 7
    taken = dose_days(rng, schedule, days)
    evening, lived = _evening(rng, baseline, weekday, taken, last=withdrawal_day)
    agreed = {name for name, share in SCOPES.items() if rng.random() < share}
    site = int(rng.integers(sites))
    minute = int(rng.integers(8 * 60, 22 * 60))
    doses = _doses(rng, taken & lived.writes, lived.pain, baseline, last=withdrawal_day)
    beginning = add_beginning(rng, baseline, schedule=schedule)
    told = [
        # Before the consent, which is given ten minutes before the first questions.
        Told("screening", 1, minute - 12, beginning.screening, beginning.missing["screening"]),
        Told("baseline", 1, minute, beginning.baseline, beginning.missing["baseline"]),
        *draw_events(rng, days, last=withdrawal_day),
        *(draw_exit(rng, withdrawal_day + 1) if withdrawal else ()),
        *draw_clinic(rng, baseline, days),
    ]
    start, usual = today - timedelta(days=days - 1), baseline["pain_usual"]
    return SyntheticPerson(
        index=index,
        site=site,
        days=days,
        schedule=schedule,
        scopes=tuple(sorted({"study", *agreed})),
        withdrawal=withdrawal,
        withdrawal_day=withdrawal_day,
        baseline=baseline,
        baseline_minute=minute,
        evening=evening,
        doses=doses,
        follow_ups=draw_follow_ups(rng, doses, lived.pain, relief=EXPECTANCY * baseline["expectancy"] / 100),
        weekly=draw_weekly(rng, lived, last=withdrawal_day),
        monthly=draw_monthly(rng, lived, start=start, usual=usual, last=withdrawal_day),
        told=tuple(told),
        # Drawn apart and last, so that nothing else of a person depends on it.
        pause=None if withdrawal else _pause(rng.spawn(1)[0], days),
    )


def _pause(rng: np.random.Generator, days: int) -> tuple[int, int] | None:
    """The days between which somebody paused."""
    lasting = int(rng.integers(*PAUSE_DAYS))
    first, latest = PAUSE_AWAY, days - PAUSE_AWAY - lasting
    if latest < first or rng.random() >= PAUSES:
        return None
    begins = int(rng.integers(first, latest + 1))
    return begins, begins + lasting


def _baseline(rng: np.random.Generator, schedule: str) -> dict[str, Any]:
    """What the model of the diary needs to know; `add_beginning` adds the rest."""
    level = np.clip(rng.normal(LEVEL, LEVEL_SD), 1, 9.5)
    return {
        "diagnosis": pick(rng, DIAGNOSES),
        "pain_years": int(np.clip(rng.gamma(1.6, 5.5), 0, 60)),
        "age": int(np.clip(rng.normal(46, 13), 18, 88)),
        "gender": pick(rng, GENDERS),
        "pain_usual": int(np.rint(level)),
        "psychedelic_history": pick(rng, HISTORIES),
        "small_amounts": schedule != "none",
        "expectancy": int(np.clip(rng.normal(62, 20), 0, 100)),
    }


def dose_days(rng: np.random.Generator, schedule: str, days: int) -> Series:
    """On which of `days` days something was taken, as True and False."""
    cycle = SCHEDULES[schedule]
    if cycle is None:
        return rng.random(days) < rng.uniform(*IRREGULAR)
    if not cycle:
        return np.zeros(days, dtype=bool)
    intended = np.resize(np.array(cycle, dtype=bool), days + len(cycle))[rng.integers(len(cycle)) :][:days]
    kept = rng.random(days) < KEPT_TO
    moved = np.roll(intended & ~kept & (rng.random(days) < 0.5), 1)
    moved[:1] = False
    return (intended & kept) | moved


def _flares(rng: np.random.Generator, days: int) -> Series:
    added = np.zeros(days)
    for day in np.flatnonzero(rng.random(days) < rng.uniform(*FLARE_STARTS)):
        lasting = rng.integers(*FLARE_DAYS)
        added[day : day + lasting] = np.maximum(added[day : day + lasting], rng.uniform(*FLARE_HEIGHT))
    return added


def _evening(
    rng: np.random.Generator, baseline: Mapping[str, Any], weekday: Series, taken: Series, *, last: int
) -> tuple[Diary, Days]:
    """The evening diary and what lies behind it."""
    days = len(weekday)
    level = baseline["pain_usual"] + rng.uniform(-0.5, 0.5)
    expected = taken * EXPECTANCY * baseline["expectancy"] / 100
    flare = _flares(rng, days)
    deviation = carried(rng, days, sd=DEVIATION_SD, share=CARRIED)
    drift = rng.normal(0, DRIFT_SD) * np.arange(days)
    pain = level + drift + WEEKDAYS[weekday] + deviation + flare - expected
    above = pain - level
    sleep = rng.normal(5.5, 1.3) + carried(rng, days, sd=1.1, share=0.3) - 0.25 * np.concatenate(([0], above[:-1]))
    mood = rng.normal(5.8, 1.3) + carried(rng, days, sd=1.0, share=0.45) - 0.35 * above + 0.2 * (sleep - 5.5) + expected
    energy = rng.normal(5.0, 1.3) + carried(rng, days, sd=1.0, share=0.4) - 0.30 * above + 0.35 * (sleep - 5.5)
    function = 10 - 0.75 * np.clip(pain, 0, 10) + rng.normal(0, 1.0, days) + 0.2 * (energy - 5)
    hours = np.round(2 * np.clip(rng.normal(7.0, 0.5) + 0.35 * (sleep - 5.5) + rng.normal(0, 0.7, days), 2, 12)) / 2
    values: dict[str, Series] = {
        "pain_average": pain,
        "pain_worst": pain + np.abs(rng.normal(1.2, 0.8, days)),
        "pain_now": pain + rng.normal(0, 0.8, days),
        "mood": mood, "energy": energy, "sleep_quality": sleep, "function": function,
    }  # fmt: skip
    values = {name: on_scale(series, 0, 10) for name, series in values.items()}
    values["pain_worst"] = np.maximum(values["pain_worst"], values["pain_average"])
    values["hours_slept"] = hours
    values["flare"] = flare > 0
    values["rescue_medicine"] = rng.random(days) < 1 / (1 + np.exp(4.5 - 0.6 * pain))
    day = np.arange(days)
    writes = np.cumsum(rng.random(days) < STOPS_WRITING) == 0
    willing = rng.normal(COMPLETION, COMPLETION_SD) - COMPLETION_FALL * day - 0.3 * (flare > 0)
    given = writes & (rng.random(days) < 1 / (1 + np.exp(-willing))) & (day < last)
    late = rng.random(days) < LATE
    # The window is open from 17:00 for ten hours, then for twelve more to those who are late.
    minute = np.where(late, rng.integers(27 * 60, 38 * 60, days), 17 * 60 + (rng.beta(2, 3, days) * 590).astype(int))
    values["stress"] = rng.random(days) < 1 / (1 + np.exp(2.2 + 0.5 * (mood - 5.8)))
    there = left_out(rng, EVENING, days, share=LEFT_OUT, always=("pain_average",))
    # Drawn apart, so that nothing else of a person depends on it.
    values["rescue_medicines"] = same_each_time(draw_rescue(rng.spawn(1)[0]), days)
    there["rescue_medicines"] = there["rescue_medicine"] & values["rescue_medicine"]
    diary = Diary(
        day[given] + 1,
        minute[given],
        day[given] + 1,
        {name: series[given] for name, series in values.items()},
        {name: series[given] for name, series in there.items()},
    )
    return diary, Days(pain, mood, writes)


# Substance -> share, unit, and the middle and spread of the amounts that people write down.
SUBSTANCES: Mapping[str, tuple[float, str, float, float]] = {
    "psilocybin_mushroom": (0.56, "g", 0.15, 0.4),
    "lsd": (0.24, "ug", 10.0, 0.35),
    "lsd_like": (0.11, "ug", 11.0, 0.35),
    "psilocybin": (0.04, "mg", 2.0, 0.4),
    "mescaline": (0.02, "mg", 25.0, 0.4),
    "other": (0.02, "pieces", 1.0, 0.1),
    "unknown": (0.01, "pieces", 1.0, 0.1),
}
KNOWN = {"weighed": 0.38, "counted": 0.24, "label": 0.12, "estimated": 0.22, "unknown": 0.04}
TESTED = {"yes": 0.18, "no": 0.66, "unknown": 0.16}
PREPARATIONS = {
    "psilocybin_mushroom": {"dried": 0.55, "capsule": 0.35, "tea": 0.05, "food": 0.05},
    "lsd": {"blotter": 0.7, "liquid": 0.3},
    "lsd_like": {"blotter": 0.8, "liquid": 0.1, "capsule": 0.1},
}  # of other substances nothing is said
WITH = {
    "painkiller": 0.08,
    "antidepressant": 0.05,
    "cannabis": 0.05,
    "alcohol": 0.02,
    "stimulant": 0.22,
    "supplement": 0.12,
}
DOSE = (
    "substance", "preparation", "amount", "unit", "amount_known", "tested", "taken", "taken_with", "expected",
    "pain_before",
)  # fmt: skip
ALWAYS = ("substance", "taken")
RECORDED = 0.9


def _doses(rng: np.random.Generator, taken: Series, pain: Series, baseline: Mapping[str, Any], *, last: int) -> Diary:
    days = np.flatnonzero(taken & (rng.random(len(taken)) < RECORDED) & (np.arange(len(taken)) < last))
    count = len(days)
    substance = pick(rng, {name: share for name, (share, *_) in SUBSTANCES.items()})
    _, unit, middle, spread = SUBSTANCES[substance]
    usual = middle * np.exp(rng.normal(0, spread))
    at = np.clip(rng.normal(9 * 60 + 30, 100, count), 5 * 60, 20 * 60).astype(int)
    before = on_scale(pain[days] + rng.normal(0, 0.7, count), 0, 10)
    # Most write soon after they took it, some up to two days later.
    later = rng.choice([0, 1, 2], size=count, p=[0.86, 0.11, 0.03]) * 24 * 60
    soon = np.clip(rng.gamma(2, 15, count), 2, 180).astype(int)
    values: dict[str, Series] = {
        "substance": np.full(count, substance),
        "preparation": np.full(count, pick(rng, PREPARATIONS.get(substance, {"other": 1}))),
        "amount": np.round(usual * np.exp(rng.normal(0, 0.1, count)), 2 if unit in ("g",) else 1),
        "unit": np.full(count, unit),
        "amount_known": np.full(count, pick(rng, KNOWN)),
        "tested": np.full(count, pick(rng, TESTED)),
        "taken": at,
        "taken_with": sets(rng, WITH, count),
        "expected": on_scale(baseline["expectancy"] / 10 + rng.normal(0, 1.2, count), 0, 10),
        "pain_before": before,
    }
    given = left_out(rng, DOSE, count, share=2 * LEFT_OUT, always=ALWAYS)
    given["preparation"] &= substance in PREPARATIONS
    return Diary(days + 1, at + soon + later, np.arange(count), values, given)
