"""Turn a synthetic person into the entries they sent: dated, timed and answered as the protocol asks.

Pure. Answers are in the form in which an app sends them.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from studyportal.portal.demo.generator import Diary, SyntheticPerson
from studyportal.protocol import zone_named

Wire = Mapping[str, bool | int | float | str]

# Said now and then. Free text never leaves custody, so that these are seen on the participant's own pages only.
NOTES = (
    "A long day at work.", "Slept badly because of the heat.", "Visitors, pleasant but tiring.", "Rain all day.",
    "Managed the stairs.", "Stayed in bed until noon.", "Walked by the river.", "Too much sitting.",
)  # fmt: skip


class Sent(NamedTuple):
    """One entry as it reached intake; `occasion` is None on demand. `received_at` is aware, in UTC."""

    instrument: str
    occasion: int | None
    diary_date: date
    received_at: datetime
    answers: Wire


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


def entries_sent(person: SyntheticPerson, *, today: date, zone: str, now: datetime) -> list[Sent]:
    """Everything the person sent until now or until they left, in the order it arrived."""
    start = started_on(person, today)
    until = left_at(person, start, zone) or now
    sent = [Sent("baseline", 1, start, moment(start, 1, person.baseline_minute, zone), person.baseline)]
    for index, (day, minute, answers) in enumerate(_rows(person.evening)):
        answers |= _note(person.index + 7 * index)
        sent.append(Sent("evening", day, start + timedelta(days=day - 1), moment(start, day, minute, zone), answers))
    for day, minute, answers in _rows(person.doses):
        taken_on = start + timedelta(days=day - 1)
        if "taken_at" in answers:
            answers["taken_at"] = f"{answers['taken_at'] // 60:02d}:{answers['taken_at'] % 60:02d}"
        answers["taken_on"] = taken_on.isoformat()
        sent.append(Sent("dose", None, taken_on, moment(start, day, minute, zone), answers))
    return sorted((one for one in sent if one.received_at <= until), key=lambda one: one.received_at)


def _rows(diary: Diary) -> Iterator[tuple[int, int, dict[str, Any]]]:
    names = list(diary.values)
    values = [diary.values[name].tolist() for name in names]
    given = [diary.given[name].tolist() for name in names]
    for number, (day, minute) in enumerate(zip(diary.day.tolist(), diary.minute.tolist(), strict=True)):
        yield (
            day,
            minute,
            {name: value[number] for name, value, there in zip(names, values, given, strict=True) if there[number]},
        )


def _note(number: int) -> dict[str, str]:
    return {"note": NOTES[number // 23 % len(NOTES)]} if number % 23 == 0 else {}
