"""Say when an instrument is due: the schedule, its occasions or the windows after an event, and study days. Pure."""

from studyportal.protocol.schedules.durations import Duration, local_date, zone_named
from studyportal.protocol.schedules.events import Event, Window, event_windows
from studyportal.protocol.schedules.forms import FORMS, LONGEST, Form, Schedule
from studyportal.protocol.schedules.occasions import (
    Occasion,
    current_occasion,
    entry_dates,
    next_occasion,
    occasion,
    occasions_due,
    occasions_from,
    study_day,
)
from studyportal.protocol.schedules.pauses import Pause, last_asked_on, pause_at, paused_numbers, unasked

__all__ = [
    "FORMS", "LONGEST", "Duration", "Event", "Form", "Occasion", "Pause", "Schedule", "Window", "current_occasion",
    "entry_dates", "event_windows", "last_asked_on", "local_date", "next_occasion", "occasion", "occasions_due",
    "occasions_from", "pause_at", "paused_numbers", "study_day", "unasked", "zone_named",
]  # fmt: skip
