"""Hold when an instrument is due, and the table of the forms that a schedule can have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from types import MappingProxyType

from studyportal.protocol.schedules.durations import Duration, counted
from studyportal.protocol.schedules.rhythms import BY_DAYS, BY_MONTHS, NEVER, ONCE, Rhythm

LONGEST = 36_500  # days; a hundred years, so that no arithmetic leaves the calendar
NO_TIME = Duration()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When an instrument is due. `form` is a row of `FORMS`; study days count from 1.

    once: `first_day`, `opens`, `window`, `grace`. every and monthly: also `every_days` or `every_months` and, if it
    ends, `last_day`. on_enrolment: `window` and `grace`, from the first minute of study day 1. after: `window` and
    `grace`, which begin `delay` after an entry of the instrument named `after`. on_demand: `back_days`, the number of
    days before today for which an entry may be written. before_consent needs nothing.
    """

    form: str
    first_day: int = 1
    every_days: int = 0
    every_months: int = 0
    last_day: int | None = None
    opens: time = time(0)
    window: Duration = NO_TIME
    grace: Duration = NO_TIME
    back_days: int = 0
    after: str = ""
    delay: Duration = NO_TIME

    @property
    def on_demand(self) -> bool:
        """Whether its entries are tied to no occasion: they travel as one kind and have one size."""
        return FORMS[self.form].on_demand

    @property
    def is_once(self) -> bool:
        """Whether somebody is asked a single time."""
        return self.form in ("once", "on_enrolment", "before_consent")

    @property
    def has_occasions(self) -> bool:
        """Whether it is due at times that are known beforehand."""
        return FORMS[self.form].rhythm is not NEVER

    @property
    def occasions(self) -> int:
        """How many occasions there will be, at most; of months, it depends on the start (`occasions_from`)."""
        days = min(self.last_day or LONGEST, LONGEST) - self.first_day + 1
        return max(0, FORMS[self.form].rhythm.at_most(days, self.every_days or self.every_months or 1))

    def describe(self) -> str:
        """The schedule as a sentence for a page."""
        return FORMS[self.form].describe(self)

    def date_of(self, number: int, start: date) -> date:
        """The diary date of an occasion, for somebody who began on `start`. Zones do not change it."""
        first = start + timedelta(days=self.first_day - 1)
        return FORMS[self.form].rhythm.date_of(first, self.every_days or self.every_months or 1, number)

    def number_on(self, day: date, start: date) -> int:
        """The number of the last occasion whose diary date is not after a day; 0 if there is none."""
        first = start + timedelta(days=self.first_day - 1)
        last = start + timedelta(days=min(self.last_day or LONGEST, LONGEST) - 1)
        step = self.every_days or self.every_months or 1
        return max(0, FORMS[self.form].rhythm.number_on(first, step, min(day, last)))


@dataclass(frozen=True, slots=True)
class Form:
    """One form of schedule: on which dates it comes, its plain words, and whether its entries have no occasion."""

    rhythm: Rhythm
    describe: Callable[[Schedule], str]
    on_demand: bool = False


def _window(schedule: Schedule) -> str:
    late = f", then late for {schedule.grace}" if schedule.grace else ""
    return f"for {schedule.window}{late}."


def _describe_every(schedule: Schedule) -> str:
    rhythm = "Every day" if schedule.every_days == 1 else f"Every {schedule.every_days} days"
    return f"{rhythm}{_until(schedule)}, from {schedule.opens:%H:%M} {_window(schedule)}"


def _describe_monthly(schedule: Schedule) -> str:
    rhythm = "Every month" if schedule.every_months == 1 else f"Every {schedule.every_months} months"
    first = f" from study day {schedule.first_day}"
    return f"{rhythm}{first}{_until(schedule)}, from {schedule.opens:%H:%M} {_window(schedule)}"


def _until(schedule: Schedule) -> str:
    return f" until study day {schedule.last_day}" if schedule.last_day else ""


def _describe_after(schedule: Schedule) -> str:
    begins = f"{schedule.delay} after" if schedule.delay else "Right after"
    return f"{begins} each entry of {schedule.after}, {_window(schedule)}"


def _describe_on_demand(schedule: Schedule) -> str:
    back = f" or up to {counted(schedule.back_days, 'day')} back" if schedule.back_days else ""
    return f"Whenever there is something to record, for today{back}."


FORMS: Mapping[str, Form] = MappingProxyType({
    "once": Form(ONCE, lambda schedule: f"Once, from study day {schedule.first_day}, {_window(schedule)}"),
    "every": Form(BY_DAYS, _describe_every),
    "monthly": Form(BY_MONTHS, _describe_monthly),
    "on_enrolment": Form(ONCE, lambda schedule: f"Once, from the day of enrolment, {_window(schedule)}"),
    "after": Form(NEVER, _describe_after, on_demand=True),
    "on_demand": Form(NEVER, _describe_on_demand, on_demand=True),
    "before_consent": Form(NEVER, lambda schedule: "Once, before the consent form."),
})  # fmt: skip
