"""Count occasions: the times at which an instrument is due, their windows and their study days.

Pure: schedule, start, zone and time come in. Days are counted in the local calendar, hours as they pass. A window
never reaches into the next one, so every instant belongs to at most one occasion. Refused: occasions that do not exist.

On a journey: opening hours are those of the zone that the participant is in at that moment. The diary date of an
occasion is start + so many days or months; no zone changes it, so a number never comes to mean another day. Flying
west, the hours of a day come again: say with `reached` which number somebody has come to (has opened or given), and no
number before it is asked again; the one reached opens again at its hour, if it has no entry yet. Flying east, hours
are left out: an occasion whose hours were all among them is missed, and the next one opens at its own hour.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from studyportal.errors import NotFound
from studyportal.protocol.schedules.durations import local_date, moment_after, moment_at, zone_named
from studyportal.protocol.schedules.forms import Schedule

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Occasion:
    """One time an instrument is due. The times are UTC; an entry from `closes` until `grace_ends` is late."""

    number: int
    opens: datetime
    closes: datetime
    grace_ends: datetime
    diary_date: date

    def is_late(self, moment: datetime) -> bool:
        return moment >= self.closes


def study_day(diary_date: date, start: date) -> int:
    """Days since the start, which is day 1; the day before it is day -1: there is no day 0 (CDISC SDTM 4.4.4)."""
    days = (diary_date - start).days
    return days + 1 if days >= 0 else days


def occasions_from(schedule: Schedule, start: date) -> int:
    """How many occasions there will be for somebody who began on `start`; 0 for what has none."""
    return schedule.number_on(date.max, start)


def occasion(schedule: Schedule, number: int, start: date, zone: str) -> Occasion:
    """The occasion with this number (from 1). Raises `NotFound` if the schedule has no such occasion.

    On a date that a zone leaves out altogether (Apia, 30 December 2011) the window is empty.
    """
    last = occasions_from(schedule, start)
    if not 1 <= number <= last:
        raise NotFound("There is no such occasion.")
    where = zone_named(zone)
    diary_date = schedule.date_of(number, start)
    opens = moment_at(diary_date, schedule.opens, where)
    closes = moment_after(opens, schedule.window, where)
    grace_ends = moment_after(closes, schedule.grace, where)
    if number < last:
        following = moment_at(schedule.date_of(number + 1, start), schedule.opens, where)
        closes, grace_ends = min(closes, following), min(grace_ends, following)
    return Occasion(number, opens, closes, grace_ends, diary_date)


def occasions_due(schedule: Schedule, *, start: date, zone: str, now: datetime) -> int:
    """How many occasions have opened by now, closed or still open; 0 for what has none."""
    where = zone_named(zone)
    # From one day later than the local date back to what has opened: right also where the calendar itself jumps.
    number = schedule.number_on(now.astimezone(where).date() + _DAY, start)
    while number > 0 and moment_at(schedule.date_of(number, start), schedule.opens, where) > now:
        number -= 1
    return number


def current_occasion(schedule: Schedule, *, start: date, zone: str, now: datetime, reached: int = 0) -> Occasion | None:
    """The occasion for which an entry is taken now, in time or late; None between windows and where there is none.

    `reached` is the highest number that somebody has come to before, in whichever zone; no number before it comes.
    """
    number = occasions_due(schedule, start=start, zone=zone, now=now)
    if number == 0 or number < reached:
        return None
    latest = occasion(schedule, number, start, zone)
    return latest if now < latest.grace_ends else None


def next_occasion(schedule: Schedule, *, start: date, zone: str, now: datetime, reached: int = 0) -> Occasion | None:
    """The occasion that opens next, after the one that somebody has `reached`; None if there are no more."""
    number = max(occasions_due(schedule, start=start, zone=zone, now=now), reached) + 1
    return occasion(schedule, number, start, zone) if number <= occasions_from(schedule, start) else None


def entry_dates(schedule: Schedule, *, start: date, zone: str, now: datetime) -> tuple[date, date] | None:
    """The first and last diary date for which an entry may be written now; None if none is taken.

    After an event, the entry goes back as far as the longest window that could still be open.
    """
    if schedule.on_demand:
        today = local_date(now, zone)
        open_for = schedule.delay.nominal + schedule.window.nominal + schedule.grace.nominal
        back = schedule.back_days if not schedule.after else -(-open_for // _DAY)
        return (max(start, today - timedelta(days=back)), today) if today >= start else None
    current = current_occasion(schedule, start=start, zone=zone, now=now)
    return current and (current.diary_date, current.diary_date)
