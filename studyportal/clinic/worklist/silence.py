"""Judge who is silent and which form of the clinic's is due, exactly, from numbers of occasions. Pure.

One missed evening is no reason to call. Several in a row are; after four weeks of silence somebody has been called, or
will not be by this list: the list of participants, the longest silent first, has them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from studyportal.protocol import Instrument, Occasion, Protocol, Schedule, occasion, occasions_due
from studyportal.protocol.schedules import LONGEST, Pause, occasions_from, pause_at, paused_numbers
from studyportal.registry.behind import Rhythm

_DAY = timedelta(days=1)
# How many in a row are several, by the days between them: three evenings, two weekly forms.
SEVERAL: Sequence[tuple[int, int]] = ((3, 3), (LONGEST, 2))
# A monthly form that was missed is no silence: the diary between two of them tells.
OFTEN = 14
SHOWN_FOR = timedelta(days=28)
# A form of the clinic's is shown this long before it becomes late, and SHOWN_FOR after.
AHEAD = timedelta(days=14)
# No clock is further ahead of UTC (Kiritimati).
_FURTHEST = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Silence:
    """So many occasions in a row without an entry, the first of them on `since`."""

    missed: int
    since: date


def often(protocol: Protocol) -> Sequence[Instrument]:
    """What participants are asked so often that its absence is silence."""
    return [one for one in protocol.instruments.values() if one.in_diary and 1 <= one.schedule.every_days <= OFTEN]


def of_clinic(protocol: Protocol) -> Sequence[Instrument]:
    """What the clinic fills in at times that are known beforehand."""
    return [one for one in protocol.instruments.values() if one.by == "clinician" and one.schedule.has_occasions]


def several(schedule: Schedule) -> int:
    """How many missed occasions of this schedule are several."""
    return next(count for days, count in SEVERAL if schedule.every_days <= days)


def rhythm(instrument: Instrument, *, now: datetime, over: bool) -> Rhythm:
    """The coarse rhythm that the registry counts by, never slower than the schedule: of occasions that have opened or,
    if `over`, that are over."""
    schedule = instrument.schedule
    step = schedule.every_days or 28 * schedule.every_months or LONGEST
    whole = timedelta()
    if over:
        opens = timedelta(hours=schedule.opens.hour, minutes=schedule.opens.minute)
        # A change of the clock moves the end by an hour or two.
        lasts = min(opens + schedule.window.nominal + schedule.grace.nominal, opens + step * _DAY) - timedelta(hours=2)
        whole = max(timedelta(), lasts) // _DAY * _DAY
    return Rhythm(instrument.name, schedule.first_day, step, (now + _FURTHEST - whole).date())


def most_behind(schedule: Schedule) -> int:
    """More occasions than somebody can be behind who has been silent for no longer than is shown."""
    return SHOWN_FOR.days // max(1, schedule.every_days) + several(schedule) + 2


class Judge:
    """Judge rows of one instrument at one moment. People with the same day 1 and zone have the same occasions."""

    def __init__(self, instrument: Instrument, *, now: datetime) -> None:
        self._schedule, self._now = instrument.schedule, now
        self._number, self._over = cache(self._find_number), cache(self._find_over)

    def silence(self, start: date, zone: str, last: int, pauses: Sequence[Pause] = ()) -> Silence | None:
        """The silence of somebody whose last occasion with an entry is `last`; None if it is not several, is longer
        than is shown, or nothing more will be asked. Whoever paused was heard of: in a pause nobody is silent, and
        after it silence begins anew."""
        over, goes_on = self._over(start, zone)
        if not goes_on or over - last < several(self._schedule) or pause_at(pauses, self._now):
            return None
        paused = paused_numbers(self._schedule, pauses, start=start, zone=zone, now=self._now) if pauses else ()
        last = max(last, *paused) if paused else last
        if over - last < several(self._schedule):
            return None
        since = self._schedule.date_of(last + 1, start)
        return Silence(over - last, since) if self._now.date() - since <= SHOWN_FOR else None

    def due(self, start: date, zone: str, last: int) -> Occasion | None:
        """The occasion for which the clinic's form is wanted about now, and has not come."""
        found = self._number(start, zone)
        if found is None or found.number <= last:
            return None
        is_near = found.closes - AHEAD <= self._now < min(found.grace_ends, found.closes + SHOWN_FOR)
        return found if is_near else None

    def _find_number(self, start: date, zone: str) -> Occasion | None:
        number = occasions_due(self._schedule, start=start, zone=zone, now=self._now)
        return occasion(self._schedule, number, start, zone) if number else None

    def _find_over(self, start: date, zone: str) -> tuple[int, bool]:
        """How many occasions are over, and whether there are more to come."""
        opened = self._number(start, zone)
        if opened is None:
            return 0, True
        over = opened.number - (opened.grace_ends > self._now)
        return over, over < occasions_from(self._schedule, start)


def starts_of_due(instrument: Instrument, *, now: datetime) -> tuple[date, date] | None:
    """Between which days 1 somebody is for whom a form that is asked once is wanted about now; None if it comes
    again."""
    schedule = instrument.schedule
    if not schedule.is_once:
        return None
    lasts = timedelta(days=schedule.first_day - 1) + schedule.window.nominal
    return (now - SHOWN_FOR - lasts - 3 * _DAY).date(), (now + AHEAD - lasts + 3 * _DAY).date()
