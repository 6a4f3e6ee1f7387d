"""What somebody is asked at a moment: due now, late, given, coming next, and what may be recorded at any time. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from studyportal.protocol import Instrument, Occasion, Protocol, current_occasion, occasion, occasions_due

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
        _standing(instrument, given, start=start, zone=zone, now=now)
        for instrument in protocol.instruments.values()
        if not instrument.on_demand
    ]


def _standing(instrument: Instrument, given: Given, *, start: date, zone: str, now: datetime) -> Standing:
    schedule = instrument.schedule
    current = current_occasion(schedule, start=start, zone=zone, now=now)
    number = occasions_due(schedule, start=start, zone=zone, now=now) + 1
    return Standing(
        instrument=instrument,
        current=current,
        given_at=given.get((instrument.name, current.number)) if current else None,
        is_late=current is not None and current.is_late(now),
        following=occasion(schedule, number, start, zone) if number <= schedule.occasions else None,
    )


def any_time(protocol: Protocol) -> Sequence[Instrument]:
    """The instruments that are there on demand."""
    return [instrument for instrument in protocol.instruments.values() if instrument.on_demand]
