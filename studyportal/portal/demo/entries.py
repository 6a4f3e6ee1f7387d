"""Turn a synthetic person into the entries they sent: dated, timed and answered as the protocol asks.

Pure. Answers are in the form in which an app sends them; scores and other computed answers are not among them.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from studyportal.portal.demo.drawing import Diary, Told
from studyportal.portal.demo.generator import SyntheticPerson
from studyportal.protocol import zone_named
from studyportal.protocol.items import NOTHING
from studyportal.protocol.schedules import Pause

Wire = Mapping[str, Any]

# Said now and then. Free text never leaves custody, so that these are seen on the participant's own pages only.
NOTES = (
    "A long day at work.", "Slept badly because of the heat.", "Visitors, pleasant but tiring.", "Rain all day.",
    "Managed the stairs.", "Stayed in bed until noon.", "Walked by the river.", "Too much sitting.",
)  # fmt: skip

# Of the single entries, those that stand for an occasion; the others are tied to none.
ONCE = {"screening": 1, "baseline": 1, "diagnosis_confirmed": 1}


class Sent(NamedTuple):
    """One entry as it reached intake; `occasion` is None on demand. `received_at` is aware, in UTC.

    `missing` holds the reasons given in place of answers, `follows` the entry that this one comes after.
    """

    id: UUID
    instrument: str
    occasion: int | None
    diary_date: date
    received_at: datetime
    answers: Wire
    missing: Mapping[str, str] = NOTHING
    follows: UUID | None = None


def started_on(person: SyntheticPerson, today: date) -> date:
    """The person's study day 1."""
    return today - timedelta(days=person.days - 1)


def moment(start: date, day: int, minute: int, zone: str) -> datetime:
    """`minute` minutes after local midnight of study day `day`, in UTC; may reach into later days."""
    midnight = datetime.combine(start + timedelta(days=day - 1), time(0), zone_named(zone))
    return (midnight + timedelta(minutes=minute)).astimezone(UTC)


def left_at(person: SyntheticPerson, start: date, zone: str) -> datetime | None:
    """When the person withdrew: in the evening after their last diary day."""
    return moment(start, person.withdrawal_day + 1, 20 * 60, zone) if person.withdrawal else None


def paused(person: SyntheticPerson, start: date, zone: str) -> Pause | None:
    """When the person paused, from a noon to a midnight; None for somebody who never did."""
    if person.pause is None:
        return None
    begins, over = person.pause
    return Pause(moment(start, begins, 12 * 60, zone), moment(start, over, 0, zone))


def entries_sent(
    person: SyntheticPerson, *, today: date, zone: str, now: datetime, new_id: Callable[[], UUID]
) -> list[Sent]:
    """Everything the person sent until now or until they left, in the order it arrived."""
    start = started_on(person, today)
    until, pause = left_at(person, start, zone) or now, paused(person, start, zone)
    told = [_single(one, start, zone, new_id()) for one in person.told]
    sent = []
    for day, minute, number, answers in _rows(person.evening):
        answers |= _note(person.index + 7 * number)
        if answers.get("flare") and number % 3 == 0:
            answers["flare_cause"] = NOTES[number % len(NOTES)]
        sent.append(_sent(new_id(), "evening", number, start, day, minute, zone, answers))
    doses = {}
    for day, minute, number, answers in _rows(person.doses):
        answers["taken"] = _on_the_clock(moment(start, day, answers["taken"], zone), zone)
        doses[number] = _sent(new_id(), "dose", None, start, day, minute, zone, answers)
    sent += doses.values()
    for day, minute, number, answers in _rows(person.follow_ups):
        entry = _sent(new_id(), "follow_up", None, start, day, minute, zone, answers)
        sent.append(entry._replace(follows=doses[number].id))
    for name, diary in (("weekly", person.weekly), ("monthly", person.monthly)):
        for day, minute, number, answers in _rows(diary):
            sent.append(_sent(new_id(), name, number, start, day, minute, zone, answers))
    # What follows a dose that was not recorded is not asked.
    silent = {one.id for one in sent if pause is not None and pause.holds(one.received_at)}
    kept = [*told, *(one for one in sent if silent.isdisjoint((one.id, one.follows)))]
    return sorted((one for one in kept if one.received_at <= until), key=lambda one: one.received_at)


def _sent(
    id: UUID, name: str, occasion: int | None, start: date, day: int, minute: int, zone: str, answers: Wire
) -> Sent:
    return Sent(id, name, occasion, start + timedelta(days=day - 1), moment(start, day, minute, zone), answers)


def _single(told: Told, start: date, zone: str, id: UUID) -> Sent:
    answers = dict(told.answers)
    if "began" in answers:
        answers["began"] = (start + timedelta(days=answers["began"] - 1)).isoformat()
    sent = _sent(id, told.instrument, ONCE.get(told.instrument), start, told.day, told.minute, zone, answers)
    # What is answered once is dated by the day it is due, not by the day it is written.
    return sent._replace(missing=told.missing, diary_date=start if sent.occasion else sent.diary_date)


def _on_the_clock(at: datetime, zone: str) -> str:
    """A moment as a page sends it, such as 2026-03-03T21:40+01:00[Europe/Berlin]."""
    return f"{at.astimezone(zone_named(zone)).isoformat(timespec='minutes')}[{zone}]"


def _rows(diary: Diary) -> Iterator[tuple[int, int, int, dict[str, Any]]]:
    names = list(diary.values)
    values = [diary.values[name].tolist() for name in names]
    given = [diary.given[name].tolist() for name in names]
    places = zip(diary.day.tolist(), diary.minute.tolist(), diary.number.tolist(), strict=True)
    for row, place in enumerate(places):
        yield (
            *place,
            {name: value[row] for name, value, there in zip(names, values, given, strict=True) if there[row]},
        )


def _note(number: int) -> dict[str, str]:
    return {"note": NOTES[number // 23 % len(NOTES)]} if number % 23 == 0 else {}
