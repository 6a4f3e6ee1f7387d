"""Take answers over from the entry before, at a tap, as far as the study document says `carry_over`. Pure.

Nothing is ever filled in without the tap, and nothing that was answered is replaced. Days, times and moments are filled
in with the present one, by the clock of the person's zone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from studyportal.intake.course.following import event_moment
from studyportal.intake.course.opening import OwnEntry, instrument_of
from studyportal.protocol import DiaryEntry, Instrument, Item, Protocol
from studyportal.protocol.correcting import superseded
from studyportal.web.answering.filling import filled_fields
from studyportal.web.answering.sent import is_blank

# Kind -> the present moment as a field of that kind has it.
NOW: Mapping[str, str] = {"date": "%Y-%m-%d", "date_time": "%Y-%m-%dT%H:%M", "time": "%H:%M"}


@dataclass(frozen=True, slots=True)
class Former:
    """The last entry that answers some of these questions: the day it is about, when it was written, and its
    answers."""

    names: Sequence[str]
    day: date
    written_at: datetime
    answers: Mapping[str, object] = field(repr=False)


def carried_items(instrument: Instrument) -> Sequence[Item]:
    return [item for item in instrument.items.values() if item.carry_over]


def offers(instrument: Instrument) -> Sequence[Sequence[str]]:
    """What one tap fills in: of what is recorded when it happens, all at once; else question by question."""
    names = [item.name for item in carried_items(instrument)]
    return [names] if instrument.on_demand and names else [[name] for name in names]


def former(
    instrument: Instrument, names: Sequence[str], entries: Sequence[OwnEntry], protocol: Protocol
) -> Former | None:
    """The last entry of this instrument that answers one of these questions in the way in which it is asked now."""
    gone = superseded(own.came for own in entries)
    found = [
        (own, own.entry)
        for own in entries
        if own.entry is not None and own.entry.instrument == instrument.name and str(own.id) not in gone
    ]
    for own, entry in sorted(found, key=lambda one: _at(*one, instrument), reverse=True):
        answers = {name: entry.answers[name] for name in names if _may_be_taken(name, entry, instrument, protocol)}
        if answers:
            return Former(names, _day(own, entry, instrument), own.written_at, answers)
    return None


def _at(own: OwnEntry, entry: DiaryEntry, instrument: Instrument) -> datetime:
    return event_moment(entry, instrument, own.received_at) if instrument.on_demand else own.written_at


def _day(own: OwnEntry, entry: DiaryEntry, instrument: Instrument) -> date:
    return _at(own, entry, instrument).date() if instrument.on_demand else date.fromisoformat(entry.diary_date)


def _may_be_taken(name: str, entry: DiaryEntry, instrument: Instrument, protocol: Protocol) -> bool:
    item, asked = instrument.items[name], instrument_of(entry, protocol)
    then = asked.items.get(name) if asked is not None else None
    same = then is not None and then.kind == item.kind and then.items.keys() <= item.items.keys()
    return same and item.kind not in NOW and name in entry.answers


def taken_over(
    instrument: Instrument, found: Former, typed: MultiDict[str, str], *, zone: str, now: datetime
) -> MultiDict[str, str]:
    """The fields of the form with what the tap fills in; what was typed stays."""
    filled = fields_of(instrument, found, typed, zone=zone, now=now)
    # A browser sends what is blank, too, and the first value of a name is the one that is drawn.
    names = {name.partition("-")[0] for name in filled}
    kept = [(name, value) for name, value in typed.items(multi=True) if name.partition("-")[0] not in names]
    return MultiDict([*kept, *filled.items(multi=True)])


def fields_of(
    instrument: Instrument, found: Former, typed: MultiDict[str, str], *, zone: str, now: datetime
) -> MultiDict[str, str]:
    """Only the fields that the tap fills in."""
    blank = {name for name in found.names if is_blank(instrument.items[name], typed)}
    fields = filled_fields(instrument, {name: value for name, value in found.answers.items() if name in blank}, {})
    for name, moment in moments(instrument, found.names, zone=zone, now=now).items():
        if name in blank:
            fields.add(name, moment)
    return fields


def moments(instrument: Instrument, names: Collection[str], *, zone: str, now: datetime) -> Mapping[str, str]:
    """The questions among these that are about a time, with the present one."""
    local = now.astimezone(ZoneInfo(zone))
    return {
        name: local.strftime(NOW[item.kind])
        for name, item in instrument.items.items()
        if name in names and item.kind in NOW
    }
