"""Draw what protects a set of people from a secret and the set alone, so that the same set always draws the same.

The threshold. A fixed one is fatal, and so is one with an edge: with thresholds that are spread evenly over 10..19,
somebody who knows nine of ten people needs 50 sets to be right 97 times in 100, because ten people show now and then
and nine never do. `SHOWN` is the way from never to always on which no single step tells more than another: where u(n)
is the chance that n people are told apart from nobody, each step with the noise together has 4 (d arcsin sqrt u)^2 + u
/ 51.1 = 0.0222, which makes 0.775 at 100 sets, two for each of the 50 that the ledger counts, wherever on the way they
lie (0.758 from the noise alone). Its median is 21; evenly spread it was 14.

The eldest. Of the sets that differ from a new one by a few people the one answered first lends its answer. With a fixed
number of people somebody who knows all others could see on which side of it the last one lies; so it is drawn, and
`ELDEST` goes from always to never as `SHOWN` goes from never to always (steps of equal arcsin sqrt u).

The noise. A discrete Gaussian, cut off at 25, with a variance of 49 after the cut; with the rounding to 5 it is 51.1.
"""

import hmac
import struct
from bisect import bisect_left
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

# The chance that so many more people than the least one minus one are told apart from none: 1 more, 2 more, and so on.
SHOWN = (
    0.0055, 0.0220, 0.0487, 0.0848, 0.1288, 0.1793, 0.2346, 0.2930, 0.3529, 0.4130, 0.4720,
    0.5289, 0.5829, 0.6336, 0.6805, 0.7236, 0.7627, 0.7980, 0.8296, 0.8576, 0.8823, 0.9040,
    0.9228, 0.9391, 0.9530, 0.9648, 0.9746, 0.9827, 0.9890, 0.9939, 0.9973, 0.9993, 1.0,
)  # fmt: skip
# No set that differs by so many people from another is ever taken for it.
WIDEST = len(SHOWN) - 1
# The chance that the eldest of those within 1, 2, 3 people and so on lends its answer: cos^2 of equal steps.
ELDEST = (1.0, 0.9505, 0.8117, 0.6113, 0.3887, 0.1883, 0.0495)
# In standard deviations: 25 at 7.
CUT_OFF = 3.6

Key = tuple[int, int, int]


class Chance:
    """Everything that is left to chance, by a secret of at least 32 bytes."""

    def __init__(self, secret: bytes, *, deviation: float = 7.0) -> None:
        if len(secret) < 32:
            raise ValueError("a noise secret has 32 bytes at least")
        self._secret, self.deviation = secret, deviation
        self._noises, self._up_to = _gaussian(deviation)

    def name(self, key: Key) -> bytes:
        """What a set is called where it is kept: nobody without the secret can tell which set it is."""
        return self._digest("name", key)[:16]

    def draw(self, tag: str, key: Key) -> float:
        """A number in [0, 1) that this set always draws for this tag."""
        return (int.from_bytes(self._digest(tag, key)[:8], "big") >> 11) / 2**53

    def threshold(self, key: Key, *, least: int = 10) -> int:
        """From how many people on this set is told apart from nobody and from other sets: `least` to `least` + 32."""
        return least + bisect_left(SHOWN, self.draw("thr", key))

    def eldest_within(self, key: Key) -> int:
        """The eldest answered set that differs by at most so many people from this one lends its answer, if there is
        one."""
        return bisect_left(ELDEST, -self.draw("old", key), key=lambda chance: -chance)

    def noise(self, key: Key) -> int:
        """What is added to its size."""
        return int(self._noises[np.searchsorted(self._up_to, self.draw("cnt", key), side="right")])

    def normal(self, about: str, key: Key) -> float:
        """A standard normal number for one measure of this set, cut off where the noise of counts is.

        Another deviation has another draw: the same one, stretched, would give the exact sum away to whoever kept
        both."""
        u = self.draw(f"msr {self.deviation:g} {about}", key)
        low = NormalDist().cdf(-CUT_OFF)
        return NormalDist().inv_cdf(low + u * (1 - 2 * low))

    def _digest(self, tag: str, key: Key) -> bytes:
        # The tag comes last: the numbers before it are always 24 bytes, so no two questions can look alike.
        return hmac.digest(self._secret, struct.pack(">QQQ", *key) + tag.encode(), "sha256")


@lru_cache(maxsize=8)
def _gaussian(deviation: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Every noise and the chance of it or a smaller one; the scale is found so that the variance holds after the
    cut."""
    bound = round(CUT_OFF * deviation)
    noises = np.arange(-bound, bound + 1)
    low, high = deviation, 2 * deviation
    for _ in range(60):
        scale = (low + high) / 2
        weights = np.exp(-(noises**2) / (2 * scale**2))
        weights /= weights.sum()
        low, high = (low, scale) if (weights * noises**2).sum() > deviation**2 else (scale, high)
    up_to = np.cumsum(weights)
    up_to[-1] = 1.0
    return noises, up_to
