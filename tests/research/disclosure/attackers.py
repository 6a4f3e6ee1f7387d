"""People who try to learn one yes or no about one person from the engine's answers, with the ledger off.

Every attack is a function from an engine, a target and a random generator to a guess. `accuracy` plays it against many
targets, half of whom have the attribute, so that guessing blindly is right in half of them. The weaker engines beside
them show that the attacks are attacks: each falls to what it was weakened in.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studyportal.research.disclosure import Answering, Chance, Engine, Measured, People, Roll
from studyportal.research.disclosure.answered import Row
from studyportal.research.disclosure.chance import ELDEST, SHOWN
from studyportal.research.disclosure.engine import SUM_IS_BLURRED_BY
from tests.research.disclosure.synthetic import VARIABLES, Cohort, answering, askable, cohort

Mask = NDArray[np.bool_]
# By how many people a group that shrinks, or a set that comes closer, differs: each takes the answer of the one before.
GROUPS = (46, 34, 25, 18, 13, 9, 6, 4, 3, 2, 1)
WALKED = (46, 34, 25, 18, 13, 9, 6)
# Of the discrete Gaussian whose variance is 49 after it is cut off at 25.
SCALE = 7.0136


class NothingBorrowed(Answering):
    """A keyed threshold, noise and rounding, as statistical offices have it; no set is answered as another."""

    def _answer(self, roll: Roll, people: People) -> int:
        key = roll.key(people)
        name = self.chance.name(key)
        known = self.sets.row_of(name)
        if known is not None:
            return known
        shown = None
        if people.size >= self.chance.threshold(key):
            shown = self.protection.rounded(people.size + self.chance.noise(key))
        return self.sets.add(Row(name, people.words, shown, len(self.sets)))


class NearestBorrowed(Answering):
    """The nearest answered set is always the one that is borrowed."""

    def _lender(self, words, key):  # type: ignore[no-untyped-def]
        rows, apart = self.sets.near(words, within=self._reach)
        return int(rows[apart.argmin()])


class ByDistanceAlone(Answering):
    """Which answer is borrowed is drawn by the distance, steeply within four people, and no matter which is the
    elder."""

    def _lender(self, words, key):  # type: ignore[no-untyped-def]
        rows, apart = self.sets.near(words, within=self._reach)
        chances = np.cumsum(apart**-3.0 * (1 + (4 / apart) ** 4))
        drawn = np.searchsorted(chances, self.chance.draw("pick", key) * chances[-1], side="right")
        return int(rows[drawn.clip(max=len(rows) - 1)])


class FromFourPeopleOn(Chance):
    """The eldest lends within four people, always."""

    def eldest_within(self, key: tuple[int, int, int]) -> int:
        return 4


class OwnAnswersOnly(Answering):
    """Only sets with a noise of their own count as answered."""

    def _answer(self, roll: Roll, people: People) -> int:
        key = roll.key(people)
        if self.sets.row_of(self.chance.name(key)) is None:
            near, apart = self.sets.near(people.words, within=self.chance.threshold(key))
            if len(near):
                return int(near[apart.argmin()])
        return super()._answer(roll, people)


class EvenThreshold(Chance):
    """A threshold spread evenly over 10 to 19."""

    def threshold(self, key: tuple[int, int, int], *, least: int = 10) -> int:
        return least + int(10 * self.draw("thr", key))


@dataclass
class Target:
    """One person, somebody's secret about each, and what an attacker can ask."""

    found: Cohort
    answering: Answering
    person: int
    has: Mask
    rng: np.random.Generator

    def shown(self, *masks: Mask) -> list[int | None]:
        rows = self.answering.answer(self.found.roll, [self.found.of(mask) for mask in masks])
        return [self.answering.sets.shown(row) for row in rows]

    def number(self, *masks: Mask) -> float:
        """The sum of what is shown; what is hidden counts as 5."""
        return sum(5 if one is None else one for one in self.shown(*masks))

    def without(self, mask: Mask) -> Mask:
        """The same, with one exclusion group that only the target is in."""
        other = mask.copy()
        other[self.person] = False
        return other

    def cohorts(self, count: int) -> Mask:
        """So many different cohorts with the target."""
        rows = askable(self.found)
        rows = rows[rows[:, self.person]]
        return rows[self.rng.permutation(len(rows))[:count]]


Attack = Callable[[Target], bool]


def accuracy(
    attack: Attack,
    *,
    targets: int,
    of: type[Answering] = Answering,
    chance: type[Chance] = Chance,
    together: int = 20,
    seed: int = 5,
) -> float:
    """How often the attack is right; `together` targets of one engine are attacked one after the other."""
    rng, found, right = np.random.default_rng(seed), cohort(), 0
    for number in range(targets):
        if number % together == 0:
            asked = answering(seed * 10_000 + number, of=of, chance=chance)
        person = int(rng.integers(found.size))
        has = rng.random(found.size) < rng.uniform(0.05, 0.6)
        # Half of them have it, so that whoever always says no is right in half.
        has[person] = truth = number % 2 == 0
        right += attack(Target(found, asked, person, has, rng)) == truth
    return right / targets


def exclusion(pairs: int, *, reverse: bool = False) -> Attack:
    """A cohort's members with the attribute, beside the same without the target: any difference gives the target
    away."""

    def attack(target: Target) -> bool:
        differs = False
        for row in target.cohorts(pairs):
            both = [row & target.has, target.without(row & target.has)]
            first, second = target.shown(*(both[::-1] if reverse else both))
            differs |= first != second
        return differs

    return attack


def partition(queries: int) -> Attack:
    """Sums over the cells of many partitions, of a cohort's members with the attribute, with and without the target."""
    names = [*VARIABLES]

    def attack(target: Target) -> bool:
        (row,), total, asked = target.cohorts(1), 0.0, 0
        while asked < queries:
            one, two = target.rng.choice(len(names), 2, replace=False)
            cell = target.found.values[names[one]] * 10 + target.found.values[names[two]]
            for value in np.unique(cell):
                part = row & target.has & (cell == value)
                total += target.number(part) - target.number(target.without(part))
                asked += 2
        return total > 0

    return attack


def additivity(queries: int) -> Attack:
    """Each cohort, its members with the attribute, and its members without it but for the target, who is missing in the
    sum if they do not have it. No set is near to another: every answer is blurred by itself."""

    def attack(target: Target) -> bool:
        total, rows = 0.0, target.cohorts(queries // 3)
        for row in rows:
            whole, having, others = (
                target.number(part) for part in (row, row & target.has, target.without(row & ~target.has))
            )
            total += whole - having - others
        return total / len(rows) < 0.5

    return attack


def shrinking(cohorts: int) -> Attack:
    """A cohort's members with the attribute, then the same without groups that shrink to the target alone: does the
    answer that a large group left behind reach the last one? Nothing has to be known of anybody."""

    def attack(target: Target) -> bool:
        differs = False
        for row in target.cohorts(cohorts):
            having = row & target.has
            others = target.rng.permutation(np.flatnonzero(target.without(having)))
            groups = [*GROUPS, *([*range(group), other] for group in range(2) for other in (2, 3, 4))]
            masks = []
            for group in groups:
                mask = target.without(having)
                mask[
                    others[:group] if isinstance(group, int) else others[[one for one in group if one < len(others)]]
                ] = False
                masks.append(mask)
            first, *_, last = target.shown(having, *masks, target.without(having))
            differs |= first != last
        return differs

    return attack


def borrowed(pairs: int, *, apart: int = 14) -> Attack:
    """The exclusion pair, close to a set that was answered before: does the first borrow, and the second not?"""

    def attack(target: Target) -> bool:
        differs = False
        for row in target.cohorts(pairs):
            both = [row & target.has, target.without(row & target.has)]
            base = both[1].copy()
            base[target.rng.choice(np.flatnonzero(~both[1] | ~target.has), apart, replace=False)] = True
            base[target.person] = False
            _, first, second = target.shown(base, *both)
            differs |= first != second
        return differs

    return attack


def sides(pairs: int) -> Attack:
    """All of a cohort or none of it has the attribute, but for the target: is what is nearly whole shown as the
    whole?"""

    def attack(target: Target) -> bool:
        says_yes = False
        for row in target.cohorts(pairs):
            rest = bool(target.rng.random() < 0.5)
            has = np.full(len(row), rest)
            has[target.person] = target.has[target.person]
            whole, having, lacking = target.shown(row, row & has, row & ~has)
            if not rest:
                says_yes |= having is not None or lacking != whole
        return says_yes

    return attack


# --- Insiders: they know every other record, and ask for sets of known people with the target in it if they have the
# attribute.


def of_size(size: int, sets: int = 50) -> Attack:
    """Sets of so many known others: what is the chance of the answers with the target, and without?"""
    likelihood = np.log(np.maximum(chances(size + 1), 1e-9)) - np.log(np.maximum(chances(size), 1e-9))

    def attack(target: Target) -> bool:
        score = sum(likelihood[_outcome(*target.shown(_known(target, size)))] for _ in range(sets))
        return score > 0 if score else bool(target.rng.random() < 0.5)

    return attack


def beside(apart: int, *, size: int = 150, sets: int = 50) -> Attack:
    """Sets that differ by so many known people from one that was answered, and by the target: is its answer the
    same?"""
    near, far = _shown_from(apart), _shown_from(apart + 1)

    def attack(target: Target) -> bool:
        score = 0.0
        for _ in range(sets):
            others = target.rng.permutation(target.found.size)[: size + apart + 1]
            others = others[others != target.person][: size + apart]
            first, second = np.zeros((2, target.found.size), bool)
            first[others[:size]] = second[others] = True
            second[target.person] = target.has[target.person]
            before, after = target.shown(first, second)
            # The answer may be the same by chance, if it is near to what is expected of its own size.
            same = np.zeros(2)
            for place, (own, known) in enumerate(((near, size + apart), (far, size + apart + 1))):
                expected = chances(known)
                same[place] = own * expected[_outcome(after)] + (1 - own) * (after == before)
            score += np.log(max(same[1], 1e-9)) - np.log(max(same[0], 1e-9))
        return score > 0 if score else bool(target.rng.random() < 0.5)

    return attack


def between(apart: int, *, size: int = 150, sets: int = 50) -> Attack:
    """Sets half way between two that were answered, `apart` people from each: the target decides to which it is
    nearer."""
    step = apart // 2

    def attack(target: Target) -> bool:
        score = 0
        for _ in range(sets):
            others = target.rng.permutation(target.found.size)
            others = others[others != target.person]
            one, middle, two = np.zeros((3, target.found.size), bool)
            for place, mask in enumerate((one, middle, two)):
                mask[others[place * step : place * step + size]] = True
            # The target is in the second and not in the first.
            two[target.person] = True
            middle[target.person] = target.has[target.person]
            first, second, answer = target.shown(one, two, middle)
            if first != second:
                score += (answer == second) - (answer == first)
        return score > 0 if score else bool(target.rng.random() < 0.5)

    return attack


def walking(sets: int = 50, *, size: int = 150) -> Attack:
    """A set with the target in it if they have the attribute; then known sets that come closer to it in small steps,
    and many at the distance at which it begins to lend its answer: each says a little about how far it is."""

    def attack(target: Target) -> bool:
        left, score = sets, 0.0
        while left > 14:
            known = _known(target, size)
            others = target.rng.permutation(np.flatnonzero(target.without(known)))

            def ask(gone: NDArray[np.int64], known: Mask = known) -> int | None:
                mask = target.without(known)
                mask[gone] = False
                return target.shown(mask)[0]

            (wanted,) = target.shown(known)
            first, *steps = [ask(others[:group]) for group in WALKED]
            left -= 1 + len(WALKED)
            if first in (wanted, None) or wanted in steps:
                continue
            apart = WALKED[-1]
            for number in range(min(left, 16)):
                gone = np.delete(others[:apart], target.rng.integers(apart))
                if number >= apart:
                    gone[target.rng.integers(len(gone))] = others[60 + number]
                answer = ask(gone)
                near, far = _lends(apart - 1), _lends(apart)
                if answer == wanted:
                    score += np.log(far / near)
                elif answer == first:
                    score += np.log((1 - far) / (1 - near))
                left -= 1
                if number % 5 == 4:
                    apart -= 1
        return score > 0 if score else bool(target.rng.random() < 0.5)

    return attack


def two_fronts(sets: int = 50, *, apart: int = 8, size: int = 150) -> Attack:
    """Known sets between two that differ, walked from both until they are `apart` people from each other; then pairs
    half way, with the target if they have the attribute, and without: they differ if the target is in, and each takes
    another side."""

    def attack(target: Target) -> bool:
        left, differs = sets, False
        while left > 10 and not differs:
            others = target.rng.permutation(target.found.size)
            others = others[others != target.person]

            def between(step: int, others: NDArray[np.int64] = others) -> Mask:
                mask = np.zeros(target.found.size, bool)
                mask[others[step : size + step]] = True
                return mask

            ends = target.shown(between(0), between(24))
            left -= 2
            if ends[0] == ends[1]:
                continue
            fronts = [4, 20, 7, 17, 12 - apart // 4, 12 + apart // 4]
            *_, low, high = target.shown(*map(between, fronts))
            left -= len(fronts)
            for number in range(min(8, left // 2) if low != high else 0):
                mask = between(12)
                mask[others[400 + number]] = True
                with_target = mask.copy()
                with_target[target.person] = target.has[target.person]
                first, second = target.shown(with_target, mask)
                left -= 2
                differs |= first != second
        return differs

    return attack


# What one in the ledger buys, as an insider uses it. A table is free to show its cohort again with each item.


def yes_or_no(items: int = 50, *, size: int = 150) -> Attack:
    """Items of known people, each of a cohort of its own, whose answer is unknown of the target alone: both cells
    tell."""

    def attack(target: Target) -> bool:
        return sum(_moved(target, size) for _ in range(items)) > 0

    return attack


def tables_of_eight(items: int = 50, *, size: int = 150) -> Attack:
    """Tables of eight items of a cohort that the target is in if they have the attribute: of each item, one cell
    tells."""

    def attack(target: Target) -> bool:
        score = 0.0
        for table in range(-(-items // 8)):
            cohort = _known(target, size)
            score += _beyond(target, cohort)
            for _ in range(min(8, items - 8 * table)):
                score += _beyond(target, _cell(target, cohort))
        return score > 0

    return attack


def mixed(*, courses: int, items: int, steps: int, rows: int = 9, size: int = 150) -> Attack:
    """Courses of a cohort that the target is in if they have the attribute, with a number of people and a mean in each
    row, the target at one end of the scale and others at the other or its middle; yes or no questions; and cohorts by
    themselves."""

    def attack(target: Target) -> bool:
        score = sum(_moved(target, size) for _ in range(items))
        score += sum(_beyond(target, _known(target, size)) for _ in range(steps))
        for _ in range(courses):
            cohort = _known(target, 2 * size)
            for row in range(rows):
                # Who wrote in a week is known of everybody, and differs from week to week.
                wrote = _cell(target, cohort)
                score += _beyond(target, wrote) + _sum_beyond(target, wrote, f"week {row}", ends=(0, 1))
        return score > 0

    return attack


def at_an_end(*, courses: int, items: int, rows: int = 10, size: int = 150) -> Attack:
    """Numbers of known people, and of the target, who is at one end of the scale, or at the other if they have the
    attribute: courses of them, and items given once, whose cells move as well."""

    def attack(target: Target) -> bool:
        score = 0.0
        for _ in range(courses):
            cohort = _all_with(target, 2 * size)
            score += sum(_sum_beyond(target, _cell(target, cohort), f"week {row}", ends=(-1, 1)) for row in range(rows))
        for number in range(items):
            cohort = _all_with(target, size)
            score += _moved(target, size) + _sum_beyond(target, cohort, f"item {number}", ends=(-1, 1))
        return score > 0

    return attack


def _all_with(target: Target, size: int) -> Mask:
    """So many known people and the target."""
    mask = _known(target, size)
    mask[target.person] = True
    return mask


def _cell(target: Target, cohort: Mask) -> Mask:
    """Half of a cohort, and the target if they are in it."""
    found = cohort & (target.rng.random(len(cohort)) < 0.5)
    found[target.person] = cohort[target.person]
    return found


def _beyond(target: Target, mask: Mask) -> float:
    """How far what is shown lies above half way between the others and the others with the target."""
    (shown,) = target.shown(mask)
    return (5 if shown is None else shown) - int(target.without(mask).sum()) - 0.5


def _moved(target: Target, size: int) -> float:
    """The same for both cells of a yes or no question of known people, in one of which the target is."""
    yes = _known(target, size)
    no = _known(target, size) & ~yes
    no[target.person] = not yes[target.person]
    return _beyond(target, yes) - _beyond(target, no)


def _sum_beyond(target: Target, mask: Mask, about: str, *, ends: tuple[int, int]) -> float:
    """The same for a mean, by how much a count is moved: a scale of -1 to 1, on which others are at -1 or 0. The
    target, if they have the attribute, moves the sum from the first of `ends` to the second, 0 being outside of the
    set."""
    values = -(target.rng.random(len(mask)) < 0.5).astype(float)
    values[target.person] = ends[int(target.has[target.person])]
    people = target.found.of(mask)
    shown = Engine(target.found.roll, target.answering).mean(people, Measured(about, values, -1, 1)).value
    (count,) = target.shown(mask)
    if shown is None or count is None:
        return 0.0
    expected = values[target.without(mask)].sum() + sum(ends) / 2
    moves = ends[1] - ends[0]
    return (shown * count - expected) * moves / SUM_IS_BLURRED_BY**2


def _known(target: Target, size: int) -> Mask:
    others = target.rng.permutation(target.found.size)[: size + 1]
    mask = np.zeros(target.found.size, bool)
    mask[others[others != target.person][:size]] = True
    mask[target.person] = target.has[target.person]
    return mask


def _lends(apart: int) -> float:
    """The chance that the eldest lends its answer to a set so many people away, as everybody can read it; never quite 0
    or 1."""
    return float(np.clip(ELDEST[apart - 1] if apart <= len(ELDEST) else 0.0, 0.02, 0.98))


def _outcome(shown: int | None) -> int:
    return 0 if shown is None else shown // 5


def _shown_from(size: int, least: int = 10) -> float:
    """The chance that so many people are told apart from none, as everybody can read it."""
    return 0.0 if size < least else SHOWN[min(size - least, len(SHOWN) - 1)]


def chances(size: int) -> NDArray[np.float64]:
    """What is shown of a set of this size that is near to nothing but nobody: hidden, then by fives."""
    noises = np.arange(-25, 26)
    weights = np.exp(-(noises**2) / (2 * SCALE**2))
    weights /= weights.sum()
    own = _shown_from(size)
    found = np.zeros(600)
    np.add.at(found, np.where(size + noises < 10, 0, (size + noises + 2) // 5), own * weights)
    found[0] += 1 - own
    return found
