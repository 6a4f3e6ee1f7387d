"""Entries given over occasions due, from counts alone: for a list of many participants. Pure.

What counts as due says `protocol.adherence`; after a withdrawal nothing more is.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from studyportal.protocol import Protocol, occasion, occasions_due
from studyportal.protocol.adherence import Adherence, counted
from studyportal.protocol.schedules import Pause
from studyportal.protocol.schedules import unasked as occasions_unasked

WEEK = timedelta(days=7)
# Occasions by instrument and number.
Unasked = frozenset[tuple[str, int]]


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


def unasked(
    protocol: Protocol,
    pauses: Sequence[Pause],
    given: Collection[tuple[str, int]],
    *,
    start: date,
    zone: str,
    now: datetime,
) -> Unasked:
    """What is not due though it is over: what came up in a pause and has no entry."""
    if not pauses:
        return frozenset()
    schedules = {one.name: one.schedule for one in counted(protocol)}
    over = dict(_over(protocol, start=start, zone=zone, now=now))
    paused = occasions_unasked(schedules, pauses, given, start=start, zone=zone, now=now)
    return frozenset((name, number) for name, number in paused if number <= over[name])


def overall(
    protocol: Protocol, given: int, *, start: date, zone: str, now: datetime, unasked: Unasked = frozenset()
) -> Adherence:
    """Since the start; `given` counts the occasions that have an entry."""
    due = due_by(protocol, start=start, zone=zone, now=now) - len(unasked)
    return Adherence(max(due, given), given)


def last_week(
    protocol: Protocol,
    given: Collection[tuple[str, int]],
    *,
    start: date,
    zone: str,
    now: datetime,
    unasked: Unasked = frozenset(),
) -> Adherence:
    """The occasions that ended in the last seven days, and those of them that were given."""
    before = dict(_over(protocol, start=start, zone=zone, now=now - WEEK))
    asked = {
        (name, number)
        for name, last in _over(protocol, start=start, zone=zone, now=now)
        for number in range(before[name] + 1, last + 1)
    } - unasked
    return Adherence(len(asked), len(asked & set(given)))
