"""What somebody is asked at a moment: due now, late, given, coming next, and what may be recorded at any time. Pure.

Never listed: what a clinician fills in, and what is asked before consent. A follow-up is listed while an event that
came may still be waiting for it: which of the entries on demand was the event stands inside their seals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from studyportal.protocol import Instrument, Occasion, Protocol, current_occasion
from studyportal.protocol.schedules import Event, event_windows, next_occasion

Given = Mapping[tuple[str, int], datetime]


@dataclass(frozen=True, slots=True)
class Standing:
    """One instrument at one moment. `current` is the occasion that takes entries now, `following` the one after."""

    instrument: Instrument
    current: Occasion | None
    given_at: datetime | None
    is_late: bool
    following: Occasion | None

    @property
    def is_due(self) -> bool:
        """Whether an entry is wanted now, in time or late."""
        return self.current is not None and self.given_at is None


def standings(protocol: Protocol, given: Given, *, start: date, zone: str, now: datetime) -> Sequence[Standing]:
    """Every scheduled instrument as it stands; `given` maps (instrument, occasion) to when its entry came."""
    return [
        standing(instrument, given, start=start, zone=zone, now=now)
        for instrument in protocol.instruments.values()
        if instrument.in_diary and instrument.schedule.has_occasions
    ]


def standing(instrument: Instrument, given: Given, *, start: date, zone: str, now: datetime) -> Standing:
    """One instrument with occasions as it stands."""
    schedule = instrument.schedule
    reached = max((number for name, number in given if name == instrument.name), default=0)
    current = current_occasion(schedule, start=start, zone=zone, now=now, reached=reached)
    return Standing(
        instrument=instrument,
        current=current,
        given_at=given.get((instrument.name, current.number)) if current else None,
        is_late=current is not None and current.is_late(now),
        following=next_occasion(schedule, start=start, zone=zone, now=now, reached=reached),
    )


def any_time(
    protocol: Protocol, given: Given, last_on_demand: datetime | None, *, start: date, zone: str, now: datetime
) -> Sequence[Instrument]:
    """The instruments on demand, and those that follow an event which may have happened and be waiting for them.

    `last_on_demand` is when the latest entry on demand came: no event that was recorded on demand happened later.
    """

    def may_be_waited_for(instrument: Instrument) -> bool:
        event = protocol.instruments[instrument.schedule.after]
        came = [moment for (name, _), moment in given.items() if name == event.name]
        if event.on_demand and last_on_demand is not None:
            came.append(last_on_demand)
        events = [Event("", moment) for moment in came]
        windows = event_windows(instrument.schedule, events, start=start, zone=zone, now=now)
        return any(now < window.grace_ends for window in windows)

    listed = [one for one in protocol.instruments.values() if one.in_diary and one.on_demand]
    return [one for one in listed if not one.schedule.after or may_be_waited_for(one)]
