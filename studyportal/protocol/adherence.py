"""Count entries given over the times that somebody was asked. Pure: for the clinic, and for whoever looks at their own.

The denominator is what was asked, not what was hoped for (Stone and others 2002, BMJ 324:1193; Ono and others 2019, J
Med Internet Res 21:e11398). A time counts as due once its window, with its grace, is over, or as soon as its entry has
come; one that is still open and unanswered is no miss yet, and one that a pause left out is none at all. Only what
participants are asked at known times is counted: not what a clinician fills in, nor what is on demand or asked before
consent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from studyportal.protocol.document import Instrument, Protocol
from studyportal.protocol.schedules import Occasion, Pause, occasion, occasions_due, paused_numbers

# What becomes of one time that somebody was asked.
GIVEN, LATE, MISSED, OPEN, PAUSED = STATES = ("given", "late", "missed", "open", "paused")


@dataclass(frozen=True, slots=True)
class Adherence:
    """Occasions due and given; `late` of those given were written after their time, where that is known."""

    due: int
    given: int
    late: int = 0

    @property
    def percent(self) -> int | None:
        """Given of due in whole per cent; None while nothing was due."""
        return round(100 * self.given / self.due) if self.due else None

    @property
    def missed(self) -> int:
        return self.due - self.given


def counted(protocol: Protocol) -> Sequence[Instrument]:
    """The instruments whose occasions are counted."""
    return [one for one in protocol.instruments.values() if one.in_diary and one.schedule.has_occasions]


def adherence_of(states: Iterable[str]) -> Adherence:
    """What became of some occasions, counted."""
    found = [*states]
    given, late, missed = (found.count(state) for state in (GIVEN, LATE, MISSED))
    return Adherence(given + late + missed, given + late, late)


def state_of(due: Occasion, came: datetime | None, *, now: datetime) -> str:
    """What became of an occasion. `came` is when its entry arrived; the device's own word for it is under the seal."""
    if came is not None:
        return LATE if due.is_late(came) else GIVEN
    return OPEN if now < due.grace_ends else MISSED


def occasion_states(
    instrument: Instrument,
    came: Mapping[tuple[str, int], datetime],
    *,
    start: date,
    zone: str,
    now: datetime,
    pauses: Sequence[Pause] = (),
) -> Mapping[date, str]:
    """The state of every occasion so far, by diary date; also of one that was given before it opens in this zone."""
    found = {}
    opened = occasions_due(instrument.schedule, start=start, zone=zone, now=now)
    if (instrument.name, opened + 1) in came:
        opened += 1
    paused = paused_numbers(instrument.schedule, pauses, start=start, zone=zone, now=now)
    for number in range(1, opened + 1):
        due, at = occasion(instrument.schedule, number, start, zone), came.get((instrument.name, number))
        found[due.diary_date] = PAUSED if at is None and number in paused else state_of(due, at, now=now)
    return found


def states_of(
    protocol: Protocol,
    came: Mapping[tuple[str, int], datetime],
    late: Mapping[tuple[str, date], bool],
    *,
    start: date,
    zone: str,
    now: datetime,
    pauses: Sequence[Pause] = (),
) -> Mapping[str, tuple[Instrument, Mapping[date, str]]]:
    """What became of every occasion, by instrument. `late` says of entries that were opened, by instrument and diary
    date, whether they were written late; of one that does not open it is whether it arrived late."""
    found = {}
    for instrument in counted(protocol):
        states = occasion_states(instrument, came, start=start, zone=zone, now=now, pauses=pauses)
        found[instrument.name] = (
            instrument,
            {
                day: (LATE if late[instrument.name, day] else GIVEN)
                if state in (GIVEN, LATE) and (instrument.name, day) in late
                else state
                for day, state in states.items()
            },
        )
    return found
