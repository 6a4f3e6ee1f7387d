"""Write somebody's coming reminders as a calendar (RFC 5545). Pure.

Whoever has the address learns that there is a diary and at what times; not of what, not whose, not whether it was
given. An event's name is made with the secret in the address, so two addresses have nothing in common.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from studyportal.protocol import Protocol, occasion, occasions_due
from studyportal.protocol.schedules import Pause, occasions_from
from studyportal.web.answering.reminding import Wishes, moment_for, reminded_of

AHEAD = timedelta(days=28)
NAME = "Diary"
_LASTING = "PT15M"


class Event(NamedTuple):
    """One reminder: when, and what it is told apart by."""

    at: datetime
    of: str


def coming(
    protocol: Protocol, wishes: Wishes, *, start: date, zone: str, now: datetime, pause: Pause | None = None
) -> Sequence[Event]:
    """The reminders of what is open now and of the next four weeks, given or not; none that a pause would bring."""
    found: dict[datetime, Event] = {}
    for instrument in reminded_of(protocol):
        if instrument.name in wishes.without:
            continue
        schedule = instrument.schedule
        first = max(1, occasions_due(schedule, start=start, zone=zone, now=now))
        for number in range(first, occasions_from(schedule, start) + 1):
            one = occasion(schedule, number, start, zone)
            if one.opens > now + AHEAD:
                break
            at = moment_for(one, wishes, zone=zone)
            if at is not None and one.closes > now and not (pause and pause.holds(at)):
                # What is due at the same moment is one event.
                found.setdefault(at, Event(at, f"{instrument.name} {number}"))
    return sorted(found.values())


def written(events: Sequence[Event], *, token: str, now: datetime) -> bytes:
    """The calendar as it is sent."""
    return "".join(f"{line}\r\n" for line in _lines(events, token, now)).encode("ascii")


def _lines(events: Sequence[Event], token: str, now: datetime) -> Iterator[str]:
    yield from (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{NAME}//{NAME}//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    )
    yield from (f"NAME:{NAME}", f"X-WR-CALNAME:{NAME}", "REFRESH-INTERVAL;VALUE=DURATION:PT6H", "X-PUBLISHED-TTL:PT6H")
    for one in events:
        name = hmac.digest(token.encode(), f"calendar event {one.of}".encode(), hashlib.sha256).hex()[:32]
        yield from ("BEGIN:VEVENT", f"UID:{name}", f"DTSTAMP:{_utc(now)}", f"DTSTART:{_utc(one.at)}")
        yield from (f"DURATION:{_LASTING}", f"SUMMARY:{NAME}", "CLASS:PRIVATE", "TRANSP:TRANSPARENT")
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{NAME}", "TRIGGER:PT0S", "END:VALARM", "END:VEVENT")
    yield "END:VCALENDAR"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
