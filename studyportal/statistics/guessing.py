"""Say how often somebody who knows every other record guesses one person's unknown yes or no, after so much was opened.

It looks at how much was opened and never at what. Thresholds, rounding, and answers that sets borrow from each other
are left out; docs/decisions/0013-the-disclosure-engine.md has what was measured with them, and what no such sum covers.
"""

from math import sqrt
from statistics import NormalDist

# A look is a published number that is blurred by itself and moves by one if the unknown answer is another. One in the
# ledger buys two (`research.disclosure.ledger` says why, block by block; what each result gives is measured, decision
# 0013).
LOOKS_OF_ONE = 2


def guessed(units: int, *, noise: float) -> float:
    """The share of right guesses, 0.5 being chance, after `units` of the ledger under noise of this standard deviation.

    Two bells of the same width whose middles lie `d` widths apart are told apart rightly in Phi(d / 2) of all cases; n
    independent looks put sqrt(n) / noise widths between them (signal detection; Green and Swets 1966).
    """
    return NormalDist().cdf(sqrt(LOOKS_OF_ONE * units) / noise / 2)
