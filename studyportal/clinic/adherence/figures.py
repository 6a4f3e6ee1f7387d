"""Entries given over occasions due, from counts alone: for a list of many participants. Pure.

What counts as due says `protocol.adherence`; after a withdrawal nothing more is.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from studyportal.protocol import Protocol, occasion, occasions_due
from studyportal.protocol.adherence import Adherence, counted

WEEK = timedelta(days=7)


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
