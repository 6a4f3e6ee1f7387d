"""On how many days something was answered with yes: a flare-up, extra medicine, stress. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from studyportal.protocol import Item, Protocol
from studyportal.web.course.lines import Line
from studyportal.web.course.spans import MONTH, Span, weeks_before


@dataclass(frozen=True, slots=True)
class Days:
    """On `yes` days yes, of `of` days that have an answer."""

    yes: int
    of: int


@dataclass(frozen=True, slots=True)
class YesDays:
    """One question that is asked daily: in the last four weeks, in the four before, and over the whole span."""

    item: Item
    lately: Days
    before: Days
    shown: Days


def yes_days(lines: Sequence[Line], protocol: Protocol, *, today: date, shown: Span) -> Sequence[YesDays]:
    """Each question of a daily entry that is answered with yes or no, in the order of the study document."""
    found = []
    for asked in protocol.instruments.values():
        if not (asked.in_diary and asked.schedule.every_days == 1):
            continue
        daily = [line for line in lines if line.entry.instrument == asked.name]
        for item in asked.items.values():
            if item.kind == "yes_no":
                answers = {line.day: line.entry.answers[item.name] for line in daily if item.name in line.entry.answers}
                spans = weeks_before(today), weeks_before(today, ago=MONTH), shown
                found.append(YesDays(item, *(_in(answers, span) for span in spans)))
    return found


def _in(answers: dict[date, object], span: Span) -> Days:
    some = [answer for on, answer in answers.items() if on in span]
    return Days(some.count(True), len(some))
