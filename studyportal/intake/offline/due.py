"""Say ahead what will be due, so that a phone without a network can ask for it. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from studyportal.protocol import Occasion, Protocol, occasion, occasions_due
from studyportal.protocol.schedules import Pause, occasions_from
from studyportal.web.answering.standing import Given

# Twice as long as a phone may be without a network and still bring what it saved in time (`answering.times.OFFLINE`).
AHEAD = timedelta(days=28)


def due_ahead(
    protocol: Protocol, given: Given, *, start: date, zone: str, now: datetime, pause: Pause | None = None
) -> Sequence[Mapping[str, object]]:
    """Every occasion that takes entries between now and 28 days on and has none yet, by the time it opens. In a pause,
    those that open once it is over."""
    found = []
    for instrument in protocol.instruments.values():
        if not (instrument.in_diary and instrument.schedule.has_occasions):
            continue
        schedule = instrument.schedule
        last = occasions_from(schedule, start)
        number = max(1, occasions_due(schedule, start=start, zone=zone, now=now))
        while number <= last:
            one = occasion(schedule, number, start, zone)
            if one.opens > now + AHEAD:
                break
            is_paused = pause is not None and (pause.until is None or one.opens < pause.until)
            if one.grace_ends > now and (instrument.name, number) not in given and not is_paused:
                found.append(one_due(instrument.name, one))
            number += 1
    return sorted(found, key=lambda due: (due["opens"], due["instrument"]))


def one_due(instrument: str, one: Occasion) -> Mapping[str, object]:
    """One occasion as a script reads it: moments in ISO 8601 (UTC), the diary date as a date."""
    return {
        "instrument": instrument,
        "number": one.number,
        "date": one.diary_date.isoformat(),
        "opens": one.opens.isoformat(),
        "closes": one.closes.isoformat(),
        "ends": one.grace_ends.isoformat(),
    }
