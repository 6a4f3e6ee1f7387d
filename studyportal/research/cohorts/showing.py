"""Show what was opened of a cohort, and say what the rest would cost: nothing is worked out before it is opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from studyportal.charts import Chart
from studyportal.research.access.project import STEP_OF_RESULTS, hold_for
from studyportal.research.cohorts.blocks import results
from studyportal.research.cohorts.catalogue import Result
from studyportal.research.cohorts.opening import Ledger
from studyportal.research.cohorts.request import Asked
from studyportal.research.cohorts.selection import selected
from studyportal.research.disclosure.ledger import Price, units
from studyportal.research.results.cohort import Cohort, Finding


@dataclass(frozen=True)
class Sight:
    """What a page shows: the results that are open, those that are closed with the price of each, and of all of
    them."""

    opened: Sequence[tuple[Result, Finding]]
    closed: Sequence[tuple[Result, int]]
    price: Price

    @property
    def pictures(self) -> Sequence[Chart]:
        return [chart for _, finding in self.opened for chart in finding.pictures]


def sight(asked: Asked, ledger: Ledger, *, now: datetime) -> Sight:
    """The results that an address asks for, as far as they are open."""
    number, criteria, divided = asked.snapshot.number, asked.criteria, asked.division
    still = ledger.closed(results(number, criteria, asked.results, divided))
    parts = {one.name: set(results(number, criteria, [one], divided)) for one in asked.results}
    opened = [one for one in asked.results if not parts[one.name] & still]
    closed = [(one, units(parts[one.name] & still)) for one in asked.results if parts[one.name] & still]
    cohort = cohort_of(asked)
    found = [(one, one.make(cohort, divided)) for one in opened]
    return Sight(found, closed, ledger.price(still, now=now))


def answer_now(asked: Asked, ledger: Ledger, *, now: datetime) -> None:
    """Have everything answered that was just opened: this request leaves at long steps, so that neither it nor the page
    that shows the results then tells by its time which groups are the same as others."""
    hold_for(STEP_OF_RESULTS)
    sight(asked, ledger, now=now)


def cohort_of(asked: Asked) -> Cohort:
    """The people of whom an address asks."""
    return Cohort(asked.snapshot, selected(asked.snapshot, asked.criteria))
