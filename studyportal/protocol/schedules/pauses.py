"""Say which occasions nobody was asked for, because the person had paused their diary then. Pure.

A pause asks for nothing and refuses nothing: an entry that was written all the same counts as any other. An occasion
counts as paused when the pause touched its window; whoever paused in the middle of an evening has not missed it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from studyportal.protocol.schedules.durations import local_date
from studyportal.protocol.schedules.forms import Schedule
from studyportal.protocol.schedules.occasions import Occasion, occasion, occasions_due, occasions_from

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """From a moment until another one; `until` is None for somebody who goes on when they like."""

    began_at: datetime
    until: datetime | None

    def holds(self, moment: datetime) -> bool:
        return self.began_at <= moment and (self.until is None or moment < self.until)

    def touches(self, one: Occasion) -> bool:
        """Whether some of the time in which the entry would have been on time was in this pause."""
        return self.began_at < one.closes and (self.until is None or self.until > one.opens)


def pause_at(pauses: Iterable[Pause], moment: datetime) -> Pause | None:
    """The pause that holds at this moment, or None."""
    return next((one for one in pauses if one.holds(moment)), None)


def paused_numbers(
    schedule: Schedule, pauses: Iterable[Pause], *, start: date, zone: str, now: datetime
) -> frozenset[int]:
    """The numbers of those occasions, of all that have opened by now, that a pause touched."""
    last = occasions_due(schedule, start=start, zone=zone, now=now)
    found = set()
    for pause in pauses:
        # A window may begin as long before the pause as it lasts.
        earliest = local_date(pause.began_at, zone) - schedule.window.nominal - 2 * _DAY
        latest = local_date(min(pause.until or now, now), zone) + 2 * _DAY
        numbers = range(max(1, schedule.number_on(earliest, start)), min(last, schedule.number_on(latest, start)) + 1)
        found |= {number for number in numbers if pause.touches(occasion(schedule, number, start, zone))}
    return frozenset(found)


def unasked(
    schedules: Mapping[str, Schedule],
    pauses: Sequence[Pause],
    given: Collection[tuple[str, int]],
    *,
    start: date,
    zone: str,
    now: datetime,
) -> frozenset[tuple[str, int]]:
    """The occasions (instrument, number) that have opened by now, were paused, and have no entry: they are not due.

    Whoever counts what was due, of what was given, takes these away.
    """
    if not pauses:
        return frozenset()
    return frozenset(
        (name, number)
        for name, schedule in schedules.items()
        for number in paused_numbers(schedule, pauses, start=start, zone=zone, now=now)
        if (name, number) not in given
    )


def last_asked_on(schedules: Iterable[Schedule], start: date) -> date | None:
    """The day of the last occasion that there will ever be; None if there is none."""
    last = [(schedule, occasions_from(schedule, start)) for schedule in schedules if schedule.has_occasions]
    return max((schedule.date_of(number, start) for schedule, number in last if number), default=None)
