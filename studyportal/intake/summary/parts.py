"""What stands on the paper, in the order in which somebody with four minutes reads it. Pure.

In the words in which it was asked, with figures counted from it. Nothing is judged, praised or advised. No name, no code,
and not the study's name unless what was taken is on it: whoever finds the paper shall not learn more than was meant.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from studyportal.charts.daily import head_of, subjects
from studyportal.intake.summary.laid_out import LaidOut
from studyportal.paper import Facts, Grid, Heading, Part, Picture, Points, Prose, ToWrite
from studyportal.protocol import Protocol
from studyportal.protocol.adherence import adherence_of
from studyportal.web.course.grids import score_grids, weeks_grid
from studyportal.web.course.happened import happened
from studyportal.web.course.medicines import medicines
from studyportal.web.course.scores import scored
from studyportal.web.course.spans import Span
from studyportal.web.course.weeks import is_daily, weeks_of
from studyportal.web.course.yes_days import yes_days
from studyportal.web.words import count, counted, day

OWN_WORDS = frozenset({"notes", "text"})
# A doctor has four minutes: of more, the latest are printed and the others counted, so that three pages hold the most of it.
MOST_WEEKS, MOST_EVENTS, MOST_WORDS = 13, 25, 15
LOW = 60
WHAT_IT_IS = (
    "what the writer answered in the diary of an observational study, printed by themselves; "
    "nobody has checked or signed it. The study watches and advises nothing."
)
WHAT_IT_IS_NOT = "advice, a finding, or complete: the writer chose what is on it, and a change may have many causes."
AS_REPORTED = " What was taken is printed as it was reported; what it contained was not checked."
NO_MEDICINES = "No questionnaire has asked about medicines yet."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants on it: the words for the time ("" if they named two days), their questions, which instruments on
    demand, and whether their own words."""

    stretch: str
    questions: str
    kinds: Sequence[str]
    words: bool


def parts_of(shown: LaidOut, wanted: Wanted, protocol: Protocol, *, names_study: bool) -> Sequence[Part]:
    """The whole paper."""
    return [
        ToWrite("Name, if wanted"),
        _head(shown, wanted, names_study=names_study),
        *_questions(wanted),
        *_course(shown),
        *_weeks(shown),
        *_yes(shown, protocol),
        *happened(shown.kinds, protocol, last=shown.span.last, most=MOST_EVENTS),
        *_nothing(shown, wanted, protocol),
        *medicines(shown.lines, Span(date.min, shown.span.last), none=NO_MEDICINES),
        *score_grids(scored(shown.here)),
        *(_words(shown) if wanted.words else ()),
    ]


def _head(shown: LaidOut, wanted: Wanted, *, names_study: bool) -> Part:
    first = max(shown.span.first, shown.started_on)
    days = f"{day(first)} to {day(shown.span.last)}"
    shut = f"; {counted(shown.faults, 'entry', 'entries')} could not be opened" if shown.faults else ""
    rows = [
        ("For", "whoever the writer hands it to, such as a doctor at the next visit"),
        ("Time shown", f"{wanted.stretch}, {days}" if wanted.stretch else days),
        ("Entries", f"{count(len(shown.here))} in the time shown{shut}"),
        *_adherence(shown),
        ("What it is", WHAT_IT_IS),
        ("What it is not", WHAT_IT_IS_NOT + (AS_REPORTED if names_study else "")),
    ]
    return Facts(tuple(rows))


def _adherence(shown: LaidOut) -> Iterator[tuple[str, str]]:
    """Of what is asked every day: given, of the times that were due."""
    for asked, states in shown.states.values():
        found = adherence_of(state for on, state in states.items() if on in shown.span)
        if is_daily(asked) and found.due:
            late = f", {count(found.late)} of them late" if found.late else ""
            yield asked.title, f"given on {count(found.given)} of {counted(found.due, 'day', 'days')} on which it was asked for{late}"


def _questions(wanted: Wanted) -> Iterator[Part]:
    if wanted.questions:
        yield Heading("What I want to ask or say")
        yield Prose(wanted.questions)


def _course(shown: LaidOut) -> Iterator[Part]:
    yield Heading("Course")
    course = shown.course()
    yield (
        Picture(course.chart(height=LOW))
        if course
        else Prose("Fewer than two days have an answer in the time shown, so there is nothing to draw.")
    )


def _weeks(shown: LaidOut) -> Iterator[Part]:
    measures = subjects(shown.measures)
    daily = [states for asked, states in shown.states.values() if is_daily(asked)]
    days = [[one.line.day for one in events] for _, events in shown.kinds[:2]]
    weeks = weeks_of(shown.values, measures, daily, days, span=shown.span, started_on=shown.started_on)
    if not weeks:
        return
    yield Heading("Week by week")
    yield weeks_grid(weeks[-MOST_WEEKS:], measures, [title for title, _ in shown.kinds[:2]], with_days=True)
    if (more := len(weeks) - MOST_WEEKS) > 0:
        yield Prose(f"{counted(more, 'earlier week is', 'earlier weeks are')} in the picture only.")


def _yes(shown: LaidOut, protocol: Protocol) -> Iterator[Part]:
    found = yes_days(shown.lines, protocol, today=shown.span.last, shown=shown.span)
    if rows := tuple((one.item.ask, f"{count(one.shown.yes)} of {count(one.shown.of)}") for one in found if one.shown.of):
        caption = "Days on which the answer was yes, of the days that have an answer"
        yield Grid(caption, ("Asked every day", "Time shown"), rows, frozenset({1}))


def _nothing(shown: LaidOut, wanted: Wanted, protocol: Protocol) -> Iterator[Part]:
    """What was asked for and is not there: nothing was recorded, which is not that nothing was."""
    there = {title for title, _ in shown.kinds}
    titles = [one.title for name, one in protocol.instruments.items() if name in wanted.kinds and one.title not in there]
    if titles:
        yield Heading("Nothing recorded in the time shown")
        yield Points(tuple(titles))


def _words(shown: LaidOut) -> Iterator[Part]:
    rows = tuple(
        (day(line.day), head_of(name), str(line.entry.answers[name]))
        for line in shown.here
        if line.instrument is not None and not line.on_demand
        for name, item in line.instrument.items.items()
        if item.kind in OWN_WORDS and line.entry.answers.get(name)
    )
    if rows:
        more = len(rows) - MOST_WORDS
        note = f"{counted(more, 'earlier one is', 'earlier ones are')} not printed here." if more > 0 else ""
        yield Heading("In my own words")
        yield Grid("What was written in words, as it was written", ("Day", "About", "Words"), rows[-MOST_WORDS:], note=note)
