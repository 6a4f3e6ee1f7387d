"""Draw what synthetic people say before they begin: the screening and the questions at the start. Pure NumPy."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from studyportal.portal.demo.drawing import some

DIAGNOSES = {
    "fibromyalgia": 0.24, "back": 0.22, "neuropathic": 0.15, "migraine": 0.14, "arthritis": 0.11, "cluster": 0.05,
    "other": 0.06, "unknown": 0.03,
}  # fmt: skip
GENDERS = {"woman": 0.57, "man": 0.38, "non_binary": 0.03, "other": 0.005, "not_said": 0.015}
HISTORIES = {"never": 0.12, "once_or_twice": 0.28, "several": 0.34, "often": 0.24, "not_said": 0.02}
ILLNESSES = {
    "depression": 0.34, "anxiety": 0.24, "trauma": 0.11, "bipolar": 0.02, "psychosis": 0.01, "addiction": 0.04,
    "other": 0.03,
}  # fmt: skip

# Names as people copy them from the box; they never leave custody, the kind of medicine does.
MEDICINES: Mapping[str, tuple[float, tuple[str, ...]]] = {
    "paracetamol": (0.38, ("Paracetamol 500 mg", "Acetaminophen")),
    "anti_inflammatory": (0.41, ("Ibuprofen 400", "Naproxen", "Diclofenac")),
    "opioid": (0.21, ("Codeine", "Tramadol", "Oxycodone")),
    "antidepressant": (0.29, ("Duloxetine 60", "Amitriptyline", "Sertraline")),
    "nerve": (0.24, ("Gabapentin", "Pregabalin 75 mg")),
    "migraine": (0.10, ("Sumatriptan",)),
    "muscle": (0.06, ("Methocarbamol",)),
    "cannabis": (0.07, ("Cannabis oil",)),
    "mood_stabiliser": (0.01, ("Lithium carbonate",)),
    "other": (0.12, ("Magnesium", "Levothyroxine")),
}
DAILY = 0.7
RESCUE = {"paracetamol": 0.34, "anti_inflammatory": 0.42, "opioid": 0.16, "migraine": 0.08}

# How the kinds of medicine show in the screening's four groups.
RISKS = {"lithium": "mood_stabiliser", "ssri_snri": "antidepressant", "tramadol": "opioid"}
RISK_SHARES = {"lithium": 1.0, "ssri_snri": 0.7, "tramadol": 0.3}
MAO_INHIBITOR = 0.003
RELATIVES = {"self": 0.012, "family": 0.05}
PREGNANT, HEART_VALVE, THOUGHTS = 0.012, 0.015, 0.025

SITES = (
    "left_shoulder", "right_shoulder", "left_hip", "right_hip", "left_upper_leg", "right_upper_leg", "left_lower_leg",
    "right_lower_leg", "neck", "chest", "abdomen", "upper_back", "lower_back",
)  # fmt: skip
WIDESPREAD = {"fibromyalgia": 0.55, "arthritis": 0.3, "back": 0.2, "neuropathic": 0.2}

# The days of a cycle that somebody means to keep, by the schedule they keep to.
RHYTHMS = {
    "fadiman": "one_on_two_off", "stamets": "four_on_three_off", "every_other": "every_other", "irregular": "irregular",
}  # fmt: skip


class Beginning(NamedTuple):
    """The answers of both forms, and the reasons that stand in place of answers, by form."""

    screening: Mapping[str, Any]
    baseline: Mapping[str, Any]
    missing: Mapping[str, Mapping[str, str]]


def add_beginning(rng: np.random.Generator, baseline: dict[str, Any], *, schedule: str) -> Beginning:
    """The screening, and what the model of pain does not need of the start, for somebody with this `baseline`."""
    missing: dict[str, dict[str, str]] = {"screening": {}, "baseline": {}}
    for name in [name for name, value in baseline.items() if value == "not_said"]:
        missing["baseline"][name] = baseline.pop(name)
    medicines = draw_medicines(rng)
    usual = baseline["pain_usual"]
    reach = WIDESPREAD.get(baseline["diagnosis"], 0.1)
    baseline |= {
        "pain_sites": some(rng, dict.fromkeys(SITES, reach)),
        "peg_1": usual,
        "peg_2": int(np.clip(usual + rng.integers(-2, 2), 0, 10)),
        "peg_3": int(np.clip(usual + rng.integers(-2, 2), 0, 10)),
        "mental_health": some(rng, ILLNESSES),
    }
    if medicines:
        baseline["medicines"] = medicines
    if schedule != "none":
        baseline["months_of_small_amounts"] = int(np.clip(rng.gamma(1.1, 7), 0, 120))
        baseline["rhythm"] = RHYTHMS[schedule]
    screening: dict[str, Any] = {
        "adult": True,
        "psychosis": some(rng, RELATIVES),
        "risk_medicines": _risks(rng, {row["class"] for row in medicines}),
        "heart_valve": bool(rng.random() < HEART_VALVE),
        "suicidal_thoughts": bool(rng.random() < THOUGHTS),
    }
    if baseline.get("gender") == "man" or baseline["age"] > 55:
        missing["screening"]["pregnancy"] = "not_applicable"
    else:
        screening["pregnancy"] = bool(rng.random() < PREGNANT)
    return Beginning(screening, baseline, missing)


def draw_medicines(rng: np.random.Generator) -> list[dict[str, Any]]:
    """The rows of somebody's list of medicines; may be empty."""
    return [
        {"name": str(rng.choice(names)), "class": kind, "daily": bool(rng.random() < DAILY)}
        for kind, (share, names) in MEDICINES.items()
        if rng.random() < share
    ]


def draw_rescue(rng: np.random.Generator) -> list[dict[str, Any]]:
    """The rows of what somebody takes as extra medicine: one kind, the same each time."""
    kind = str(rng.choice(list(RESCUE), p=list(RESCUE.values())))
    return [{"name": str(rng.choice(MEDICINES[kind][1])), "class": kind}]


def _risks(rng: np.random.Generator, taken: set[str]) -> list[str]:
    found = {risk for risk, kind in RISKS.items() if kind in taken and rng.random() < RISK_SHARES[risk]}
    if rng.random() < MAO_INHIBITOR:
        found.add("mao_inhibitor")
    return [risk for risk in ("lithium", "mao_inhibitor", "ssri_snri", "tramadol") if risk in found] or ["none"]
