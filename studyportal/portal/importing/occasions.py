"""Turn what a file calls a time point into a study day and an instrument.

Pure. Four ways of writing a time point, one class each; all answer `read(text, start=)` with (instrument, study
day) or raise `Unreadable`. Study days count from 1; there is no day 0.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from studyportal.protocol.kinds import DATE, WHOLE
from studyportal.protocol.schedules import LONGEST, Schedule, study_day


class Unreadable(ValueError):
    """This text is no time point of the study; the message is the sentence for the report."""


class TimePoint(NamedTuple):
    """When, and with which instrument."""

    instrument: str
    study_day: int


@dataclass(frozen=True, slots=True)
class Labels:
    """Each label of the file stands for one time point."""

    points: Mapping[str, TimePoint]

    def read(self, text: str, *, start: date) -> TimePoint:
        if text not in self.points:
            raise Unreadable("This time point is not among the mapping's labels.")
        return self.points[text]

    @property
    def instruments(self) -> frozenset[str]:
        return frozenset(point.instrument for point in self.points.values())


@dataclass(frozen=True, slots=True)
class Pattern:
    """Numbers inside a label, as in `w{week}s{set}`; each counts from 1.

    study day = first + the sum over the numbers of step x (number - 1). `instruments_by` is the number that decides
    the instrument, and `by_number` which it is.
    """

    expression: re.Pattern[str]
    first: int
    steps: Mapping[str, int]
    instruments_by: str
    by_number: Mapping[int, str]

    def read(self, text: str, *, start: date) -> TimePoint:
        found = self.expression.fullmatch(text)
        if found is None:
            raise Unreadable("This time point is not written as the mapping's pattern says.")
        numbers = {name: int(digits) for name, digits in found.groupdict().items()}
        instrument = self.by_number.get(numbers[self.instruments_by])
        if instrument is None or min(numbers.values()) < 1:
            raise Unreadable("The mapping has no instrument for this time point.")
        return TimePoint(instrument, self.first + sum(step * (numbers[name] - 1) for name, step in self.steps.items()))

    @property
    def instruments(self) -> frozenset[str]:
        return frozenset(self.by_number.values())


@dataclass(frozen=True, slots=True)
class StudyDay:
    """The column holds the study day itself."""

    instrument: str

    def read(self, text: str, *, start: date) -> TimePoint:
        if not WHOLE.fullmatch(text) or not 1 <= int(text) <= LONGEST:
            raise Unreadable("A study day is a whole number from 1.")
        return TimePoint(self.instrument, int(text))

    @property
    def instruments(self) -> frozenset[str]:
        return frozenset({self.instrument})


@dataclass(frozen=True, slots=True)
class DiaryDate:
    """The column holds the date the answers are about."""

    instrument: str

    def read(self, text: str, *, start: date) -> TimePoint:
        try:
            day = study_day(date.fromisoformat(text), start) if DATE.fullmatch(text) else 0
        except ValueError:
            day = 0
        if day < 1:
            raise Unreadable("Give a date as year-month-day, not before the start.")
        return TimePoint(self.instrument, day)

    @property
    def instruments(self) -> frozenset[str]:
        return frozenset({self.instrument})


Occasions = Labels | Pattern | StudyDay | DiaryDate


def pattern_expression(written: str) -> re.Pattern[str]:
    """`w{week}s{set}` as an expression with a group of one to four digits per name. Raises `ValueError`."""
    parts = re.split(r"\{([a-z_]+)\}", written)
    return re.compile(
        "".join(f"(?P<{part}>[0-9]{{1,4}})" if place % 2 else re.escape(part) for place, part in enumerate(parts))
    )


def occasion_on(schedule: Schedule, day: int, *, start: date) -> int:
    """The number of the occasion whose diary date is study day `day` of somebody who began on `start`.

    Raises `Unreadable` if there is none. Months differ in length, so that their study days depend on the start.
    """
    if not 1 <= day <= LONGEST:
        raise Unreadable("The instrument is not due on this study day.")
    diary_date = start + timedelta(days=day - 1)
    number = schedule.number_on(diary_date, start)
    if number < 1 or schedule.date_of(number, start) != diary_date:
        raise Unreadable("The instrument is not due on this study day.")
    return number
