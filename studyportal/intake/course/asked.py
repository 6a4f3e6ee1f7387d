"""Say how often somebody was asked, and what became of it: in all, lately, and day by day for what is asked daily.
Pure.

Entries given over times due, as the clinic and reports count it. No target, no streak, no praise: a gap is a gap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from studyportal.intake.course.opening import OwnEntry, instrument_of
from studyportal.protocol import Instrument, Protocol, occasion
from studyportal.protocol.adherence import Adherence, adherence_of, states_of
from studyportal.protocol.schedules import Pause
from studyportal.saying import said
from studyportal.web.course.spans import Span
from studyportal.web.course.weeks import DAYS, is_daily, study_weeks

# So many weeks of the study are shown, the present one among them.
LATELY = 8
States = Mapping[str, tuple[Instrument, Mapping[date, str]]]

# State -> its mark and its words.
LOOKS: Mapping[str, tuple[str, str]] = {
    "given": ("✓", said("Given")),
    "late": ("●", said("Given late")),
    "missed": ("–", said("No entry")),
    "open": ("○", said("Still open")),
    "paused": ("‖", said("Paused")),
}


@dataclass(frozen=True, slots=True)
class AskedWeek:
    """One week of the study: for each of its days, in their order, the state of what was asked (None: nothing was)."""

    first: date
    days: Sequence[str | None]
    counts: Adherence

    @property
    def dates(self) -> Sequence[date]:
        return [self.first + timedelta(days=ago) for ago in range(DAYS.days)]


@dataclass(frozen=True, slots=True)
class Asked:
    """One instrument: since the start, in the last weeks, and for a daily one these weeks, the first one first."""

    instrument: Instrument
    ever: Adherence
    lately: Adherence
    weeks: Sequence[AskedWeek]


def own_states(
    entries: Sequence[OwnEntry],
    protocol: Protocol,
    *,
    start: date,
    zone: str,
    now: datetime,
    pauses: Sequence[Pause] = (),
) -> States:
    """What became of every time that somebody was asked. `now` is the end of it for whoever has left."""
    came = {(own.row.schedule, own.occasion): own.received_at for own in entries if own.occasion is not None}
    late = {
        (own.entry.instrument, date.fromisoformat(own.entry.diary_date)): was_late(own, protocol, start=start)
        for own in entries
        if own.entry is not None and own.occasion is not None
    }
    return states_of(protocol, came, late, start=start, zone=zone, now=now, pauses=pauses)


def was_late(own: OwnEntry, protocol: Protocol, *, start: date | None) -> bool:
    """Whether an opened entry was written after its time, by the clock where it was written. What was answered before
    consent had no time."""
    asked = instrument_of(own.entry, protocol) if own.entry else None
    if start is None or own.occasion is None or asked is None or not asked.schedule.has_occasions:
        return False
    return occasion(asked.schedule, own.occasion, start, own.entry.zone).is_late(own.written_at)  # type: ignore[union-attr]


def asked_of(states: States, *, start: date, today: date) -> Sequence[Asked]:
    """Every instrument of which something was due, in the order of the study document."""
    lately = Span(start + max(0, (today - start).days // DAYS.days + 1 - LATELY) * DAYS, today)
    found = []
    for instrument, days in states.values():
        ever = adherence_of(days.values())
        recent = {on: state for on, state in days.items() if on in lately}
        if ever.due:
            weeks = _weeks(recent, lately, start) if is_daily(instrument) else []
            found.append(Asked(instrument, ever, adherence_of(recent.values()), weeks))
    return found


def _weeks(days: Mapping[date, str], span: Span, start: date) -> Sequence[AskedWeek]:
    found = []
    for week in study_weeks(span, started_on=start):
        states = [days.get(week.first + timedelta(days=ago)) for ago in range(DAYS.days)]
        found.append(AskedWeek(week.first, states, adherence_of(state for state in states if state)))
    return found
