"""Tell from an entry on demand when that of which it tells was, as far as its questions asked. Pure.

Nothing is made up: of an answer that names a day alone there is no time of day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from studyportal.protocol.document import Instrument


@dataclass(frozen=True, slots=True)
class Happened:
    """The local day of something, and its moment (None where only the day was said)."""

    day: date
    at: datetime | None


def happened(asked: Instrument, answers: Mapping[str, Any], *, diary_date: date, zone: str) -> Happened | None:
    """What the first answered question for a moment says, or for a time of day, or for a day; None where none was.

    `answers` are those of an entry on demand, as it is kept; a time without a day is of `diary_date`, in `zone`.
    """
    given = {item.kind: answers[name] for name, item in reversed(asked.items.items()) if name in answers}
    where = ZoneInfo(zone)
    if "date_time" in given:
        at = datetime.fromisoformat(str(given["date_time"]).partition("[")[0])
        return Happened(at.astimezone(where).date(), at)
    day = date.fromisoformat(str(given.get("date", diary_date)))
    if "time" in given:
        return Happened(day, datetime.combine(day, time.fromisoformat(str(given["time"])), where))
    return Happened(day, None) if "date" in given else None
