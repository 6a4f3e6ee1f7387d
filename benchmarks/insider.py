"""Play somebody who knows every other record against all that the ledger lets a project open: python -m
benchmarks.insider [targets]

First what each result of the catalogue tells, by the looks that it gives (`tests.research.results.looks`) at the cap;
then the attacks themselves against the engine, of which the tests play fewer. Nothing may pass 0.78 by more than the
standard error but the walk from two sides (decision 0013).
"""

import sys
from math import sqrt

from studyportal.research.cohorts.catalogue import Division, catalogue
from studyportal.research.disclosure import Protection
from studyportal.research.snapshot.opened import OpenedSnapshot
from tests.research.disclosure import attackers
from tests.research.disclosure.attackers import Attack
from tests.research.results.looks import STORIES, accuracy, most_looks, price, snapshot

TARGETS, CAP = 800, Protection().project_ledger
ATTACKS: dict[str, Attack] = {
    "50 sets of 150": attackers.of_size(150),
    "50 sets half way between two": attackers.between(10),
    "50 yes or no questions": attackers.yes_or_no(),
    "tables of eight items": attackers.tables_of_eight(50),
    "six courses and two items": attackers.mixed(courses=6, items=2, steps=0),
    "six courses of 50 people a week": attackers.mixed(courses=6, items=2, steps=0, size=50),
    "three courses and 26 items": attackers.mixed(courses=3, items=26, steps=0),
    "25 items and 25 steps": attackers.mixed(courses=0, items=25, steps=25),
    "six courses, at one of two ends": attackers.at_an_end(courses=6, items=1),
    "25 numbers, at one of two ends": attackers.at_an_end(courses=0, items=25),
    "walking up to a set": attackers.walking(),
    "walking from two sides": attackers.two_fronts(),
}


def results() -> None:
    print(f"  {'result':<34}{'price':>6}{'looks':>8}  right at the cap of {CAP}")
    opened = snapshot(STORIES["at the top"], others_at=5)
    for name, result in catalogue(opened.codebook).items():
        for divided in (False, True)[: 1 + result.is_divided]:

            def division(opened: OpenedSnapshot, divided: bool = divided) -> Division:
                by = opened.variables["baseline.sex"] if divided else None
                return Division(by, (opened.variables["baseline.worst"],))

            costs = price(result, division(opened))
            looks = max(most_looks(name, division, others_at=place) for place in (0, 5))
            words = f"{name} by sex" if divided else name
            print(f"  {words:<34}{costs:>6}{looks:>8.1f}{accuracy(CAP // costs * looks):>8.3f}")


def main(targets: int = TARGETS) -> None:
    print("What each result tells, if a project spends all of its ledger on it")
    results()
    print(f"Played against the engine, {targets} targets, standard error {0.45 / sqrt(targets):.3f}")
    for words, attack in ATTACKS.items():
        print(f"  {words:<40}{attackers.accuracy(attack, targets=targets, together=1):>8.3f}", flush=True)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
