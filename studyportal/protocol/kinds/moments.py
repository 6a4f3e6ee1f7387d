"""Read dates, times of day, and moments with their zone.

A moment is written with offset and IANA zone, as in RFC 9557 but to the minute: 2026-03-03T21:40+01:00[Europe/Berlin].
Refused: days that no calendar has, times that the clocks of the zone leave out, an offset that the zone does not have
then. A time on the clock that comes twice is the first, unless the offset says otherwise.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from studyportal.errors import Invalid
from studyportal.protocol.items import Item
from studyportal.protocol.kinds.kind import Unacceptable
from studyportal.protocol.schedules import zone_named
from studyportal.saying import said

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
MOMENT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?P<clock>[0-9]{2}:[0-9]{2})(?::00(?:\.0{1,6})?)?"
    r"(?:(?P<offset>Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])\[(?P<zone>[A-Za-z0-9_+/-]{1,64})\])?"
)
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)  # catches a slip of the year; no study lies outside
FIRST_MOMENT = date(1973, 1, 1)  # before, some zones were off by seconds, which no written offset can say

NOT_A_MOMENT = said("Give a date and a time, as in 2026-03-31 21:40.")
NOT_A_DAY = said("This day is not in the calendar.")


def day(item: Item, raw: object, zone: str) -> date:
    """A date, written year-month-day."""
    if type(raw) is str and DATE.fullmatch(text := raw.strip()):
        found = _in_calendar(text)
        if EARLIEST <= found <= LATEST:
            return found
    raise Unacceptable(said("Give a date as year-month-day, as in 2026-03-31."))


def clock(item: Item, raw: object, zone: str) -> time:
    """A time of day, written hours:minutes."""
    if type(raw) is not str or not TIME.fullmatch(text := raw.strip()):
        raise Unacceptable(said("Give a time from 00:00 to 23:59, as in 21:40."))
    return time(int(text[:2]), int(text[3:]))


def moment(item: Item, raw: object, zone: str) -> datetime:
    """A moment in its zone: complete, or as the clock of `zone` shows it."""
    written = MOMENT.fullmatch(raw.strip()) if type(raw) is str else None
    if written is None or not TIME.fullmatch(written["clock"]):
        raise Unacceptable(NOT_A_MOMENT)
    found = _in_calendar(written["day"])
    if not FIRST_MOMENT <= found <= LATEST:
        raise Unacceptable(said("Give a date between 1973 and 2199."))
    place = _zone(written["zone"] or zone)
    local = datetime.combine(found, clock(item, written["clock"], zone), place)
    if written["offset"] == "Z":  # the moment is certain, and the clock there follows from it
        return local.replace(tzinfo=UTC).astimezone(place)
    if local.astimezone(UTC).astimezone(place).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Unacceptable(
            said("The clocks were put forward then: this time was left out. Give the time as it was after.")
        )
    if written["offset"] is None:
        return local
    offset = _offset(written["offset"])
    for one in (local, local.replace(fold=1)):
        if one.utcoffset() == offset:
            return one
    raise Unacceptable(said("Date, time and zone do not agree: the clocks there were set otherwise on that day."))


def write_moment(value: datetime) -> str:
    """A moment with offset and zone."""
    return f"{value.isoformat(timespec='minutes')}[{value.tzinfo}]"


def read_moment(text: str) -> datetime:
    """What `write_moment` wrote."""
    local, _, zone = text[:-1].partition("[")
    return datetime.fromisoformat(local).astimezone(ZoneInfo(zone))


def write_clock(value: time) -> str:
    return value.isoformat("minutes")


def minutes_of(wire: str) -> int:
    """A time of day as minutes since midnight."""
    return int(wire[:2]) * 60 + int(wire[3:])


def clock_of(minutes: int) -> str:
    """What `minutes_of` was given."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _in_calendar(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unacceptable(NOT_A_DAY) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return zone_named(name)
    except Invalid as refusal:
        raise Unacceptable(refusal.sentence) from None


def _offset(text: str) -> timedelta:
    size = timedelta(hours=int(text[1:3]), minutes=int(text[4:]))
    return -size if text[0] == "-" else size
