"""Draw one's own course: what is asked every day, with what was noted between the days as marks below. Pure."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from studyportal.charts.daily import DailyCourse, Measure, measures_of
from studyportal.intake.course.following import event_time
from studyportal.intake.course.opening import OwnEntry
from studyportal.protocol import DiaryEntry, Protocol
from studyportal.protocol.correcting import superseded
from studyportal.protocol.happened import Happened

# Of everything that is asked daily, the subjects that a person looks back on; the days below have all.
MOST = 4


def own_course(entries: Sequence[OwnEntry], protocol: Protocol, *, zone: str) -> DailyCourse | None:
    """The course over all entries that open; None where there is nothing to draw yet. An entry and its correction count
    once."""
    opened = [(own, own.entry) for own in entries if own.entry is not None]
    gone = superseded(own.came for own in entries)
    counted = [(own, entry) for own, entry in opened if str(own.id) not in gone]
    measures = measures_of(protocol)
    values: dict[tuple[Measure, date], float] = {}
    events: dict[str, list[Happened]] = {}
    for own, entry in counted:
        day = date.fromisoformat(entry.diary_date)
        found = {measure: measure.number(entry.instrument, entry.answers) for measure in measures}
        values |= {(measure, day): value for measure, value in found.items() if value is not None}
        if title := _event_title(entry, protocol):
            asked = protocol.instruments[entry.instrument]
            events.setdefault(title, []).append(event_time(entry, asked, own.received_at, zone=ZoneInfo(zone)))
    days = [day for _, day in values]
    if not days:
        return None
    course = DailyCourse(min(days), max(days), measures, values, list(events.items()), MOST)
    return course if course.is_drawable else None


def _event_title(entry: DiaryEntry, protocol: Protocol) -> str:
    """What is marked: entries of what happened, not those that follow one; "" for any other."""
    asked = protocol.instruments.get(entry.instrument)
    return asked.title if asked is not None and asked.on_demand and asked.in_diary and not asked.schedule.after else ""
