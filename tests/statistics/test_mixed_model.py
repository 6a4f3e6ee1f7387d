"""The mixed model agrees with two textbooks, with a published trial's data, and with statsmodels on drawn data."""

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from studyportal.errors import Invalid
from studyportal.statistics.mixed_model import INTERCEPT, random_intercept

TRIAL = Path(__file__).parents[3] / "shared" / "data" / "self-blinding-microdose" / "pacutes.csv"


def test_the_rails_of_pinheiro_and_bates_have_their_printed_fit() -> None:
    # Pinheiro and Bates 2000, Mixed-Effects Models in S and S-PLUS, 1.1: travel of an ultrasonic wave in six rails.
    travel = np.array([55, 53, 54, 26, 37, 32, 78, 91, 85, 92, 100, 96, 49, 51, 50, 80, 85, 83], float)

    found = random_intercept(np.repeat(np.arange(6), 3), travel, {})

    assert found.effects[INTERCEPT].value == pytest.approx(66.5)
    assert found.effects[INTERCEPT].error == pytest.approx(10.17104, abs=2e-5)
    assert found.between**0.5 == pytest.approx(24.80547, abs=2e-5)
    assert found.within**0.5 == pytest.approx(4.020779, abs=2e-6)
    assert found.log_likelihood == pytest.approx(-61.0885, abs=1e-4)


def test_the_dyestuff_of_davies_has_the_fit_that_bates_prints() -> None:
    # Davies 1947, as in Bates et al. 2015, J Stat Softw 67:1: yield of six batches of an intermediate.
    batches = (
        (1545, 1440, 1440, 1520, 1580), (1540, 1555, 1490, 1560, 1495), (1595, 1550, 1605, 1510, 1560),
        (1445, 1440, 1595, 1465, 1545), (1595, 1630, 1515, 1635, 1625), (1520, 1455, 1450, 1480, 1445),
    )  # fmt: skip

    found = random_intercept(np.repeat(np.arange(6), 5), np.array(batches, float).ravel(), {})

    assert round(found.effects[INTERCEPT].value, 1) == 1527.5
    assert round(found.between**0.5, 2) == 42.00
    assert round(found.within**0.5, 2) == 49.51
    assert round(-2 * found.log_likelihood, 4) == 319.6543


@pytest.mark.skipif(not TRIAL.exists(), reason="the public data of the self-blinding trial are not beside this tree")
@pytest.mark.parametrize(
    ("score", "beside", "rows", "people", "effect", "with_guess"),
    [
        ("PANAS", ("expectation", "psychiatric_past"), 847, 239, (2.22, 0.81, 3.63), (0.94, -0.46, 2.34)),
        ("mood", ("expectation", "psychiatric_past"), 847, 239, (4.55, 1.69, 7.41), (1.54, -1.27, 4.35)),
        ("intensity", ("expectation",), 844, 239, (12.49, 9.48, 15.51), (3.39, 1.47, 5.32)),
    ],
)
def test_the_self_blinding_trial_has_its_published_effects(
    score: str,
    beside: tuple[str, ...],
    rows: int,
    people: int,
    effect: tuple[float, float, float],
    with_guess: tuple[float, float, float],
) -> None:
    # Szigeti et al. 2021, eLife 10:e62878; data github.com/szb37/mcrds_public. MD against PL, complete cases; the same
    # models fitted with statsmodels' MixedLM give these effects and intervals.
    columns = _columns(score)
    fixed = {"MD": columns["condition"]} | {name: columns[name] for name in beside}

    alone = random_intercept(columns["trial_id"].astype(int), columns["value"], fixed)
    guessed = random_intercept(columns["trial_id"].astype(int), columns["value"], fixed | {"guess": columns["guess"]})

    assert (alone.rows, alone.people) == (rows, people)
    for fit, wanted in ((alone, effect), (guessed, with_guess)):
        found = fit.effects["MD"]
        assert tuple(round(number, 2) for number in (found.value, found.low, found.high)) == wanted


def test_drawn_data_with_gaps_fit_as_in_statsmodels() -> None:
    rng = np.random.default_rng(11)
    person = rng.integers(0, 80, 900)
    fixed = {"dose": (rng.random(900) < 0.4).astype(float), "expects": rng.uniform(0, 100, 900)}
    outcome = 5 + 1.5 * rng.normal(size=80)[person] - 0.3 * fixed["dose"] + rng.normal(size=900)
    outcome[rng.random(900) < 0.1] = np.nan
    fixed["expects"][rng.random(900) < 0.1] = np.nan

    found = random_intercept(person, outcome, fixed)

    x = np.column_stack([np.ones(900), *fixed.values()])
    whole = ~np.isnan(outcome) & ~np.isnan(x).any(axis=1)
    wanted = MixedLM(outcome[whole], x[whole], person[whole]).fit(reml=True)
    assert found.rows == whole.sum()
    assert [one.value for one in found.effects.values()] == pytest.approx(list(wanted.fe_params), abs=1e-5)
    assert [one.error for one in found.effects.values()] == pytest.approx(list(wanted.bse_fe), rel=1e-5)
    assert (found.between, found.within) == pytest.approx((float(wanted.cov_re[0, 0]), wanted.scale), rel=1e-3)


def test_people_who_do_not_differ_leave_ordinary_least_squares() -> None:
    y, x = np.array([1.0, 3.0, 2.0, 4.0, 1.5, 3.5]), np.array([0.0, 1.0, 0.0, 1.0, 0.0, 1.0])

    found = random_intercept(np.array([0, 0, 1, 1, 2, 2]), np.array([3.0, 1.0, 4.0, 2.0, 3.5, 1.5])[::-1], {"x": x})

    wanted = np.linalg.lstsq(np.column_stack([np.ones(6), x]), y[[4, 5, 2, 3, 0, 1]], rcond=None)[0]
    assert [one.value for one in found.effects.values()] == pytest.approx(list(wanted))


def test_effects_that_cannot_be_told_apart_are_refused() -> None:
    same = np.array([0.0, 1.0, 0.0, 1.0])

    with pytest.raises(Invalid, match="cannot tell the effects"):
        random_intercept(np.array([0, 0, 1, 1]), np.arange(4.0), {"one": same, "other": 2 * same})


def _columns(score: str) -> Mapping[str, np.ndarray]:
    with TRIAL.open(newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["test_name"] == score]
    names = ("trial_id", "value", "expectation", "psychiatric_past")
    numbers = {name: np.array([float(line[name] or "nan") for line in lines]) for name in names}
    return numbers | {name: np.array([line[name] == "MD" for line in lines], float) for name in ("condition", "guess")}
