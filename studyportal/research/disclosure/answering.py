"""Answer how many people a set has: as another set was answered that is nearly the same, or with a noise of its own.

Nobody is the first answered set, and hidden. A set that differs from its nearest answered set (nobody among them) by fewer
people than its threshold (`chance`) is answered as one of those; else by its own size with noise, rounded. What was answered
is remembered, also if it was another set's answer, and the same set is answered the same for ever. So:

- **Two sets that differ by one person have one answer**, whichever was asked first and by whom. This needs the borrowed
  answers to be remembered as well. If only sets with a noise of their own were, A could borrow, and A without one person be
  just too far away to: the two answers then differ exactly if the person is in A (right every time after 30 pairs).
- **Which answer is borrowed is drawn, with a chance that falls with the cube of the distance.** Always the nearest falls to
  somebody who knows some twenty records: half way between two answered sets, the answer says to which it is nearer, and with
  that whether the last person is in (right 99 times in 100 after five sets). With the cube, and steeper within four
  people, a set one away from A is answered as A but for a few times in a million at ten people from another.
- **A set and its complement** within a cohort are each looked at alone. A cell that is nearly all of its cohort is near to
  the cohort, and answered as it: so 100 % hides who is missing, as a hidden cell hides who is in. Their noises are not
  tied together. With opposite noises the two cells of a yes and no question would add up to the exact size of their cohort,
  and ten questions would give it away whatever its noise; with equal noises their difference would be exact. The price of
  independent ones is that a yes and no question tells an insider twice as much of the last answer as a single set does,
  because both cells move: right 0.83 of the time after 50 such questions, beside 0.75 after 50 sets.
- **Partitions** add up to independent estimates of their cohort. For somebody outside that is worth nothing: the
  cohort without one person gets the same cells, of which the one with the person in it is borrowed. For somebody who
  knows all others each is one more look at the same person, and only the ledger ends it.
- **Sums** of sets that are far from each other (a cohort, those with an answer, those without it but for one person) cost
  nothing to know and tell a little: right 0.60 of the time at the 75 sets that the ledger lets anybody have.
- **Whoever withdraws** is taken out of every set, and what was published stays. A set without them differs from the former one
  by them, as one that they had left: with one or two gone it has the former number, with a hundred gone one of its own.
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
    """The sets answered so far (None: none yet), and how the next one is. Not safe for several threads; the store of the room is."""

    def __init__(self, chance: Chance, protection: Protection, sets: AnsweredSets | None = None) -> None:
        self.chance, self.protection = chance, protection
        self.sets = AnsweredSets() if sets is None else sets
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
