"""Set the report of a cohort as a paper, in the order in which STROBE asks for it: who is in, what they are like, what
was seen of them week by week, how much is missing, how it was made, and what nobody may conclude from it.

Pure, but for the protected numbers, which come through the same door as the page's. STROBE: von Elm et al. 2007, with
its item numbers beside the headings.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from textwrap import shorten
from typing import Literal

from studyportal.charts import Chart
from studyportal.paper import Facts, Grid, Heading, Multiples, Paper, Part, Picture, Points, Prose, printed
from studyportal.research.cohorts.criteria import Criteria
from studyportal.research.cohorts.measures import Measure, measures
from studyportal.research.cohorts.pictures import GAPS, left, picture
from studyportal.research.cohorts.selection import attrition, selected
from studyportal.research.cohorts.tables import prompted, reported, table, was_answered, yes_at_all
from studyportal.research.cohorts.wording import written
from studyportal.research.consents.records import way_in
from studyportal.research.disclosure import People, ProtectedTable, Row, percentage
from studyportal.research.reports.adherence import adherence, adherence_picture
from studyportal.research.results.following import following
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.variables import NOT_ANSWERED
from studyportal.snapshots.documents import ConsentRecords
from studyportal.web.words import counted, day
from studyportal.workbench.grants import GrantDocument

LONGEST_TITLE = 90
# Spaces that do not break stay at the beginning of a cell; no more weeks than these stand in a table on paper.
INDENT, MOST_WEEKS = "\u00a0\u00a0\u00a0", 9
NO_COURSE = "The approval covers no question that is asked again and again and can be told by a weekly mean."
NO_BASELINE = "The approval covers no question that is asked once."
HOW_TO_READ = (
    "This is an observational study without a control group: participants decided for themselves what they took and when. "
    "Changes over the weeks can come from the passing of time, regression to the mean, expectation, other treatment, or from "
    "who went on writing. Nothing here shows that anything works, is safe, or should be taken."
)
WEEKS = (
    "Study week 1 begins on the day of consent (study day 1). Diary values are first averaged within each person's week, then over people, "
    "so that somebody who writes more often counts no more than others. Nothing is imputed. Weeks in which too few answered "
    "are not listed; which weeks are listed depends on the whole snapshot, never on the cohort. Eight weeks are listed, evenly spread, and of a cohort "
    "the first questions are told, because each number tells a little of everybody in it; the cohort's page has others."
)
NOT_DRAWN = "{} no picture, because too few numbers may be shown; the tables below have them all."
OTHERS = (
    "Over all weeks. “People” answered the question at least once; one person can have given several answers. The weeks of each "
    "question are on the cohort's page."
)
PROMPTS = (
    "Prompts come by the schedule of the newest version of the study; late entries count as answered. The share is worked out for "
    "each person and then averaged."
)
WEEKS_GIVEN = (
    "People who joined later have had fewer weeks, and some questions come seldom or only when there is something to say: few "
    "weeks do not mean that somebody stopped."
)
CHECK = (
    "The foot of every page has the report's fingerprint. The file is signed: whoever has it can check at the address in the "
    "foot, or with the command “studyportal verify”, that not a single character was changed since it was made."
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about: the cohort under its name ("" for one that was not saved), the approval that it is made
    under, and the consent records of the snapshot (None in one that was published without).
    """

    snapshot: OpenedSnapshot
    criteria: Criteria
    name: str
    grant: GrantDocument
    consents: ConsentRecords | None = None

    @property
    def title(self) -> str:
        """The name, or who is in, as much of it as a title holds."""
        words = "; ".join(self.criteria.words) or "Everybody who shares"
        return self.name or shorten(words, LONGEST_TITLE, placeholder=" …")


@dataclass(frozen=True, slots=True)
class Look:
    """How the paper is set, which the room's settings say."""

    address: str
    synthetic: bool
    language: str
    size: Literal["A4", "Letter"] = "A4"


def cohort_report(about: Subject, look: Look, *, now: datetime, done: Callable[[int], None] = lambda _: None) -> bytes:
    """The report as PDF. `done` is told after each of `SECTIONS` how many are done; it may raise, to stop."""
    book = about.snapshot.codebook
    paper = Paper(
        title=about.title,
        kind="Cohort report",
        study=book.code,
        study_title=book.title,
        made_at=now,
        as_of=about.snapshot.published_at,
        address=look.address,
        synthetic=look.synthetic,
        size=look.size,
        language=look.language,
        protection=f"Groups of fewer than {book.protection.threshold} people are never shown.",
    )
    asked, parts = _Asked(about), []
    for number, section in enumerate(SECTIONS, 1):
        parts += section(asked)
        if number == len(SECTIONS):
            break
        done(number)
    pdf = printed(paper, parts)
    done(len(SECTIONS))
    return pdf


class _Asked:
    """The protected tables of the cohort, each made once."""

    def __init__(self, about: Subject) -> None:
        self.about, self.snapshot = about, about.snapshot
        self.people: People = selected(about.snapshot, about.criteria)
        self.is_cohort = not about.criteria.is_everybody
        self.measures: Mapping[str, Measure] = reported(
            about.snapshot, measures(about.snapshot.codebook), is_cohort=self.is_cohort
        )
        self._tables: dict[str, ProtectedTable] = {}

    def table(self, measure: Measure) -> ProtectedTable:
        if measure.name not in self._tables:
            self._tables[measure.name] = table(self.snapshot, self.people, measure)
        return self._tables[measure.name]

    def of_form(self, *forms: str) -> list[Measure]:
        return [one for one in self.measures.values() if one.form in forms]


def _opening(asked: _Asked) -> Iterator[Part]:
    about, book = asked.about, asked.snapshot.codebook
    shown = asked.snapshot.engine.count(asked.people)
    yield Facts(
        (
            ("People in the cohort", shown.text),
            ("Who is in", "; ".join(about.criteria.words) or "Everybody who shares"),
            ("The same as text", written(about.criteria) or "no criteria"),
            ("Project", f"{about.grant.project}, {about.grant.title}"),
            ("Purpose", about.grant.purpose),
            ("Approval", f"{_level(about.grant)}, until the end of {day(about.grant.last_day)}, UTC"),
            ("Snapshot", f"{asked.snapshot.number}, published on {day(asked.snapshot.published_at)}"),
            ("Study document", f"{book.code}, version {book.version}"),
        )
    )
    if shown.value is None:
        yield Prose(
            f"The cohort is smaller than {book.protection.threshold} people, or empty; which of the two is not said, and most numbers below are "
            "hidden. Take a criterion away to see more."
        )
    yield Prose(HOW_TO_READ)


def _level(grant: GrantDocument) -> str:
    return "record level" if grant.covers_records else "aggregates"


def _flow(asked: _Asked) -> Iterator[Part]:
    found = attrition(asked.snapshot, asked.about.criteria)
    yield Heading("Who is in (STROBE 13)")
    if asked.about.consents:
        arrived = way_in(asked.about.consents)
        yield _grid(arrived)
        yield Prose(arrived.method)
    yield Picture(left(found, title="People left after each criterion"))
    yield Prose("Only people who agreed to share are in a snapshot; those who withdrew have left it.")


def _baseline(asked: _Asked) -> Iterator[Part]:
    yield Heading("What they are like (STROBE 14)")
    found = [one for one in asked.of_form("distribution") if one.instrument.is_once and not _is_reason(one)]
    if not found:
        yield Prose(NO_BASELINE)
        return
    yield _together("What the people in the cohort answered once", found, asked)


def _together(what: str, found: Sequence[Measure], asked: _Asked) -> Grid:
    """Several distributions as one table. Their totals are those of the first, once; of yes or no the yes is listed."""
    totals, *_ = asked.table(found[0]).rows
    rows, groups, question = [_line(totals)], [], ""
    for measure in found:
        item, lines = measure.variable and measure.variable.item, asked.table(measure).rows[1:]
        is_yes_no = item is not None and item.kind == "yes_no"
        title = item.question if item is not None and is_yes_no and item.question else measure.title
        if title != question:
            question = title
            groups.append(len(rows))
            rows.append((title, *[""] * len(totals.cells)))
        if is_yes_no and item is not None:
            rows.append((INDENT + (item.label or "Yes"), *(cell.text for cell in lines[0].cells)))
        else:
            rows += [_line(row, INDENT) for row in lines]
    is_beside = len(totals.cells) > 2
    caption = what + (", beside everybody in the snapshot." if is_beside else ".")
    head = ("", "Cohort", "%", "All", "%") if is_beside else ("", "People", "%")
    return Grid(caption, head, tuple(rows), numbers=frozenset(range(1, len(head))), groups=frozenset(groups))


def _courses(asked: _Asked) -> Iterator[Part]:
    yield Heading("What was seen week by week (STROBE 16)")
    found = asked.of_form("weekly_mean")
    if not found:
        yield Prose(NO_COURSE)
        return
    yield Prose(WEEKS)
    yield from _drawn([picture(one, asked.table(one)) for one in found])
    for measure in found:
        yield _grid(_fewer(asked.table(measure)))


def _drawn(charts: Sequence[Chart]) -> Iterator[Part]:
    """The pictures of which enough may be shown; the tables have the numbers of all."""
    # What is said below one picture on a page is said once here.
    shown = tuple(replace(one, note="") for one in charts if not one.is_blank)
    if shown:
        yield Prose(GAPS)
        yield Multiples(shown)
    if len(shown) < len(charts):
        yield Prose(NOT_DRAWN.format(counted(len(charts) - len(shown), "course has", "courses have")))


def _fewer(found: ProtectedTable) -> ProtectedTable:
    """The same with some of its weeks, evenly spread, the first and the last among them."""
    total, *weeks = found.rows
    if len(weeks) <= MOST_WEEKS:
        return found
    places = sorted({round(at * (len(weeks) - 1) / (MOST_WEEKS - 1)) for at in range(MOST_WEEKS)})
    return replace(found, rows=(total, *(weeks[at] for at in places)))


def _others(asked: _Asked) -> Iterator[Part]:
    """Each answer over all weeks; its weeks would fill a page each, and are on the cohort's own."""
    found = [one for one in asked.of_form("weekly_yes", "ever") if was_answered(asked.snapshot, one)]
    if not found:
        return
    yield Heading("Other answers of the diary, as they were reported")
    yield Prose(OTHERS)
    for name in dict.fromkeys(one.instrument.name for one in found):
        own = [one for one in found if one.instrument.name == name]
        rows, groups, question = [], [], ""
        for measure in own:
            item = measure.item
            assert item is not None
            title = item.question or item.ask
            if title != question:
                question = title
                groups.append(len(rows))
                rows.append((title, "", "", ""))
            if measure.form == "weekly_yes":
                cells = yes_at_all(asked.snapshot, asked.people, measure).cells
                rows.append(_line(Row(item.label or "Yes", cells), INDENT))
                continue
            whole, *answers = asked.table(measure).rows
            answered = whole.cells[0].text
            rows += [(INDENT + row.label, answered, *(cell.text for cell in row.cells)) for row in answers]
        caption = f"{own[0].instrument.title}: who gave an answer at least once, of those who answered."
        head = ("", "People", "At least once", "%")
        yield Grid(caption, head, tuple(rows), numbers=frozenset({1, 2, 3}), groups=frozenset(groups))


def _adherence(asked: _Asked) -> Iterator[Part]:
    yield Heading("Who went on writing (STROBE 13, 14c)")
    book = asked.snapshot.codebook
    writing = prompted(book, is_cohort=asked.is_cohort)
    told = [(one, found) for one in writing if (found := adherence(asked.snapshot, asked.people, one))]
    if told:
        yield Prose(f"{following(asked.snapshot).words} {PROMPTS}")
        yield from _drawn([adherence_picture(one, found) for one, found in told])
    for _, found in told:
        yield _grid(_fewer(found))
    weeks = [one for one in asked.of_form("distribution") if one.variable and one.variable.source == "weeks"]
    if weeks:
        yield Prose(WEEKS_GIVEN)
        yield _together("In how many study weeks people gave at least one entry", weeks, asked)
    elif not told:
        yield Prose(NO_COURSE)


def _missing(asked: _Asked) -> Iterator[Part]:
    """Not having answered is a value of each variable, protected like the others."""
    engine, snapshot = asked.snapshot.engine, asked.snapshot
    yield Heading("What is missing (STROBE 12c, 14b)")
    everybody, rows = engine.count(asked.people), []
    for measure in asked.of_form("distribution"):
        variable = measure.variable
        if variable is None or NOT_ANSWERED not in variable.labels or _is_reason(measure):
            continue
        missing = engine.count(snapshot.sets(variable)[NOT_ANSWERED] & asked.people)
        rows.append((measure.title, missing.text, percentage(missing, everybody).text))
    if rows:
        caption = f"How many of the {everybody.text} people in the cohort gave no answer at all."
        yield Grid(caption, ("Question", "No answer", "%"), tuple(rows), numbers=frozenset({1, 2}))
    yield Prose(
        "A question that was not asked of somebody, because another answer made it needless, counts as not answered."
    )


def _methods(asked: _Asked) -> Iterator[Part]:
    book = asked.snapshot.codebook
    yield Heading("How this was made, and how people are protected (STROBE 4 to 12)")
    yield Prose(asked.snapshot.engine.method)
    yield Points(
        (
            "Design: observational cohort with structured diaries; the study gave, suggested and arranged no treatment.",
            (
                f"Setting and data: answers were sealed on arrival, opened by custody alone, treated as version {book.version} of the"
                " study document says, and published as a signed snapshot. No researcher reaches an identity."
            ),
            "Participants: those whose consent covers sharing when the snapshot was read; a withdrawal counts at once.",
            "Bias: people chose to take part and chose whether to go on; nothing here corrects for either.",
        )
    )
    yield Heading("What may be concluded", level=2)
    yield Prose(HOW_TO_READ)
    yield Heading("How to check this report", level=2)
    yield Prose(CHECK)


def _is_reason(measure: Measure) -> bool:
    item = measure.variable and measure.variable.item
    return item is not None and item.is_reason


# What a report is made of, in its order; the page counts them while they are made.
SECTIONS: tuple[Callable[[_Asked], Iterator[Part]], ...] = (
    _opening,
    _flow,
    _baseline,
    _courses,
    _others,
    _adherence,
    _missing,
    _methods,
)


def _grid(found: ProtectedTable) -> Grid:
    return Grid(found.caption, found.head, tuple(map(_line, found.rows)), numbers=frozenset(range(1, len(found.head))))


def _line(row: Row, indent: str = "") -> tuple[str, ...]:
    return (indent + row.label, *(cell.said for cell in row.cells))
