"""What stands in a visit report, in the order in which a colleague reads it. Pure.

Only what custody opened, in the words in which it was asked, and figures counted from it. Nothing is judged and nothing
advised; the clinician's own note is the one text that has an author here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from studyportal.charts.daily import subjects
from studyportal.clinic.alerts.waiting import LOOKS
from studyportal.clinic.timeline.opening import Opened
from studyportal.clinic.timeline.picture import picture_of
from studyportal.clinic.timeline.whole import ALERT_STATES, Timeline
from studyportal.desk import PURPOSES
from studyportal.paper import Facts, Grid, Heading, Part, Picture, Points, Prose, Signatures
from studyportal.protocol import Protocol, local_date, study_day
from studyportal.protocol.adherence import MISSED
from studyportal.web.course.grids import NONE, score_grids, weeks_grid
from studyportal.web.course.happened import happened
from studyportal.web.course.medicines import medicines
from studyportal.web.course.spans import stretch
from studyportal.web.course.weeks import is_daily, weeks_of
from studyportal.web.words import count, day, moment

# With these the first page holds who it is, the figures and the picture; the table of weeks has the other subjects.
DRAWN = 4


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes it."""

    name: str
    title: str


def parts_of(found: Opened, note: str, *, span: str, protocol: Protocol, maker: Maker) -> Sequence[Part]:
    """The whole report."""
    shown = found.timeline
    return [
        _head(found, span, maker),
        Grid(
            "The last 4 weeks beside the 4 before",
            ("What", "Last 4 weeks", "Counted from, and before"),
            tuple((one.what, one.figure, f"{one.beside}.") for one in shown.glances),
        ),
        *_course(found),
        *_note(note, maker),
        *_weeks(found),
        *_yes(found),
        *happened(shown.events, protocol, last=shown.span.last),
        *medicines(shown.lines, shown.span),
        *score_grids(shown.scores),
        *_alerts(found),
        *_due(found),
        *_corrections(found),
        Heading("How this report was made"),
        Points(tuple(_made(found))),
        Signatures(((maker.title, maker.name),)),
    ]


def _head(found: Opened, span: str, maker: Maker) -> Part:
    row, shown = found.row, found.timeline
    first = max(shown.span.first, row.started_on)
    began = study_day(local_date(found.at, row.zone), row.started_on)
    rows = [
        ("Participant", f"{row.participant_code}, {found.site}"),
        ("In the study", f"since {day(row.started_on)}; {'has left' if row.has_left else f'study day {count(began)}'}"),
        ("Time shown", f"{stretch(span)}, {day(first)} to {day(shown.span.last)}"),
        ("Entries", _entries(shown.entries, shown.faults, row.zone)),
        ("Opened for", f"{PURPOSES[found.pass_.purpose]}; by {maker.name}, {maker.title.lower()}"),
    ]
    return Facts(tuple(rows))


def _entries(entries: int, faults: int, zone: str) -> str:
    """How many, and honestly how many are missing from the report."""
    shut = (
        f"; {count(faults)} more could not be opened and {'is' if faults == 1 else 'are'} missing here"
        if faults
        else ""
    )
    return f"{count(entries)} in the time shown{shut}; times are theirs ({zone})"


def _note(note: str, maker: Maker) -> Iterator[Part]:
    if note:
        yield Heading("Note of the clinician")
        yield Prose(note)
        yield Prose(f"Typed by {maker.name} when this report was made.")


def _course(found: Opened) -> Iterator[Part]:
    yield Heading("Course")
    chart = picture_of(found.timeline, started_on=found.row.started_on, most=DRAWN)
    yield (
        Picture(chart)
        if chart
        else Prose("Fewer than two days have an answer in the time shown, so there is nothing to draw.")
    )


def _weeks(found: Opened) -> Iterator[Part]:
    shown = found.timeline
    measures = subjects(shown.measures)
    daily = [days for asked, days in shown.states.values() if is_daily(asked)]
    happened = [[event.line.day for event in events] for _, events in shown.events]
    weeks = weeks_of(shown.values, measures, daily, happened, span=shown.span, started_on=found.row.started_on)
    if not weeks:
        return
    yield Heading("Week by week")
    yield weeks_grid(weeks, measures, [title for title, _ in shown.events[:1]])
    for title, days in missed_days(shown).items():
        if days:
            yield Prose(f"{title}, missed: {_listed(days)}.")


def missed_days(shown: Timeline) -> Mapping[str, Sequence[date]]:
    """The days in the time shown for which a daily entry was missed, by its title, in order."""
    return {
        asked.title: sorted(on for on, state in days.items() if state == MISSED and on in shown.span)
        for asked, days in shown.states.values()
        if is_daily(asked)
    }


def _listed(days: Sequence[date]) -> str:
    """3, 4, 9 May 2026; 1 June 2026."""
    months: dict[str, list[str]] = {}
    for one in days:
        months.setdefault(f"{one:%B %Y}", []).append(str(one.day))
    return "; ".join(f"{', '.join(some)} {month}" for month, some in months.items())


def _yes(found: Opened) -> Iterator[Part]:
    if rows := tuple(
        (one.item.ask, *(f"{count(some.yes)} of {count(some.of)}" for some in (one.lately, one.before, one.shown)))
        for one in found.timeline.yes_days
        if one.shown.of or one.before.of
    ):
        head = ("Asked every day", "Last 4 weeks", "4 weeks before", "Time shown")
        yield Grid(
            "Days on which the answer was yes, of the days that have an answer", head, rows, frozenset({1, 2, 3})
        )


def _alerts(found: Opened) -> Iterator[Part]:
    yield Heading("Alerts, and what was done")
    alerts, zone = found.timeline.alerts, found.row.zone
    if not alerts:
        yield Prose("None in the time shown, and none that is open.")
        return
    rows = []
    for one in alerts:
        raised = "; ".join(one.titles) or one.instead
        done = "\n".join(f"{moment(some.at, zone)}, {some.who}: {some.words}" for some in one.done)
        state = ALERT_STATES[one.state][1]
        rows.append((moment(one.row.raised_at, zone), LOOKS[one.row.level][1], raised, state, done or NONE))
    head = ("Raised", "Level", "What raised it", "State", "What was done")
    note = "Notes about alerts are sealed and not part of this report."
    yield Grid("Alerts of the time shown and all that are not closed, the latest first", head, tuple(rows), note=note)


def _due(found: Opened) -> Iterator[Part]:
    if dues := [one for one in found.timeline.dues if any(one.counts.values())]:
        yield Heading("What was due")
        rows = tuple(
            (one.title, *(count(one.counts[state]) for state in ("given", "late", "missed", "open"))) for one in dues
        )
        head = ("Asked", "Given in time", "Late", "Missed", "Open")
        yield Grid("Occasions of the time shown", head, rows, frozenset({1, 2, 3, 4}))


def _corrections(found: Opened) -> Iterator[Part]:
    rows = tuple(
        (f"{one.line.title}, {day(one.line.day)}", asked, before, now, one.line.entry.reason or NONE)
        for one in found.timeline.corrections
        for asked, before, now in one.changes or ()
    )
    if rows:
        yield Heading("Corrections")
        yield Grid(
            "What was corrected; what was written first is kept", ("Entry", "Asked", "First", "Now", "Reason"), rows
        )


def _made(found: Opened) -> Iterator[str]:
    yield "Custody opened the entries for the purpose above and wrote that down; the clinic keeps no copy of them or of this report."
    yield "Custody has signed this file. Whoever has it can have it verified at the address in the foot; a printed copy is compared by its fingerprint."
    yield "Late means written after its time; of an entry that does not open, that it arrived late."
    yield "What was taken is printed as it was reported and was not checked. Nothing here is advice, and no figure is judged beyond the published words of a score."
