"""Find what somebody may still write after an event, such as how they feel some hours after a dose. Pure.

Which of the entries on demand are events stands inside their seals, so this works on opened entries only.
"""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from studyportal.intake.course.opening import OwnEntry
from studyportal.protocol import DiaryEntry, Instrument, Protocol
from studyportal.protocol.correcting import firsts, superseded
from studyportal.protocol.happened import Happened, happened
from studyportal.protocol.schedules import Event, Window, event_windows


def event_moment(entry: DiaryEntry, asked: Instrument, received_at: datetime) -> datetime:
    """When an event was: the moment that was answered, or the day and time, or what the device said, or when it
    came."""
    told = _told(entry, asked)
    return told.at if told is not None and told.at is not None else _noted(entry, received_at)


def event_time(entry: DiaryEntry, asked: Instrument, received_at: datetime, *, zone: ZoneInfo) -> Happened:
    """The same in a zone, for people: where only a day was answered, that day and no time."""
    told = _told(entry, asked)
    if told is not None and told.at is None:
        return told
    at = (_noted(entry, received_at) if told is None else told.at).astimezone(zone)  # type: ignore[union-attr]
    return Happened(at.date(), at)


def _told(entry: DiaryEntry, asked: Instrument) -> Happened | None:
    return happened(asked, entry.answers, diary_date=date.fromisoformat(entry.diary_date), zone=entry.zone)


def _noted(entry: DiaryEntry, received_at: datetime) -> datetime:
    return datetime.fromisoformat(entry.event_at or entry.saved_at or received_at.isoformat())


def waiting(
    instrument: Instrument,
    entries: Sequence[OwnEntry],
    *,
    protocol: Protocol,
    start: date,
    zone: str,
    now: datetime,
) -> Sequence[Window]:
    """The windows of an instrument that are open now or open later, and have no entry yet.

    An event that was corrected happened when the correction says, and is named by what was written first.
    """
    gone, first = superseded(own.came for own in entries), firsts(own.came for own in entries)
    opened = [(own, own.entry) for own in entries if own.entry is not None and str(own.id) not in gone]
    done = {entry.follows for _, entry in opened if entry.instrument == instrument.name}
    asked = protocol.instruments[instrument.schedule.after]
    events = [
        Event(first.get(str(own.id), str(own.id)), event_moment(entry, asked, own.received_at))
        for own, entry in opened
        if entry.instrument == asked.name and first.get(str(own.id), str(own.id)) not in done
    ]
    windows = event_windows(instrument.schedule, events, start=start, zone=zone, now=now)
    return [window for window in windows if now < window.grace_ends]
