"""Set the weeks, scores and yes-days of somebody's course as tables of a paper. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date

from studyportal.charts.daily import Mean, Measure
from studyportal.paper import Grid, Heading, Part
from studyportal.saying import said, said_together
from studyportal.web.course.scores import Scored
from studyportal.web.course.weeks import Week
from studyportal.web.words import count, day, mean

NONE = "–"
WEEKS = said("Means of each week of the study, and what was missed")
MEANS = said("Means of the days that have an answer.")
MEANS_OF = said("Means of the days that have an answer, and in brackets how many days these are.")
CAME = said("Given (in time), late and missed count what is asked every day.")
HEAD = (said("Week"), said("Days"))
TIMES = (said("Given"), said("Late"), said("Missed"))


def weeks_grid(
    weeks: Sequence[Week], measures: Sequence[Measure], happened: Sequence[str] = (), *, with_days: bool = False
) -> Grid:
    """A row for each week; `happened` are the kinds of what happened, each of which has a column. `with_days` sets
    beside each mean how many days it is of."""
    head = (*HEAD, *(one.head for one in measures), *TIMES, *happened)
    rows = tuple(
        (
            str(week.number),
            stretch(week.first, week.last),
            *(_mean(one, with_days) for one in week.means),
            *(
                count(number)
                for number in (week.entries.given - week.entries.late, week.entries.late, week.entries.missed)
            ),
            *(count(number) for number in week.happened[: len(happened)]),
        )
        for week in weeks
    )
    return Grid(
        WEEKS, head, rows, frozenset(range(2, len(head))), said_together((MEANS_OF if with_days else MEANS, CAME), " ")
    )


def _mean(one: Mean, with_days: bool) -> str:
    if one.value is None:
        return NONE
    return f"{mean(one.value)} ({count(one.days)})" if with_days else mean(one.value)


def stretch(first: date, last: date) -> str:
    """11 – 17 Nov; 28 Oct – 3 Nov."""
    ends = f"{last.day} {last:%b}"
    return ends if first == last else f"{first.day}{f' {first:%b}' if first.month != last.month else ''} – {ends}"


def score_grids(scores: Sequence[Scored]) -> Iterator[Part]:
    """A table for each questionnaire that gives scores, under one heading; nothing where none does."""
    if scores:
        yield Heading(said("Scores"))
    for one in scores:
        rows = tuple((day(on), *(value if value is not None else NONE for value in values)) for on, values in one.rows)
        sources = "; ".join(dict.fromkeys(one.sources))
        yield Grid(
            one.title,
            (said("Day"), *(item.ask for item in one.items)),
            rows,
            note=said("Words as published: %(sources)s", sources=sources) if sources else "",
        )
