"""Decide for which occasion or day an entry is, and whether it may still come. Pure.

Four times belong to an entry: when something happened (claimed), when the device saved it, when we received it, and
the zone. Refused: what lies in the future, what is outside its window and grace, what goes back too far.

On a journey a window counts by the clock where the entry was written, which the entry says; custody judges by it what
is late. A page that was opened by the clock at home is taken as well, so nobody fills one in for nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from studyportal.errors import Invalid
from studyportal.protocol import Answers, Instrument, Occasion, current_occasion, entry_dates, local_date, occasion
from studyportal.protocol.schedules import Event, event_windows
from studyportal.saying import said
from studyportal.web.words import short_day
from studyportal.web.words import short_moment as in_words

# A phone's clock may be a little wrong; more than this is another time.
TOLERANCE = timedelta(minutes=5)
# A phone may be without a network for so long and still bring what it saved in time.
OFFLINE = timedelta(days=14)
TOO_LATE = said("It is too late.")


@dataclass(frozen=True, slots=True)
class Times:
    """What the client says: when it happened, when it was saved (both aware, or None), and in which IANA zone."""

    zone: str
    event_at: datetime | None = None
    saved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What an entry is about: its occasion (None on demand), its local date, and when the entry of the event came that
    it follows. When the event was stands inside that entry's seal; later than this it was not.
    """

    occasion: Occasion | None
    diary_date: date
    event_came_at: datetime | None = None

    @property
    def number(self) -> int | None:
        return self.occasion.number if self.occasion else None


def about(
    instrument: Instrument,
    answers: Answers,
    number: int | None,
    *,
    times: Times,
    start: date,
    zone: str,
    now: datetime,
    event_came_at: datetime | None = None,
) -> About:
    """What this entry is about. `number` is the occasion that the client names; None means the one open at saving.

    Says nothing yet about whether it may come. Raises `Invalid` or `NotFound` when there is no such occasion.
    """
    saved = times.saved_at or now
    if instrument.on_demand:
        if number is not None:
            raise Invalid("This entry is not tied to an occasion.", {"occasion": said("Leave this out.")})
        return About(None, _event_date(instrument, answers, times, zone=zone, saved=saved), event_came_at)
    if number is None:
        open_now = (
            current_occasion(instrument.schedule, start=start, zone=where, now=saved) for where in (times.zone, zone)
        )
        found = next(filter(None, open_now), None)
        if found is None:
            sentence = said("%(title)s is not due now.", title=instrument.title)
            raise Invalid(sentence, {"occasion": said("Nothing is due at this time.")})
    else:
        found = occasion(instrument.schedule, number, start, times.zone)
    return About(found, found.diary_date)


def _event_date(instrument: Instrument, answers: Answers, times: Times, *, zone: str, saved: datetime) -> date:
    """The day something happened: the answer to the first question for a day or moment, else the event's own time, else
    today."""
    item = date_item(instrument)
    if item is not None and item in answers:
        given = answers[item]
        return given.date() if isinstance(given, datetime) else given  # type: ignore[return-value]
    return local_date(times.event_at or saved, zone)


def date_item(instrument: Instrument) -> str | None:
    """The question that says on which day the event was, in an instrument on demand; None if none asks."""
    return next((item.name for item in instrument.items.values() if item.kind in ("date", "date_time")), None)


def latest_date(times: Times, *, zone: str, now: datetime) -> date:
    """The last day that somebody may write about: today, at home or where they are, whichever is the later."""
    return max(local_date(now, zone), local_date(now, times.zone))


def check_clocks(times: Times, *, now: datetime) -> None:
    """Raise `Invalid` for times in the future, or for something that was saved too long ago."""
    problems = {
        name: said("This lies in the future. Check the clock of the device.")
        for name, value in (("event_at", times.event_at), ("saved_at", times.saved_at))
        if value is not None and value > now + TOLERANCE
    }
    if times.saved_at is not None and times.saved_at < now - OFFLINE:
        problems["saved_at"] = said("This was saved more than %(days)d days ago and comes too late.", days=OFFLINE.days)
    if problems:
        raise Invalid("The times of this entry do not fit.", problems)


def check_window(instrument: Instrument, entry: About, *, times: Times, start: date, zone: str, now: datetime) -> None:
    """Raise `Invalid` when it is too early or too late for this entry."""
    saved = times.saved_at or now
    if entry.occasion is not None:
        at_home = occasion(instrument.schedule, entry.occasion.number, start, zone)
        if any(one.opens - TOLERANCE <= saved < one.grace_ends for one in (entry.occasion, at_home)):
            return
        opens, ends = entry.occasion.opens, entry.occasion.grace_ends
        zone = times.zone
        if saved < opens - TOLERANCE:
            sentence = said("%(title)s opens on %(when)s.", title=instrument.title, when=in_words(opens, zone))
            raise Invalid(sentence, {"occasion": said("It is too early.")})
        raise Invalid(_closed(instrument, ends, zone), {"occasion": TOO_LATE})
    if entry.event_came_at is not None:
        _check_follow_up(instrument, entry.event_came_at, saved=saved, start=start, zone=zone)
    dates = entry_dates(instrument.schedule, start=start, zone=zone, now=saved)
    first, last = dates or (start, start)
    last = max(last, local_date(saved, times.zone))
    if dates is None or not first <= entry.diary_date <= last:
        sentence = said("Give a day from %(first)s to %(last)s.", first=short_day(first), last=short_day(last))
        raise Invalid("This day cannot be recorded now.", {date_item(instrument) or "event_at": sentence})
    if times.event_at is not None and not first <= local_date(times.event_at, zone) <= last:
        sentence = said("Go back to %(first)s at most.", first=short_day(first))
        raise Invalid("This time cannot be recorded now.", {"event_at": sentence})


def _check_follow_up(instrument: Instrument, came: datetime, *, saved: datetime, start: date, zone: str) -> None:
    # An event that was recorded late has its window earlier than this; only custody and the person themselves can tell.
    events = [Event("", came)]
    for window in event_windows(instrument.schedule, events, start=start, zone=zone, now=max(saved, came)):
        if saved >= window.grace_ends:
            raise Invalid(_closed(instrument, window.grace_ends, zone), {"follows": TOO_LATE})


def _closed(instrument: Instrument, at: datetime, zone: str) -> str:
    return said("%(title)s closed on %(when)s.", title=instrument.title, when=in_words(at, zone))
