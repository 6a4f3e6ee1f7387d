"""Bring opened entries into the words of the study: which instrument, which local day, corrected or not. Pure.

An entry of a version or an instrument that is not known here keeps its place and its day, and says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from studyportal.desk import Entry
from studyportal.errors import NotFound
from studyportal.protocol import Instrument, Protocol
from studyportal.protocol.alerts import raised
from studyportal.protocol.correcting import Came, firsts, superseded
from studyportal.protocol.happened import Happened, happened
from studyportal.saying import said
from studyportal.web.words import short_day

# Where an entry comes from -> how that is said; nothing of what participants wrote themselves.
WRITTEN: Mapping[str, str] = {
    "participant": "",
    "synthetic": "",
    "imported": said("imported"),
    "phone": said("told on the phone, written down by %(who)s"),
    "clinician": said("filled in by %(who)s"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it counts.

    `day` and `at` are when what it is about happened or, where nobody said, when it was written; where only the day was
    said, `at` is its beginning and `is_timed` False. `first` is the entry of which this is a correction, or itself, and
    `follows` the first entry of the event that it is about.
    """

    entry: Entry = field(repr=False)
    instrument: Instrument | None
    at: datetime
    day: date
    is_timed: bool
    first: UUID
    follows: UUID | None

    @property
    def is_corrected(self) -> bool:
        return self.entry.amends is not None

    @property
    def happened(self) -> Happened:
        """When what it is about was."""
        return Happened(self.day, self.at if self.is_timed else None)

    @property
    def clock(self) -> str:
        """The time of day, where one is known."""
        return f"{self.at:%H:%M}" if self.is_timed else ""

    @property
    def title(self) -> str:
        return self.instrument.title if self.instrument else "An entry of an unknown version"

    @property
    def on_demand(self) -> bool:
        return self.instrument is not None and self.instrument.on_demand

    @property
    def remarks(self) -> Sequence[str]:
        """What is to be known of how it came about; nothing of an entry that was written in time by the participant."""
        late = [said("written late")] if self.entry.late else []
        corrected = [said("corrected")] if self.is_corrected else []
        wrote = self.entry.written_at.astimezone(ZoneInfo(self.entry.zone)).date()
        # When a correction was written says nothing of when it was first told; the corrections say that.
        another = self.on_demand and not self.is_corrected and wrote != self.day
        later = [said("written on %(day)s", day=short_day(wrote))] if another else []
        written = WRITTEN.get(self.entry.source, "")
        by = [written % {"who": self.entry.written_by or said("the clinic")}] if written else []
        return [*late, *corrected, *later, *by]


def lines_of(entries: Sequence[Entry], protocol: Protocol) -> list[Line]:
    """What counts, by day and time: of an entry and its correction, the correction."""
    came = [Came(str(one.id), one.received_at, one.amends and str(one.amends)) for one in entries]
    gone, first = superseded(came), {UUID(id): UUID(before) for id, before in firsts(came).items()}
    found = [_line(entry, protocol, first) for entry in entries if str(entry.id) not in gone]
    return sorted(found, key=lambda line: (line.day, line.at))


def _line(entry: Entry, protocol: Protocol, first: Mapping[UUID, UUID]) -> Line:
    instrument, where = instrument_of(entry, protocol), ZoneInfo(entry.zone)
    at = (entry.event_at or entry.written_at).astimezone(where)
    # A scheduled entry is about the day it was asked for, whenever it was written.
    scheduled = entry.occasion is not None or entry.event_at is None
    day, is_timed = entry.diary_date if scheduled else at.date(), True
    if instrument is not None and instrument.on_demand:
        told = happened(instrument, entry.answers, diary_date=entry.diary_date, zone=entry.zone)
        if told is not None:
            day, is_timed = told.day, told.at is not None
            at = (told.at or datetime.combine(day, time(), where)).astimezone(where)
    follows = first.get(entry.follows, entry.follows) if entry.follows else None
    return Line(entry, instrument, at, day, is_timed, first.get(entry.id, entry.id), follows)


def instrument_of(entry: Entry, protocol: Protocol) -> Instrument | None:
    """What an entry answers, in the words of the version under which it was written; None if that is not known here."""
    try:
        return protocol.version(entry.version).instruments.get(entry.instrument)
    except NotFound:
        return None


def alert_titles(entry: Entry | None, protocol: Protocol) -> Sequence[str]:
    """What the entry of an alert says by itself, in the words of its version; nothing for one that does not open."""
    if entry is None or instrument_of(entry, protocol) is None:
        return ()
    return [alert.title for alert in raised(protocol.version(entry.version), entry.instrument, entry.answers)]


def within(lines: Iterable[Line], span: object) -> list[Line]:
    """The lines whose day is in the span."""
    return [line for line in lines if line.day in span]  # type: ignore[operator]
