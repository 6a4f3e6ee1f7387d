"""The curve of those who go on agrees with a published one and with statsmodels, and needs counts alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression
from scipy.stats import norm
from statsmodels.duration.survfunc import SurvfuncRight

from studyportal.statistics.retention import at_risk, falling, kaplan_meier, last_weeks, still_writing

EVERYBODY = np.ones(21, np.bool_)
# Freireich et al. 1963, Blood 21:699: weeks in remission of 21 children with 6-mercaptopurine; True if it ended.
REMISSION = [
    (6, True), (6, True), (6, True), (6, False), (7, True), (9, False), (10, True), (10, False), (11, False), (13, True),
    (16, True), (17, False), (19, False), (20, False), (22, True), (23, True), (25, False), (32, False), (32, False),
    (34, False), (35, False),
]  # fmt: skip


def test_the_remissions_of_freireich_have_the_curve_of_the_textbook() -> None:
    last, over = (np.array(column) for column in zip(*[(week, week + ended) for week, ended in REMISSION], strict=True))

    groups = at_risk(last, over, members=EVERYBODY)
    followed, stopped = ([int(one.sum()) for one in sets] for sets in (groups.followed, groups.stopped))
    curve = kaplan_meier(groups.weeks, followed, stopped)

    # Kleinbaum and Klein 2012, Survival Analysis, chapter 2: at risk, ended and share after each week.
    assert list(zip(groups.weeks, followed, stopped, strict=True)) == [
        (6, 21, 3), (7, 17, 1), (10, 15, 1), (13, 12, 1), (16, 11, 1), (22, 7, 1), (23, 6, 1),
    ]  # fmt: skip
    assert [f"{one.share:.4f}" for one in curve] == [
        "0.8571",
        "0.8067",
        "0.7529",
        "0.6902",
        "0.6275",
        "0.5378",
        "0.4482",
    ]


def test_shares_and_log_log_intervals_are_those_of_statsmodels() -> None:
    rng = np.random.default_rng(3)
    over = rng.integers(1, 53, 400)
    last = np.minimum(rng.geometric(0.03, 400), over)

    groups = at_risk(last, over, members=np.ones(400, np.bool_))
    curve = kaplan_meier(groups.weeks, [one.sum() for one in groups.followed], [one.sum() for one in groups.stopped])

    known = SurvfuncRight(last, last < over)
    rows = {int(time): both for time, *both in zip(known.surv_times, known.surv_prob, known.surv_prob_se, strict=True)}
    for one in curve:
        share, error = rows[one.time]
        # Kalbfleisch and Prentice 2002, section 1.4: Greenwood's error on the scale of log(-log).
        wide = norm.ppf(0.975) * error / (share * np.log(share))
        assert one.share == pytest.approx(share)
        assert (one.low, one.high) == pytest.approx((share ** np.exp(-wide), share ** np.exp(wide)))


def test_who_never_wrote_is_not_followed_and_who_wrote_to_the_end_has_not_stopped() -> None:
    last = last_weeks(np.array([0, 0, 2]), np.array([1, 3, 2]), places=4)

    groups = at_risk(last, np.array([3, 3, 5, 5]), members=np.ones(4, np.bool_))

    assert last.tolist() == [3, 0, 2, 0]
    assert groups.weeks == (2,)
    assert groups.followed[0].tolist() == [True, False, True, False]
    assert still_writing(last, 3, members=np.ones(4, np.bool_)).tolist() == [True, False, False, False]


@given(st.lists(st.integers(0, 300), min_size=1, max_size=40))
def test_counts_that_rise_are_put_together_as_in_scipy(counts: list[int]) -> None:
    found = falling(counts)

    assert (np.diff(found) <= 1e-9).all()
    assert found == pytest.approx(isotonic_regression(counts, increasing=False).x)
