"""Entries given over occasions due. Pure: the denominator is what was asked, not what was hoped for.

An occasion counts as due once its window, with its grace, is over, or as soon as its entry has come; one that is still
open and unanswered is no miss yet. After a withdrawal nothing more is due. Only what participants are asked at known
times is counted: not what a clinician fills in, nor what is on demand or asked before consent.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from studyportal.protocol import Instrument, Protocol, occasion, occasions_due

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Adherence:
    """Occasions due and given."""

    due: int
    given: int

    @property
    def percent(self) -> int | None:
        """Given of due in whole per cent; None while nothing was due."""
        return round(100 * self.given / self.due) if self.due else None


def counted(protocol: Protocol) -> Sequence[Instrument]:
    """The instruments whose occasions are counted."""
    return [one for one in protocol.instruments.values() if one.in_diary and one.schedule.has_occasions]


def due_by(protocol: Protocol, *, start: date, zone: str, now: datetime) -> int:
    """How many occasions of all scheduled instruments are over by now, grace included."""
    return sum(last for _, last in _over(protocol, start=start, zone=zone, now=now))


def _over(protocol: Protocol, *, start: date, zone: str, now: datetime) -> list[tuple[str, int]]:
    over = []
    for instrument in counted(protocol):
        number = occasions_due(instrument.schedule, start=start, zone=zone, now=now)
        if number and occasion(instrument.schedule, number, start, zone).grace_ends > now:
            number -= 1
        over.append((instrument.name, number))
    return over


def overall(protocol: Protocol, given: int, *, start: date, zone: str, now: datetime) -> Adherence:
    """Since the start; `given` counts the occasions that have an entry."""
    due = due_by(protocol, start=start, zone=zone, now=now)
    return Adherence(max(due, given), given)


def last_week(
    protocol: Protocol, given: Collection[tuple[str, int]], *, start: date, zone: str, now: datetime
) -> Adherence:
    """The occasions that ended in the last seven days, and those of them that were given."""
    before = dict(_over(protocol, start=start, zone=zone, now=now - WEEK))
    asked = {
        (name, number)
        for name, last in _over(protocol, start=start, zone=zone, now=now)
        for number in range(before[name] + 1, last + 1)
    }
    return Adherence(len(asked), len(asked & set(given)))
