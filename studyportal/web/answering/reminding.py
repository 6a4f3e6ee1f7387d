"""Decide when somebody is reminded of what is due: after it opens, outside their quiet hours, while it is in time.
Pure.

Quiet hours are hours on the person's own clock, wherever the clocks change: what they cover is asked of each moment
anew. An occasion whose whole time is quiet brings no reminder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from studyportal.protocol import Instrument, Occasion, Protocol, current_occasion
from studyportal.protocol.schedules import next_occasion
from studyportal.protocol.schedules.durations import moment_at, zone_named

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `begins` until before `ends`, over midnight if that is later; the same twice means never."""

    begins: time
    ends: time

    def covers(self, moment: datetime, zone: str) -> bool:
        """Whether it is quiet then."""
        clock = moment.astimezone(zone_named(zone)).time()
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends

    def first_moment(self, begin: datetime, end: datetime, zone: str) -> datetime | None:
        """The first moment from `begin` until before `end` that is not quiet; None if all of it is."""
        if not self.covers(begin, zone):
            return begin if begin < end else None
        where = zone_named(zone)
        today = begin.astimezone(where).date()
        # Where the clocks jump over the end or come to it twice, one of these is quiet still: then the next day's.
        for moment in (moment_at(today + number * _DAY, self.ends, where) for number in range(3)):
            if begin < moment < end and not self.covers(moment, zone):
                return moment
        return None


@dataclass(frozen=True, slots=True)
class Wishes:
    """When somebody wants to be reminded, so long `after` something opened; and `without` which instruments."""

    quiet: Quiet = Quiet(time(21), time(8))
    after: timedelta = timedelta(0)
    without: frozenset[str] = field(default=frozenset())


def minutes_of(clock: time) -> int:
    """The minute of the day."""
    return clock.hour * 60 + clock.minute


def clock_of(minutes: int) -> time:
    """The time on the clock at a minute of the day."""
    return time(minutes // 60, minutes % 60)


@dataclass(frozen=True, slots=True)
class Planned:
    """One occasion, and when it brings a reminder; None if its time is quiet throughout."""

    instrument: Instrument
    occasion: Occasion
    at: datetime | None


def reminded_of(protocol: Protocol) -> Sequence[Instrument]:
    """What somebody can be reminded of: everything in the diary that is due at times known beforehand."""
    return [one for one in protocol.instruments.values() if one.in_diary and one.schedule.has_occasions]


def planned(
    protocol: Protocol, wishes: Wishes, *, start: date, zone: str, now: datetime, reached: Mapping[str, int]
) -> Sequence[Planned]:
    """The occasions open now and next, with the moment of each reminder from now on.

    `reached` is the last occasion of each instrument that was given: it and those before bring no reminder.
    """
    found = []
    for instrument in reminded_of(protocol):
        if instrument.name in wishes.without:
            continue
        schedule, last = instrument.schedule, reached.get(instrument.name, 0)
        current = current_occasion(schedule, start=start, zone=zone, now=now, reached=last)
        following = next_occasion(schedule, start=start, zone=zone, now=now, reached=last)
        for one in (current, following):
            if one is not None and one.number > last and now < one.closes:
                found.append(Planned(instrument, one, moment_for(one, wishes, zone=zone, now=now)))
    return found


def moment_for(occasion: Occasion, wishes: Wishes, *, zone: str, now: datetime | None = None) -> datetime | None:
    """When an occasion brings a reminder, not before `now`; None if that is never."""
    begin = occasion.opens + wishes.after
    begin = max(begin, now) if now else begin
    return wishes.quiet.first_moment(begin, occasion.closes, zone) if begin < occasion.closes else None
