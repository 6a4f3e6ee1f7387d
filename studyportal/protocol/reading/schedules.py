"""Read when an instrument is due. Windows that would overlap the next occasion are refused."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from studyportal.protocol.reading.fields import Field, Record, Then, Variants
from studyportal.protocol.reading.places import Place
from studyportal.protocol.reading.values import CLOCK, LENGTH, STUDY_DAY, Flag, Word, length, one_of
from studyportal.protocol.schedules import LONGEST, Schedule

SHORTEST_MONTH = timedelta(days=28)


def _as_rhythm(value: str) -> tuple[int, int]:
    count, unit = value.split()
    days = {"day": 1, "week": 7, "month": 0}[unit.removesuffix("s")]
    return int(count) * days, 0 if days else int(count)


_OPEN = {
    "for": Field(
        LENGTH,
        "How long it is open: an entry in this time is on time.",
        "Say for how long it is open, such as for: 10 hours.",
    ),
    "grace": Field(
        LENGTH,
        "How long after that a late entry is still taken.",
        "Say for how long after that a late entry is still taken, such as grace: 12 hours.",
    ),
}
_WINDOW = {
    "opens": Field(
        CLOCK,
        "When it opens, on the participant's own clock.",
        'Say at what time of day it opens, such as opens: "17:00".',
    ),
    **_OPEN,
}
_EVERY = Word(
    r"[1-9][0-9]{0,3} (?:day|week|month)s?", "Write a number of days, weeks or months, such as 1 day.", _as_rhythm
)
_TRUE = Flag((True,))

# The name that tells a form apart -> all names of this form.
SCHEDULES: Mapping[str, Mapping[str, Field]] = {
    "once": {"once": Field(STUDY_DAY, "Due on one occasion, from this study day on."), **_WINDOW},
    "every": {
        "every": Field(_EVERY, "Due again and again, so many days, weeks or months apart."),
        **_WINDOW,
        "from": Field(STUDY_DAY, "The study day of the first occasion; day 1 if not said."),
        "until": Field(STUDY_DAY, "The last study day on which an occasion may fall."),
    },
    "on_enrolment": {"on_enrolment": Field(_TRUE, "Due once, from the day on which somebody enrols."), **_OPEN},
    "after": {
        "after": Field(
            Word(r"[a-z][a-z0-9_]{0,39}", "Write the name of an instrument."),
            "Due after each entry of this instrument, which is on demand.",
        ),
        "delay": Field(
            LENGTH,
            "How long after the event it opens.",
            "Say how long after that it opens, such as delay: 4 hours.",
        ),
        **_OPEN,
    },
    "on_demand": {
        "on_demand": Field(_TRUE, "Filled in whenever there is something to record."),
        "back": Field(
            length("day"),
            "How many days back an entry may be dated.",
            "Say how far back an entry may be dated, such as back: 2 days.",
        ),
    },
    "before": {"before": Field(one_of(["consent"]), "Answered before the consent form: the screening.")},
}


def _once(values: Mapping[str, Any]) -> Schedule:
    return Schedule(form="once", first_day=values["once"], **_windowed(values))


def _every(values: Mapping[str, Any]) -> Schedule:
    days, months = values["every"]
    return Schedule(
        form="monthly" if months else "every",
        first_day=values.get("from", 1),
        every_days=days,
        every_months=months,
        last_day=values.get("until"),
        **_windowed(values),
    )


def _windowed(values: Mapping[str, Any]) -> dict[str, Any]:
    opens = {"opens": values["opens"]} if "opens" in values else {}
    return {"window": values["for"], "grace": values["grace"], **opens}


MAKE = {
    "once": _once,
    "every": _every,
    "on_enrolment": lambda values: Schedule(form="on_enrolment", **_windowed(values)),
    "after": lambda values: Schedule(form="after", after=values["after"], delay=values["delay"], **_windowed(values)),
    "on_demand": lambda values: Schedule(form="on_demand", back_days=values["back"].days),
    "before": lambda values: Schedule(form="before_consent"),
}


def _checked(schedule: Schedule, place: Place) -> Any:
    between = timedelta(days=schedule.every_days) or SHORTEST_MONTH * schedule.every_months
    open_for = schedule.window.nominal + schedule.grace.nominal
    if schedule.form not in ("on_demand", "before_consent") and not schedule.window:
        return place.refuse("It must be open for some time: for cannot be 0.")
    numbers = (schedule.first_day, schedule.last_day or 0, (open_for + schedule.delay.nominal).days, between.days)
    if max(numbers) > LONGEST:
        return place.refuse(f"Study days are counted up to {LONGEST}.")
    if between and open_for > between:
        hours = between // timedelta(hours=1)
        return place.refuse(f"for and grace together must not be longer than the {hours} hours to the next.")
    if schedule.last_day is not None and schedule.last_day < schedule.first_day:
        return place.refuse("until must not be before from.")
    return schedule


def _finished(form: str) -> Any:
    return lambda values, place: _checked(MAKE[form](values), place)


SCHEDULE = Variants(
    {form: Then(Record(table), _finished(form)) for form, table in SCHEDULES.items()},
    "Write one of: {once: day 1, ...}, {every: 1 day, ...} or {every: 1 month, ...}, each with "
    'opens: "17:00", for: 10 hours, grace: 12 hours; {on_enrolment: true, for: 2 days, grace: 1 day}, '
    "{after: dose, delay: 4 hours, for: 8 hours, grace: 12 hours}, {on_demand: true, back: 2 days}, {before: consent}.",
)
