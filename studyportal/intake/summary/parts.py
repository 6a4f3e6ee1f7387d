"""What stands on the paper, in the order in which somebody with four minutes reads it. Pure.

In the words in which it was asked, with figures counted from it. Nothing is judged, praised or advised. No name, no
code, and not the study's name unless what was taken is on it: whoever finds the paper shall not learn more than was
meant.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from studyportal.charts.daily import head_of, subjects
from studyportal.intake.summary.laid_out import LaidOut
from studyportal.paper import Facts, Grid, Heading, Part, Picture, Points, Prose, ToWrite
from studyportal.protocol import Protocol
from studyportal.protocol.adherence import adherence_of
from studyportal.saying import said, said_of, said_together
from studyportal.web.course.grids import score_grids, weeks_grid
from studyportal.web.course.happened import happened, not_printed
from studyportal.web.course.medicines import medicines
from studyportal.web.course.scores import scored
from studyportal.web.course.spans import Span
from studyportal.web.course.weeks import is_daily, weeks_of
from studyportal.web.course.yes_days import yes_days
from studyportal.web.words import count, day

OWN_WORDS = frozenset({"notes", "text"})
# A doctor has four minutes: of more, the latest are printed and the others counted, so that three pages hold the most
# of it.
MOST_WEEKS, MOST_EVENTS, MOST_WORDS = 13, 25, 15
LOW = 60
TIME, WRITTEN = said("Time shown"), (said("Day"), said("About"), said("Words"))
WHAT_IT_IS = said(
    "what the writer answered in the diary of an observational study, printed by themselves; "
    "nobody has checked or signed it. The study watches and advises nothing."
)
WHAT_IT_IS_NOT = said(
    "advice, a finding, or complete: the writer chose what is on it, and a change may have many causes."
)
AS_REPORTED = said("What was taken is printed as it was reported; what it contained was not checked.")
NO_MEDICINES = said("No questionnaire has asked about medicines yet.")
TOO_FEW = said("Fewer than two days have an answer in the time shown, so there is nothing to draw.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants on it: the words for the time ("" if they named two days), their questions, which instruments
    on demand, and whether their own words."""

    stretch: str
    questions: str
    kinds: Sequence[str]
    words: bool


def parts_of(shown: LaidOut, wanted: Wanted, protocol: Protocol, *, names_study: bool) -> Sequence[Part]:
    """The whole paper."""
    return [
        ToWrite(said("Name, if wanted")),
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
    days = said("%(first)s to %(last)s", first=day(first), last=day(shown.span.last))
    rows = [
        (said("For"), said("whoever the writer hands it to, such as a doctor at the next visit")),
        (TIME, said_together((wanted.stretch, days), ", ") if wanted.stretch else days),
        (said("Entries"), said_together(_entries(shown), "; ")),
        *_adherence(shown),
        (said("What it is"), WHAT_IT_IS),
        (said("What it is not"), said_together((WHAT_IT_IS_NOT, *((AS_REPORTED,) if names_study else ())), " ")),
    ]
    return Facts(tuple(rows))


def _entries(shown: LaidOut) -> Iterator[str]:
    yield said("%(number)s in the time shown", number=count(len(shown.here)))
    if shut := shown.faults:
        yield said_of(
            shut, "%(total)s entry could not be opened", "%(total)s entries could not be opened", total=count(shut)
        )


def _adherence(shown: LaidOut) -> Iterator[tuple[str, str]]:
    """Of what is asked every day: given, of the times that were due."""
    for asked, states in shown.states.values():
        found = adherence_of(state for on, state in states.items() if on in shown.span)
        if is_daily(asked) and found.due:
            given = said_of(
                found.due,
                "given on %(given)s of %(due)s day on which it was asked for",
                "given on %(given)s of %(due)s days on which it was asked for",
                given=count(found.given),
                due=count(found.due),
            )
            late = (said("%(number)s of them late", number=count(found.late)),) if found.late else ()
            yield asked.title, said_together((given, *late), ", ")


def _questions(wanted: Wanted) -> Iterator[Part]:
    if wanted.questions:
        yield Heading(said("What I want to ask or say"))
        yield Prose(wanted.questions)


def _course(shown: LaidOut) -> Iterator[Part]:
    yield Heading(said("Course"))
    course = shown.course()
    yield Picture(course.chart(height=LOW)) if course else Prose(TOO_FEW)


def _weeks(shown: LaidOut) -> Iterator[Part]:
    measures = subjects(shown.measures)
    daily = [states for asked, states in shown.states.values() if is_daily(asked)]
    days = [[one.line.day for one in events] for _, events in shown.kinds[:2]]
    weeks = weeks_of(shown.values, measures, daily, days, span=shown.span, started_on=shown.started_on)
    if not weeks:
        return
    yield Heading(said("Week by week"))
    yield weeks_grid(weeks[-MOST_WEEKS:], measures, [title for title, _ in shown.kinds[:2]], with_days=True)
    if (more := len(weeks) - MOST_WEEKS) > 0:
        yield Prose(
            said_of(
                more,
                "%(total)s earlier week is in the picture only.",
                "%(total)s earlier weeks are in the picture only.",
                total=count(more),
            )
        )


def _yes(shown: LaidOut, protocol: Protocol) -> Iterator[Part]:
    found = yes_days(shown.lines, protocol, today=shown.span.last, shown=shown.span)
    if rows := tuple(
        (one.item.ask, said("%(given)s of %(due)s", given=count(one.shown.yes), due=count(one.shown.of)))
        for one in found
        if one.shown.of
    ):
        caption = said("Days on which the answer was yes, of the days that have an answer")
        yield Grid(caption, (said("Asked every day"), TIME), rows, frozenset({1}))


def _nothing(shown: LaidOut, wanted: Wanted, protocol: Protocol) -> Iterator[Part]:
    """What was asked for and is not there: nothing was recorded, which is not that nothing was."""
    there = {title for title, _ in shown.kinds}
    titles = [
        one.title for name, one in protocol.instruments.items() if name in wanted.kinds and one.title not in there
    ]
    if titles:
        yield Heading(said("Nothing recorded in the time shown"))
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
        note = not_printed(more) if more > 0 else ""
        yield Heading(said("In my own words"))
        yield Grid(said("What was written in words, as it was written"), WRITTEN, rows[-MOST_WORDS:], note=note)
