"""What a clinician sees first: a few figures of the last four weeks beside those of the four before. Pure.

Figures and what they were counted from. Whether a change is good or bad, and what follows from it, is not said here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from studyportal.charts.daily import Mean
from studyportal.protocol import Instrument
from studyportal.web.course.lines import Line
from studyportal.web.course.measures import Summary
from studyportal.web.course.spans import MONTH, Span, weeks_before
from studyportal.web.words import count, counted, day, mean

NONE = "–"


@dataclass(frozen=True, slots=True)
class Glance:
    """One figure: what of, the figure, and in words what it was counted from and what it was before."""

    what: str
    figure: str
    beside: str


def glances(
    summaries: Sequence[Summary],
    states: Mapping[str, tuple[Instrument, Mapping[date, str]]],
    lines: Sequence[Line],
    alerts: Sequence[Any],
    *,
    today: date,
) -> Sequence[Glance]:
    """The first measure, the daily diary, the alerts that are not closed, and each kind of event that was recorded."""
    lately, before = weeks_before(today), weeks_before(today, ago=MONTH)
    daily = [one for one in states.values() if one[0].schedule.every_days == 1][:1]
    return [
        *(_measured(one) for one in summaries[:1]),
        *(_given(asked.title, occasions, lately, before) for asked, occasions in daily),
        _alerts(alerts),
        *_happened(lines, lately, before),
    ]


def _measured(one: Summary) -> Glance:
    scale = " of 10" if one.measure.item.kind == "rating" else ""
    figure = f"{mean(one.lately.value)}{scale}" if one.lately.value is not None else NONE
    days = f"Mean of {_days(one.lately)}" if one.lately.days else "No answer"
    before = f"{mean(one.before.value)} ({_days(one.before)})" if one.before.value is not None else "no answer"
    return Glance(one.measure.head, figure, f"{days}. The 4 weeks before: {before}")


def _days(found: Mean) -> str:
    return counted(found.days, "day", "days")


def _given(title: str, occasions: Mapping[date, str], lately: Span, before: Span) -> Glance:
    now, then = _counts(occasions, lately), _counts(occasions, before)
    late = f"{count(now['late'])} of them late. " if now["late"] else ""
    missed = f"{count(now['missed'])} missed. " if now["missed"] else ""
    earlier = _share(then) if _due(then) else "nothing was due"
    return Glance(
        title,
        _share(now) if _due(now) else NONE,
        f"Days given, of days due. {late}{missed}The 4 weeks before: {earlier}",
    )


def _counts(occasions: Mapping[date, str], span: Span) -> Mapping[str, int]:
    states = [state for on, state in occasions.items() if on in span]
    return {state: states.count(state) for state in ("given", "late", "missed")}


def _due(counts: Mapping[str, int]) -> int:
    return sum(counts.values())


def _share(counts: Mapping[str, int]) -> str:
    return f"{count(counts['given'] + counts['late'])} of {count(_due(counts))}"


def _alerts(alerts: Sequence[Any]) -> Glance:
    """Alerts are rows of the registry, the latest first."""
    running = [row for row in alerts if row.closed_at is None]
    if not running:
        return Glance(
            "Alerts not closed", "0", f"{f'{count(len(alerts))} closed' if alerts else 'None'} since the start"
        )
    waiting = sum(row.acknowledged_at is None for row in running)
    taken = f"{count(waiting)} waiting, {count(len(running) - waiting)} taken on"
    return Glance("Alerts not closed", count(len(running)), f"{taken}. The oldest is of {day(running[-1].raised_at)}")


def _happened(lines: Sequence[Line], lately: Span, before: Span) -> Sequence[Glance]:
    """Of what was recorded when it happened; what follows an event is counted with it."""
    days: dict[str, list[date]] = {}
    for line in lines:
        if line.on_demand and line.instrument and not line.instrument.schedule.after and line.day >= before.first:
            days.setdefault(line.title, []).append(line.day)
    found = []
    for title, some in days.items():
        now, then = (sum(on in span for on in some) for span in (lately, before))
        found.append(
            Glance(
                title,
                count(now),
                f"{'Entry' if now == 1 else 'Entries'}, as reported. The 4 weeks before: {count(then)}",
            )
        )
    return found
