"""Find the dates on which something comes again: never, once, every so many days, every so many months. Pure.

Months are counted from the first date and never from one to the next: 31 January, 28 (or 29) February, 31 March.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple


class Rhythm(NamedTuple):
    """`date_of(first, step, number)`: the date of a number (from 1). `number_on(first, step, day)`: the last number
    whose date is not after a day, below 1 if there is none. `at_most(days, step)`: how many fit, if the first stands at
    the beginning of so many days.
    """

    date_of: Callable[[date, int, int], date]
    number_on: Callable[[date, int, date], int]
    at_most: Callable[[int, int], int]


def month_later(first: date, months: int) -> date:
    """The same day of a later month, or that month's last day if it is shorter."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


def _number_by_months(first: date, step: int, day: date) -> int:
    steps = ((day.year - first.year) * 12 + day.month - first.month) // step
    return steps + 1 if steps < 0 or month_later(first, steps * step) <= day else steps


NEVER = Rhythm(lambda first, step, number: first, lambda first, step, day: 0, lambda days, step: 0)
ONCE = Rhythm(lambda first, step, number: first, lambda first, step, day: int(day >= first), lambda days, step: 1)
BY_DAYS = Rhythm(
    lambda first, step, number: first + timedelta(days=(number - 1) * step),
    lambda first, step, day: (day - first).days // step + 1,
    lambda days, step: (days - 1) // step + 1,
)
BY_MONTHS = Rhythm(
    lambda first, step, number: month_later(first, (number - 1) * step),
    _number_by_months,
    # So many months are never more than three days shorter than their share of a year of 365 days.
    lambda days, step: (days + 2) * 12 // (365 * step) + 1,
)
