"""Say when an instrument is due: occasions, their windows and study days.

Pure: the start of a participant, the zone and the time come in. Days are counted in the local calendar, hours as
they pass: a window of 10 hours is 10 hours long also in the night the clocks change, and a window of 14 days ends
at the same time on the clock. A window never reaches into the next one. Refused: unknown zones, occasions that do
not exist.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from studyportal.errors import Invalid, NotFound

LONGEST = 36_500  # days; a hundred years, so that no arithmetic leaves the calendar


@dataclass(frozen=True, slots=True)
class Duration:
    """Calendar days, or minutes that pass."""

    days: int = 0
    minutes: int = 0

    @property
    def nominal(self) -> timedelta:
        """Its length on a day of 24 hours."""
        return timedelta(days=self.days, minutes=self.minutes)

    def __str__(self) -> str:
        if self.days or not self.minutes:
            return _count(self.days, "day")
        return _count(self.minutes // 60, "hour") if self.minutes % 60 == 0 else _count(self.minutes, "minute")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When an instrument is due. `form` is a row of `FORMS`; study days count from 1.

    once: `first_day`, `opens`, `window`, `grace`. every: also `every_days` and, if it ends, `last_day`.
    on_demand: `back_days`, the number of days before today for which an entry may be written.
    """

    form: str
    first_day: int = 1
    every_days: int = 0
    last_day: int | None = None
    opens: time = time(0)
    window: Duration = Duration()
    grace: Duration = Duration()
    back_days: int = 0

    @property
    def on_demand(self) -> bool:
        return self.form == "on_demand"

    @property
    def occasions(self) -> int:
        """How many occasions there will be, at most."""
        return FORMS[self.form].occasions(self)

    def describe(self) -> str:
        """The schedule as a sentence for a page."""
        return FORMS[self.form].describe(self)


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


@dataclass(frozen=True, slots=True)
class Form:
    """One form of schedule: how many occasions it can have, and its plain words."""

    occasions: Callable[[Schedule], int]
    describe: Callable[[Schedule], str]


def _how_many(schedule: Schedule) -> int:
    last = min(schedule.last_day or LONGEST, LONGEST)
    return max(0, (last - schedule.first_day) // schedule.every_days + 1)


def _describe_once(schedule: Schedule) -> str:
    return f"Once, from study day {schedule.first_day}, for {schedule.window}, then late for {schedule.grace}."


def _describe_every(schedule: Schedule) -> str:
    rhythm = "Every day" if schedule.every_days == 1 else f"Every {schedule.every_days} days"
    until = f" until study day {schedule.last_day}" if schedule.last_day else ""
    return f"{rhythm}{until}, from {schedule.opens:%H:%M} for {schedule.window}, then late for {schedule.grace}."


def _describe_on_demand(schedule: Schedule) -> str:
    back = f" or up to {_count(schedule.back_days, 'day')} back" if schedule.back_days else ""
    return f"Whenever there is something to record, for today{back}."


FORMS: Mapping[str, Form] = MappingProxyType({
    "once": Form(lambda schedule: 1, _describe_once),
    "every": Form(_how_many, _describe_every),
    "on_demand": Form(lambda schedule: 0, _describe_on_demand),
})  # fmt: skip


def study_day(diary_date: date, start: date) -> int:
    """Days since the start, which is day 1; the day before it is day -1: there is no day 0 (CDISC SDTM 4.4.4)."""
    days = (diary_date - start).days
    return days + 1 if days >= 0 else days


@lru_cache(maxsize=1024)
def zone_named(zone: str) -> ZoneInfo:
    """The time zone of an IANA name such as "Europe/Berlin"; raises `Invalid` for any other text."""
    try:
        if not zone or len(zone) > 64 or not zone.isascii():
            raise ValueError
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise Invalid("This time zone is not known. Give a name such as Europe/Berlin.") from None


def local_date(now: datetime, zone: str) -> date:
    """The date on the wall in a zone."""
    return now.astimezone(zone_named(zone)).date()


def occasion(schedule: Schedule, number: int, start: date, zone: str) -> Occasion:
    """The occasion with this number (from 1). Raises `NotFound` if the schedule has no such occasion.

    A local time that the clocks skip counts as the moment they jump past it; one that comes twice as the first. On a
    date that a zone leaves out altogether (Apia, 30 December 2011) the window is empty.
    """
    if not 1 <= number <= schedule.occasions:
        raise NotFound("There is no such occasion.")
    where = zone_named(zone)
    diary_date = _diary_date(schedule, number, start)
    opens = _at(diary_date, schedule.opens, where)
    closes = _after(opens, schedule.window, where)
    grace_ends = _after(closes, schedule.grace, where)
    if number < schedule.occasions:
        following = _at(_diary_date(schedule, number + 1, start), schedule.opens, where)
        closes, grace_ends = min(closes, following), min(grace_ends, following)
    return Occasion(number, opens, closes, grace_ends, diary_date)


def occasions_due(schedule: Schedule, *, start: date, zone: str, now: datetime) -> int:
    """How many occasions have opened by now, closed or still open; 0 for what is on demand."""
    if schedule.on_demand:
        return 0
    where = zone_named(zone)
    elapsed = (now.astimezone(where).date() - _diary_date(schedule, 1, start)).days
    # One more than the local date says, then back to what has opened: right also where the calendar itself jumps.
    number = min(elapsed // max(schedule.every_days, 1) + 2, schedule.occasions)
    while number > 0 and _at(_diary_date(schedule, number, start), schedule.opens, where) > now:
        number -= 1
    return max(number, 0)


def current_occasion(schedule: Schedule, *, start: date, zone: str, now: datetime) -> Occasion | None:
    """The occasion for which an entry is taken now, in time or late; None between windows and on demand."""
    number = occasions_due(schedule, start=start, zone=zone, now=now)
    if number == 0:
        return None
    latest = occasion(schedule, number, start, zone)
    return latest if now < latest.grace_ends else None


def entry_dates(schedule: Schedule, *, start: date, zone: str, now: datetime) -> tuple[date, date] | None:
    """The first and last diary date for which an entry may be written now; None if none is taken."""
    if schedule.on_demand:
        today = local_date(now, zone)
        return (max(start, today - timedelta(days=schedule.back_days)), today) if today >= start else None
    current = current_occasion(schedule, start=start, zone=zone, now=now)
    return current and (current.diary_date, current.diary_date)


def _diary_date(schedule: Schedule, number: int, start: date) -> date:
    return start + timedelta(days=schedule.first_day - 1 + (number - 1) * schedule.every_days)


def _at(day: date, clock: time, where: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, where).astimezone(UTC)


def _after(moment: datetime, duration: Duration, where: ZoneInfo) -> datetime:
    if duration.days:
        local = moment.astimezone(where)
        moment = _at(local.date() + timedelta(days=duration.days), local.time().replace(fold=0), where)
    return moment + timedelta(minutes=duration.minutes)


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
