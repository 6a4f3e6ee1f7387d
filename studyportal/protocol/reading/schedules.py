"""Read when an instrument is due. Windows that would overlap the next occasion are refused."""

from datetime import timedelta
from typing import Any

from studyportal.protocol.reading import fields
from studyportal.protocol.reading.fields import WRONG, Field, Place
from studyportal.protocol.schedules import FORMS, LONGEST, Schedule
from studyportal.protocol.reading.tree import Node, Table

_DAY = fields.study_day_number
_WINDOW = {
    "opens": Field(fields.clock, 'Say at what time of day it opens, such as opens: "17:00".'),
    "for": Field(
        fields.duration("hour", "minute", "day", "week"), "Say for how long it is open, such as for: 10 hours."
    ),
    "grace": Field(
        fields.duration("hour", "minute", "day", "week"),
        "Say for how long after that a late entry is still taken, such as grace: 12 hours.",
    ),
}
SCHEDULES = {
    "once": {"once": Field(_DAY), **_WINDOW},
    "every": {"every": Field(fields.duration("day", "week")), **_WINDOW, "from": Field(_DAY), "until": Field(_DAY)},
    "on_demand": {
        "on_demand": Field(fields.one_of(["true"])),
        "back": Field(fields.duration("day"), "Say how far back an entry may be dated, such as back: 2 days."),
    },
}
assert SCHEDULES.keys() <= FORMS.keys()


def read_schedule(node: Node, place: Place) -> Any:
    """A `Schedule`, or WRONG."""
    forms = [form for form in SCHEDULES if isinstance(node, Table) and form in node.rows]
    if len(forms) != 1:
        return place.refuse(
            "Write one of: {once: day 1, ...}, {every: 1 day, ...} or {on_demand: true, back: 2 days}, "
            'the first two with opens: "17:00", for: 10 hours, grace: 12 hours.'
        )
    (form,) = forms
    values = fields.record(node, place, SCHEDULES[form])
    if any(value is WRONG for value in values.values()):
        return WRONG
    if form == "on_demand":
        return Schedule(form=form, back_days=values["back"].days)
    schedule = Schedule(
        form=form,
        first_day=values["once"] if form == "once" else values.get("from", 1),
        every_days=values["every"].days if form == "every" else 0,
        last_day=values.get("until"),
        opens=values["opens"],
        window=values["for"],
        grace=values["grace"],
    )
    return _check(schedule, place)


def _check(schedule: Schedule, place: Place) -> Any:
    between = timedelta(days=schedule.every_days)
    if not schedule.window.nominal:
        return place.refuse("It must be open for some time: for cannot be 0.")
    if max(schedule.first_day, schedule.every_days, schedule.last_day or 0) > LONGEST:
        return place.refuse(f"Study days are counted up to {LONGEST}.")
    if schedule.form == "every" and not between:
        return place.refuse("every must be at least 1 day.")
    if schedule.form == "every" and schedule.window.nominal + schedule.grace.nominal > between:
        return place.refuse(
            f"for and grace together must not be longer than the {between.days * 24} hours to the next."
        )
    if schedule.last_day is not None and schedule.last_day < schedule.first_day:
        return place.refuse("until must not be before from.")
    return schedule
