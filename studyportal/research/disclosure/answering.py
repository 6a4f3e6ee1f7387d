"""Answer how many people a set has: as another set was answered that is nearly the same, or with a noise of its own.

Nobody is the first answered set, and hidden. A set that differs from its nearest answered set (nobody among them) by
fewer people than its threshold (`chance`) is answered as one of those; else by its own size with noise, rounded. What
was answered is remembered, also if it was another set's answer, and the same set is answered the same for ever. So:

- **Two sets that differ by one person have one answer**, whichever was asked first and by whom. This needs the borrowed
  answers to be remembered as well. If only sets with a noise of their own were, A could borrow, and A without one person be
  just too far away to: the two answers then differ exactly if the person is in A (right every time after 30 pairs).
- **Within a few people the eldest set lends.** Drawn by distance alone, an answer could be walked: sets that each differ by one or two
  from the last keep the number of the first, up to the doorstep of another set, where one person decides. A cohort, then the
  cohort without a group that shrinks to one person, told from a dozen numbers whether the person is in it (right 85 times in 100, by
  somebody who knows no record). How few people that are is drawn (1 to 7), so that somebody who knows all
  others cannot find the place where one more would change the answer: right 0.75 of the time at the ledger's 50, before 0.99.
- **Else which answer is borrowed is drawn, with a chance that falls with the cube of the distance**, to nothing at 60. Always the nearest
  falls to somebody who knows some twenty records: half way between two answered sets, the answer says to which it is
  nearer, and with that whether the last person is in (right 99 times in 100 after five sets). Were sets further away drawn as well, one
  in three of those with 1 to 9 people would be shown, with the number of a larger one; now it is one in forty.
- **A set and its complement** within a cohort are each looked at alone. A cell that is nearly all of its cohort is near to
  the cohort, and answered as it: so 100 % hides who is missing, as a hidden cell hides who is in. Their noises are not
  tied together. With opposite noises the two cells of a yes and no question would add up to the exact size of their cohort,
  and ten questions would give it away whatever its noise; with equal noises their difference would be exact. The price of
  independent ones is that a yes and no question tells an insider twice as much of the last answer as a single set does,
  because both cells move: right 0.76 of the time after 50 such questions, beside 0.69 after 50 sets.
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
from studyportal.research.disclosure.chance import WIDEST, Chance, Key
from studyportal.research.disclosure.people import People, Roll
from studyportal.research.disclosure.protection import Protection


@dataclass(frozen=True, slots=True)
class Answered:
    """What is shown of a set (None: hidden), and the people of the set whose own answer that is."""

    shown: int | None
    members: Words


# The chance of being borrowed falls with the distance to this power, and to nothing so far beyond the widest threshold.
_FALLS, _BEYOND = 3.0, 18


class Answering:
    """The sets answered so far (None: none yet), and how the next one is. Not safe for several threads; the store of
    the room is."""

    def __init__(self, chance: Chance, protection: Protection, sets: AnsweredSets | None = None) -> None:
        self.chance, self.protection = chance, protection
        self.sets = AnsweredSets() if sets is None else sets
        # From here on, nothing is borrowed; the chance of it falls to nothing before.
        self._reach = protection.threshold + WIDEST + _BEYOND

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
            borrowed = self._lender(words, key)
            return self.sets.add(Row(name, words, self.sets.shown(borrowed), self.sets.own(borrowed)))
        shown = self.protection.rounded(people.size + self.chance.noise(key))
        return self.sets.add(Row(name, words, shown, len(self.sets)))

    def _lender(self, words: Words, key: Key) -> int:
        """The row whose answer is borrowed."""
        rows, apart = self.sets.near(words, within=self._reach)
        close = rows[apart <= self.chance.eldest_within(key)]
        if len(close):
            return int(close[0])
        chances = np.cumsum(apart**-_FALLS * (1 - apart / self._reach) ** 2)
        drawn = np.searchsorted(chances, self.chance.draw("pick", key) * chances[-1], side="right")
        return int(rows[drawn.clip(max=len(rows) - 1)])
