"""Find the windows that an event opens, such as a follow-up some hours after a dose. Pure.

One window for each event, also where they overlap: each entry names the event that it follows. Hours count as they
pass. Left out are events in the future and events before the start. An event that was recorded late may have its
window partly or wholly in the past.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from studyportal.protocol.schedules.durations import moment_after, zone_named
from studyportal.protocol.schedules.forms import Schedule


class Event(NamedTuple):
    """Something that was recorded: the id of its entry, and when it happened (aware)."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """When an entry that follows `event` is taken. The times are UTC; one from `closes` until `grace_ends` is late."""

    event: Event
    opens: datetime
    closes: datetime
    grace_ends: datetime

    def is_open(self, now: datetime) -> bool:
        """Whether an entry is taken, in time or late."""
        return self.opens <= now < self.grace_ends

    def is_late(self, moment: datetime) -> bool:
        return moment >= self.closes


def event_windows(
    schedule: Schedule, events: Sequence[Event], *, start: date, zone: str, now: datetime
) -> tuple[Window, ...]:
    """The windows of a schedule of the form after, by the time of their events; none for any other form."""
    if not schedule.after:
        return ()
    where = zone_named(zone)
    counting = [one for one in events if one.at <= now and one.at.astimezone(where).date() >= start]
    windows = []
    for event in sorted(counting, key=lambda one: (one.at, one.id)):
        opens = moment_after(event.at.astimezone(UTC), schedule.delay, where)
        closes = moment_after(opens, schedule.window, where)
        windows.append(Window(event, opens, closes, moment_after(closes, schedule.grace, where)))
    return tuple(windows)
