"""Know what may be written some time after an event, such as how somebody feels hours after a dose.

Which of the entries on demand were events stands inside their seals; they are opened with the writer's own key, and
only those whose follow-up could still be waiting.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import request

from studyportal.errors import CannotOpen, Gone, NotFresh
from studyportal.intake.course.following import waiting
from studyportal.intake.course.opening import own_entries, own_key
from studyportal.intake.enrolment.visitors import caller, session_token
from studyportal.protocol import Instrument
from studyportal.protocol.schedules import Window
from studyportal.web.here import here

# Clocks change, and a zone may be left between the event and now.
ROOM = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One instrument and the window in which its entry after one event is taken."""

    instrument: Instrument
    window: Window


def follow_ups(
    instruments: Sequence[Instrument], *, start: date, zone: str, now: datetime
) -> Sequence[FollowUp] | None:
    """What is open now, or opens later, by the time at which it opens; None in a session that opens nothing."""
    if not instruments:
        return []
    protocol = here().protocol
    lasts = max(_open_for(one) for one in instruments)
    try:
        key = own_key(caller(), session_token(request), study=protocol.study.code)
    except (CannotOpen, Gone, NotFresh):
        return None
    entries = own_entries(caller(), key, protocol=protocol, since=now - lasts - ROOM)
    found = [
        FollowUp(one, window)
        for one in instruments
        for window in waiting(one, entries, protocol=protocol, start=start, zone=zone, now=now)
    ]
    return sorted(found, key=lambda one: one.window.opens)


def _open_for(instrument: Instrument) -> timedelta:
    schedule = instrument.schedule
    return schedule.delay.nominal + schedule.window.nominal + schedule.grace.nominal
