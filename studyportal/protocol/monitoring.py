"""Say when somebody reads alerts: now, next, and in words. Pure.

The hours are those on the clock of the clinic, also across daylight saving. Hours that end no later than they begin
reach into the next day. Never promised: that somebody answers.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from studyportal.protocol.schedules.durations import moment_at, zone_named
from studyportal.saying import said, said_together

if TYPE_CHECKING:
    from studyportal.protocol.document import Monitoring

NEVER = said("At no time")
# Two weeks: the next hours are found also where a zone leaves out a day of the week.
_AHEAD = 14
_NOON = time(12)

_DAYS = (
    said("Monday"),
    said("Tuesday"),
    said("Wednesday"),
    said("Thursday"),
    said("Friday"),
    said("Saturday"),
    said("Sunday"),
)
EVERY_DAY = said("every day")


def is_staffed(monitoring: "Monitoring", now: datetime) -> bool:
    """Whether somebody reads alerts at this moment."""
    return any(begins <= now < ends for begins, ends in _spells(monitoring, now))


def next_staffed(monitoring: "Monitoring", now: datetime) -> datetime | None:
    """When somebody reads alerts (UTC): now, or when the next hours begin; None if nobody ever does."""
    waiting = [max(begins, now.astimezone(UTC)) for begins, ends in _spells(monitoring, now) if now < ends]
    return min(waiting, default=None)


def _spells(monitoring: "Monitoring", now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The staffed hours from the day before to some days ahead, as moments."""
    where = zone_named(monitoring.zone)
    today = now.astimezone(where).date()
    days = [today + timedelta(days=ahead) for ahead in range(-2, _AHEAD + 1)]
    for day in days:
        # A date that the zone leaves out (Apia, 30 December 2011) would come up again as the next one.
        if moment_at(day, _NOON, where).astimezone(where).date() != day:
            continue
        for hours in monitoring.hours:
            if day.weekday() in hours.days:
                last = day if hours.ends > hours.begins else day + timedelta(days=1)
                begins, ends = moment_at(day, hours.begins, where), moment_at(last, hours.ends, where)
                if begins < ends:
                    yield begins, ends


def in_words(monitoring: "Monitoring") -> str:
    """The hours as pages tell them: "Monday to Friday, 09:00 to 17:00 (London time)"."""
    if not monitoring.hours:
        return NEVER
    of_days: dict[frozenset[int], list[str]] = {}
    for hours in sorted(monitoring.hours, key=lambda one: (min(one.days), one.begins)):
        of_days.setdefault(hours.days, []).append(_times(hours.begins, hours.ends))
    spells = [said_together((_days(days), _and(times)), ", ") for days, times in of_days.items()]
    if set(next(iter(of_days))) == set(range(len(_DAYS))):
        spells[0] = said("Every day, %(times)s", times=_and(next(iter(of_days.values()))))
    return said("%(hours)s (%(place)s)", hours=said_together(spells, "; "), place=_place(monitoring.zone))


def _times(begins: time, ends: time) -> str:
    if begins == ends == time(0):
        return said("day and night")
    hours = {"begins": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}"}
    if ends <= begins and ends != time(0):
        return said("%(begins)s to %(ends)s the next day", **hours)
    return said("%(begins)s to %(ends)s", **hours)


def _days(days: frozenset[int]) -> str:
    if len(days) == len(_DAYS):
        return EVERY_DAY
    # Days in a row have the same distance from their rank.
    runs = [[day for _, day in run] for _, run in groupby(enumerate(sorted(days)), lambda one: one[1] - one[0])]
    words: list[str] = []
    for first, *rest in runs:
        if len(rest) > 1:
            words.append(said("%(first)s to %(last)s", first=_DAYS[first], last=_DAYS[rest[-1]]))
        else:
            words += [_DAYS[day] for day in (first, *rest)]
    return _and(words)


def _and(parts: list[str]) -> str:
    *first, last = parts
    return said("%(first)s and %(last)s", first=said_together(first, ", "), last=last) if first else last


def _place(zone: str) -> str:
    city = zone.rpartition("/")[2].replace("_", " ")
    return city if city in ("UTC", "GMT") else said("%(city)s time", city=city)
