"""Draw what protects a set of people from a secret and the set alone, so that the same set always draws the same.

The threshold. A fixed one is fatal, and so is one with an edge: with thresholds that are spread evenly over 10..19, somebody
who knows nine of ten people needs 50 sets to be right 97 times in 100, because ten people show now and then and nine never
do. `SHOWN` is the way from never to always on which no single step tells more than another: where u(n) is the chance that n
people are told apart from nobody, each step with the noise together has 4 (d arcsin sqrt u)^2 + u / 27.1 = 0.0446, which
makes 0.775 at 50 sets wherever on the way they lie (0.752 from the noise alone). Its median is 17; evenly spread it was 14.

The noise. A discrete Gaussian, cut off at 18, with a variance of 25 after the cut.
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
    0.0111, 0.0435, 0.0946, 0.1608, 0.2376, 0.3205, 0.4053, 0.4886, 0.5676, 0.6406, 0.7064,
    0.7646, 0.8151, 0.8583, 0.8947, 0.9247, 0.9489, 0.9680, 0.9823, 0.9922, 0.9981, 1.0,
)  # fmt: skip
# No set that differs by so many people from another is ever taken for it.
WIDEST = len(SHOWN) - 1
# In standard deviations: 18 at 5.
CUT_OFF = 3.6

Key = tuple[int, int, int]


class Chance:
    """Everything that is left to chance, by a secret of at least 32 bytes."""

    def __init__(self, secret: bytes, *, deviation: float = 5.0) -> None:
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
        """From how many people on this set is told apart from nobody and from other sets: `least` to `least` + 21."""
        return least + bisect_left(SHOWN, self.draw("thr", key))

    def noise(self, key: Key) -> int:
        """What is added to its size."""
        return int(self._noises[np.searchsorted(self._up_to, self.draw("cnt", key), side="right")])

    def normal(self, about: str, key: Key) -> float:
        """A standard normal number for one measure of this set, cut off where the noise of counts is."""
        u = self.draw(f"msr {about}", key)
        low = NormalDist().cdf(-CUT_OFF)
        return NormalDist().inv_cdf(low + u * (1 - 2 * low))

    def _digest(self, tag: str, key: Key) -> bytes:
        # The tag comes last: the numbers before it are always 24 bytes, so no two questions can look alike.
        return hmac.digest(self._secret, struct.pack(">QQQ", *key) + tag.encode(), "sha256")


@lru_cache(maxsize=8)
def _gaussian(deviation: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Every noise and the chance of it or a smaller one; the scale is found so that the variance holds after the cut."""
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
