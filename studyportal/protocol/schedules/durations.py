"""Count time twice: days by the calendar, hours and minutes as they pass.

A window of 10 hours is 10 hours long also in the night the clocks change; a window of 14 days ends at the same time on
the clock. Refused: zones without a name in the IANA database.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from studyportal.errors import Invalid


@dataclass(frozen=True, slots=True)
class Duration:
    """Calendar days, or minutes that pass."""

    days: int = 0
    minutes: int = 0

    @property
    def nominal(self) -> timedelta:
        """Its length on a day of 24 hours."""
        return timedelta(days=self.days, minutes=self.minutes)

    def __bool__(self) -> bool:
        return bool(self.nominal)

    def __str__(self) -> str:
        if self.days or not self.minutes:
            return counted(self.days, "day")
        return counted(self.minutes // 60, "hour") if self.minutes % 60 == 0 else counted(self.minutes, "minute")


def counted(number: int, unit: str) -> str:
    """A number with its unit: "1 day", "2 days"."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


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


def moment_at(day: date, clock: time, where: ZoneInfo) -> datetime:
    """The moment (UTC) of a time on the wall.

    One that comes twice is the first. One that the clocks skip is counted on from before the jump: 02:30 in a night
    that goes from 02:00 to 03:00 is half an hour after the jump.
    """
    return datetime.combine(day, clock, where).astimezone(UTC)


def moment_after(moment: datetime, duration: Duration, where: ZoneInfo) -> datetime:
    """The moment (UTC) a duration later."""
    if duration.days:
        local = moment.astimezone(where)
        moment = moment_at(local.date() + timedelta(days=duration.days), local.time().replace(fold=0), where)
    return moment + timedelta(minutes=duration.minutes)
