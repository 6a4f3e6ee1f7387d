"""Draw what synthetic people write when something happened: after a dose, about their health, when they leave. Pure
NumPy.

Also the few forms that a clinic fills in. As everywhere here, a dose has no effect but a small one of expectancy.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from studyportal.portal.demo.drawing import Diary, Series, Told, left_out, on_scale, pick, sets, some

FOLLOWED = 0.15  # share of doses after which the form is sent
# The form opens three hours after a dose was written down and closes nine hours later.
SOONEST, LATEST = 190, 700
UNWANTED = {
    "sick": 0.02, "headache": 0.03, "restless": 0.05, "anxious": 0.03, "mood_swings": 0.04, "low": 0.01,
    "sensitive": 0.05, "heartbeat": 0.015, "dizzy": 0.01, "tired": 0.04, "sleepless": 0.02, "unfocused": 0.02,
    "more_pain": 0.01, "unreal": 0.001, "fainted": 0.0005, "other": 0.01,
}  # fmt: skip
GUESSES = {"substance": 0.34, "expecting": 0.09, "else": 0.12, "no_difference": 0.25, "unsure": 0.20}
FOLLOW_UP = (
    "pain_after", "minutes_since", "intensity", "relief", "relief_after", "relief_lasted", "unwanted",
    "unwanted_effects", "guess",
)  # fmt: skip
WORDS = ("Cold hands for an hour.", "Yawned all morning.", "A stiff jaw.")  # said under "something else"

EVENTS = 0.0006  # adverse events per day
KINDS = {
    "mind": 0.18, "unreal": 0.01, "heart": 0.06, "breathing": 0.04, "fainting": 0.05, "fit": 0.004, "stomach": 0.2,
    "skin": 0.1, "pain": 0.22, "injury": 0.1, "infection": 0.25, "other": 0.06,
}  # fmt: skip
GRADES = {"1": 0.5, "2": 0.37, "3": 0.11, "4": 0.02}
OUTCOMES = {"gone": 0.45, "better": 0.3, "same": 0.15, "worse": 0.02, "lasting": 0.03, "unknown": 0.05}
SERIOUS = {"3": {"hospital": 0.4, "other_important": 0.1}, "4": {"life_threatening": 0.9, "hospital": 0.7}}

SAYS_WHY = 0.5  # share of those who leave
REASONS = {
    "time": 0.3, "burden": 0.2, "no_gain": 0.2, "worse": 0.08, "better": 0.1, "unwanted": 0.06, "stopped": 0.15,
    "privacy": 0.08, "law": 0.08, "life": 0.25,
}  # fmt: skip

CONFIRMED, AGREES = 0.25, 0.9
RESTS_ON = {"specialist": 0.5, "general": 0.3, "criteria": 0.1, "reported": 0.1}


def draw_follow_ups(rng: np.random.Generator, doses: Diary, pain: Series, *, relief: float) -> Diary:
    """A short form after some of the doses, later on the same day; `relief` is what the dose day takes off the pain."""
    same_day = doses.minute < 20 * 60
    chosen = np.flatnonzero(same_day & (rng.random(len(doses)) < FOLLOWED))
    count, day, began = len(chosen), doses.day[chosen], doses.values["taken"][chosen]
    since = np.clip(rng.normal(300, 90, count), SOONEST, LATEST).astype(int)
    since = np.maximum(since, doses.minute[chosen] - began + SOONEST)
    after = on_scale(pain[day - 1] - relief + rng.normal(0, 0.8, count), 0, 10)
    less = after < doses.values["pain_before"][chosen]
    unwanted = sets(rng, UNWANTED, count)
    values: dict[str, Series] = {
        "pain_after": after,
        "minutes_since": since,
        "intensity": on_scale(rng.gamma(1.8, 0.9, count), 0, 10),
        "relief": less,
        "relief_after": np.minimum(rng.integers(20, 150, count), since),
        "relief_lasted": np.minimum(rng.integers(30, 300, count), since),
        "unwanted": unwanted,
        "unwanted_effects": rng.choice(np.array(WORDS), count),
        "guess": rng.choice(np.array(list(GUESSES)), count, p=np.array(list(GUESSES.values()))),
    }
    given = left_out(rng, FOLLOW_UP, count, share=0.06, always=("pain_after",))
    for name in ("relief_after", "relief_lasted"):
        given[name] &= given["relief"] & less
    other = np.array(["other" in one for one in unwanted], dtype=bool)
    given["unwanted_effects"] &= given["unwanted"] & other
    return Diary(day, began + since + 10, chosen, values, given)


def draw_events(rng: np.random.Generator, days: int, *, last: int) -> list[Told]:
    """The adverse events that somebody tells of, until study day `last`."""
    found = []
    for day in np.flatnonzero(rng.random(days) < EVENTS) + 1:
        if day < last:
            grade = pick(rng, GRADES)
            answers = {
                "what": some(rng, KINDS),
                "grade": grade,
                "serious": some(rng, SERIOUS.get(grade, {})),
                "began": int(day),
                "outcome": pick(rng, OUTCOMES),
            }
            if answers["what"] == ["none"]:
                answers["what"] = ["other"]
            found.append(Told("adverse_event", int(day), int(rng.integers(9 * 60, 23 * 60)), answers, {}))
    return found


def draw_exit(rng: np.random.Generator, day: int) -> list[Told]:
    """What somebody who leaves says about it on study day `day`, if they do."""
    if rng.random() >= SAYS_WHY:
        return []
    reasons = [one for one in some(rng, REASONS) if one != "none"]
    pgic = pick(rng, {"no_change": 0.5, "minimally_worse": 0.2, "minimally_improved": 0.2, "much_worse": 0.1})
    answers: dict[str, Any] = {"pgic": pgic} | ({"reason": reasons} if reasons else {})
    return [Told("exit", day, 20 * 60 - 30, answers, {} if reasons else {"reason": "not_said"})]


def draw_clinic(rng: np.random.Generator, baseline: Mapping[str, Any], days: int) -> list[Told]:
    """What the clinic enters: a confirmed diagnosis."""
    found = []
    if rng.random() < CONFIRMED and days > 20:
        said = baseline["diagnosis"]
        answers = {
            "diagnosis": said if rng.random() < AGREES and said != "unknown" else "other",
            "confirmed_by": pick(rng, RESTS_ON),
        }
        found.append(
            Told("diagnosis_confirmed", int(rng.integers(3, 15)), int(rng.integers(9 * 60, 16 * 60)), answers, {})
        )
    return found
