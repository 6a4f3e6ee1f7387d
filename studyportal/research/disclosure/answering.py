"""Answer how many people a set has: as another set was answered that is nearly the same, or with a noise of its own.

Nobody is the first answered set, and hidden. A set that differs from its nearest answered set (nobody among them) by fewer
people than its threshold (`chance`) is answered as one of those; else by its own size with noise, rounded. What was answered
is remembered, also if it was another set's answer, and the same set is answered the same for ever. So:

- **Two sets that differ by one person have one answer**, whichever was asked first and by whom. This needs the borrowed
  answers to be remembered as well: if only sets with a noise of their own were, B = A without one person could be near
  enough to nothing while A borrowed, and the two answers would differ exactly if the person is in A.
- **Which answer is borrowed is drawn, with a chance that falls with the cube of the distance.** The nearest one alone falls
  to somebody who knows twenty records: between two answered sets, ten people from one and eleven from the other, the
  answer said which, and with it whether the last person is in (right 99 times in 100 after five questions). With the cube
  a set one away from A is answered as A, but for one in a thousand at ten people from another.
- **A set and its complement** within a cohort are each looked at alone. A cell that is nearly all of its cohort is near to
  the cohort, and answered as it: so 100 % hides who is missing, as a hidden cell hides who is in. Their noises are not
  tied together: with opposite noises the two cells of a yes and no question would add up to the exact size of the cohort,
  and ten questions would give it away whatever its noise. The price is that a partition tells an insider twice as much
  about the answer of one person as a single set does: both cells move (measured at 50 partitions: right 0.83 instead of 0.75).
  That is why the ledger also counts for those whom one answer alone keeps out of a cohort (`ledger`).
- **Partitions** add up to independent estimates of their cohort. For somebody outside that is worth nothing: the
  cohort without one person gets the same cells, of which the one with the person in it is borrowed. For somebody who
  knows all others each is one more look at the same person, and the ledger counts it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studyportal.research.disclosure.answered import NOBODY, AnsweredSets, Row, Words
from studyportal.research.disclosure.chance import WIDEST, Chance
from studyportal.research.disclosure.people import People, Roll
from studyportal.research.disclosure.protection import Protection


@dataclass(frozen=True, slots=True)
class Answered:
    """What is shown of a set (None: hidden), and the people of the set whose own answer that is."""

    shown: int | None
    members: Words


# The chance of being borrowed falls with the distance to the first power, and within a few people of a set much faster.
_FALLS, _AT_ONCE_WITHIN, _FALLS_WITHIN = 3.0, 4.0, 4.0


class Answering:
    """The sets answered so far, and how the next one is. Not safe for several threads; `answers` of the store is."""

    def __init__(self, chance: Chance, protection: Protection) -> None:
        self.chance, self.protection = chance, protection
        self.sets = AnsweredSets()
        # From here on, nothing is borrowed; the chance of it falls to nothing before.
        self._reach = 2 * (protection.threshold + WIDEST + 1)

    def of(self, roll: Roll, asked: Sequence[People]) -> list[Answered]:
        """How each of these sets is answered."""
        return [self.answered(row) for row in self.answer(roll, asked)]

    def answered(self, row: int) -> Answered:
        return Answered(self.sets.shown(row), self.sets.words(self.sets.own(row)))

    def known(self, roll: Roll, asked: Sequence[People]) -> list[int | None]:
        """The rows of those sets that were answered before; None for others."""
        return [self._known(self.chance.name(roll.key(people)), people) for people in asked]

    def answer(self, roll: Roll, asked: Sequence[People]) -> list[int]:
        """The rows in which these sets are answered, one after the other; new rows are at the end of `sets`."""
        return [self._answer(roll, people) for people in asked]

    def _known(self, name: bytes, people: People) -> int | None:
        return self.sets.row_of(name) if people.size else NOBODY

    def _answer(self, roll: Roll, people: People) -> int:
        key = roll.key(people)
        name, words = self.chance.name(key), people.words
        known = self._known(name, people)
        if known is not None:
            return known
        near, _ = self.sets.near(words, within=self.chance.threshold(key, least=self.protection.threshold))
        if len(near):
            borrowed = self._drawn(words, self.chance.draw("pick", key))
            return self.sets.add(Row(name, words, self.sets.shown(borrowed), self.sets.own(borrowed)))
        shown = self.protection.rounded(people.size + self.chance.noise(key))
        return self.sets.add(Row(name, words, shown, len(self.sets)))

    def _drawn(self, words: Words, draw: float) -> int:
        """The row whose answer is borrowed."""
        rows, apart = self.sets.near(words, within=self._reach)
        if not apart.min():
            return int(rows[apart.argmin()])
        weights = apart**-_FALLS * (1 + (_AT_ONCE_WITHIN / apart) ** _FALLS_WITHIN) * (1 - apart / self._reach) ** 2
        return int(rows[np.searchsorted(np.cumsum(weights), draw * weights.sum(), side="right").clip(max=len(rows) - 1)])
