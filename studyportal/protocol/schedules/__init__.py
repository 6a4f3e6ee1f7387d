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

__all__ = [
    "FORMS", "LONGEST", "Duration", "Event", "Form", "Occasion", "Schedule", "Window", "current_occasion",
    "entry_dates", "event_windows", "local_date", "next_occasion", "occasion", "occasions_due", "occasions_from",
    "study_day", "zone_named",
]  # fmt: skip
