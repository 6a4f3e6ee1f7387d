"""How often somebody who knows every other record guesses right: what decision record 0013 measured."""

import pytest

from studyportal.statistics.guessing import guessed


# A hundred looks make 0.76, 122 make 0.78; three projects' ledgers make 0.89.
@pytest.mark.parametrize(("units", "measured"), [(0, 0.50), (50, 0.76), (61, 0.78), (150, 0.89)])
def test_the_sum_is_what_was_measured(units: int, measured: float) -> None:
    assert guessed(units, noise=7) == pytest.approx(measured, abs=0.01)


def test_twice_the_noise_needs_four_times_as_much() -> None:
    assert guessed(200, noise=14) == pytest.approx(guessed(50, noise=7))
