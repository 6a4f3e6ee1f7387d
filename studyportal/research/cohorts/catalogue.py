"""What can be seen of a cohort: every result by name, under which heading it stands, how it is made and what it
publishes.

Made from the codebook and the public bins alone, so that what is offered says nothing about anybody.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType

from studyportal.errors import Invalid
from studyportal.research.cohorts.measures import DEVIATION_OF, MEAN_OF, Measure, Part, measures
from studyportal.research.cohorts.pictures import picture
from studyportal.research.cohorts.quantiles import in_bands
from studyportal.research.cohorts.tables import table
from studyportal.research.disclosure.ledger import COUNTS
from studyportal.research.results.choices import answered_items, daily_outcomes, diaries, occurrences, outcomes
from studyportal.research.results.cohort import MOST_CELLS, Cohort, Finding
from studyportal.research.results.course import weekly_change, weekly_course
from studyportal.research.results.cycle import day_of_cycle
from studyportal.research.results.events import adverse_events, event_instruments, kinds_of
from studyportal.research.results.missing import missing_by_week, missing_patterns
from studyportal.research.results.responders import responders
from studyportal.research.results.retention import retention
from studyportal.research.results.schedules import observed_schedules
from studyportal.research.results.table_one import MOST_ITEMS, table_one
from studyportal.research.snapshot.codebook import Codebook, ReleasedInstrument, ReleasedItem, phrase
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.variables import Variable
from studyportal.statistics.guessing import LOOKS_OF_ONE

# Facts on disclosure: a page of at most 8 chosen results.
MOST_RESULTS = 8
# So many groups still can be told apart in one picture.
MOST_GROUPS = 7
TABLE_ONE = "table_one"
# Beside any entry at all: one mean each in every week that a course lists.
ITEMS_BY_WEEK = 3
# Between the name of a partition and what divides it. No name holds a space.
BY = " by "


@dataclass(frozen=True, slots=True)
class Division:
    """By what a cohort is divided, and the items of its Table 1."""

    by: Variable | None = None
    items: tuple[Variable, ...] = ()
    # Whether somebody chose the items, rather than beginning with them.
    is_chosen: bool = False
    # Whether another cohort stands beside it: then every picture has the whole scale, so that the two can be compared.
    is_beside: bool = False

    def about(self, name: str) -> str:
        """The name of a partition, which is another one if the cohort is divided."""
        return f"{name}{BY}{self.by.name}" if self.by else name


@dataclass(frozen=True)
class Result:
    """One thing that can be seen of a cohort. No `name` of two results is the same; `is_divided` by what the page is
    divided by."""

    name: str
    title: str
    section: str
    make: Callable[[Cohort, Division], Finding]
    parts: Callable[[Division], Sequence[Part]]
    # The instrument whose answers it is of, in a section that has those of many.
    instrument: str = ""
    is_divided: bool = False


SECTIONS = MappingProxyType(
    {
        "who": "Who they are",
        "weeks": "Week by week",
        "change": "Change from the beginning",
        "doses": "Around doses",
        "events": "Unwanted events",
        "missing": "Who goes on, and what is missing",
    }
)


def catalogue(codebook: Codebook) -> Mapping[str, Result]:
    """Every result of a snapshot by name, by heading and in the protocol's order."""
    found = [
        *_who(codebook),
        *_weeks(codebook),
        *_change(codebook),
        *_doses(codebook),
        *_events(codebook),
        *_missing(codebook),
    ]
    return MappingProxyType({one.name: one for one in found})


def chosen_results(names: Iterable[str], known: Mapping[str, Result]) -> tuple[Result, ...]:
    """The results asked for, each once, in the catalogue's order; raises `Invalid` for unknown or too many."""
    wanted = set(names)
    if not wanted <= set(known):
        raise Invalid("A result is asked for that this snapshot cannot give. Choose from the list.")
    if len(wanted) > MOST_RESULTS:
        raise Invalid(f"A page shows {MOST_RESULTS} results at most. Choose fewer.")
    return tuple(result for name, result in known.items() if name in wanted)


def dividers(snapshot: OpenedSnapshot) -> Mapping[str, Variable]:
    """What a cohort can be divided by: what was asked once, with several bins, but few."""
    once = {name: one for name, one in snapshot.variables.items() if one.source == "once"}
    return {name: one for name, one in once.items() if 1 < len(snapshot.bins[name]) <= MOST_GROUPS}


def division(by: str, items: Iterable[str], snapshot: OpenedSnapshot) -> Division:
    """How the page is divided; raises `Invalid` for what cannot be. Without items, Table 1 has those with which one
    begins."""
    known, wanted = dividers(snapshot), set(items)
    if by and by not in known:
        raise Invalid("A cohort cannot be divided by this. Choose from the list.")
    once = {name: one for name, one in snapshot.variables.items() if one.source == "once"}
    if not wanted <= set(once):
        raise Invalid("Table 1 is asked for with an item that this snapshot cannot give. Choose from the list.")
    if len(wanted) > MOST_ITEMS:
        raise Invalid(f"Table 1 holds {MOST_ITEMS} items at most. Choose fewer.")
    chosen = tuple(one for name, one in once.items() if name in wanted)
    return Division(known.get(by), chosen or first_items(snapshot, known.get(by)), is_chosen=bool(chosen))


def first_items(snapshot: OpenedSnapshot, by: Variable | None) -> tuple[Variable, ...]:
    """The items of Table 1 until others are chosen: those that describe people (quasi-identifiers), then the next ones,
    as many as a table holds."""
    asked = [one for one in snapshot.variables.values() if one.source == "once" and one != by]
    once = [one for one in asked if one.item and not one.item.label and not one.item.is_reason]
    known = [one for one in once if one.item and one.item.quasi_identifier]
    found: list[Variable] = []
    left = MOST_CELLS // (1 + (len(snapshot.bins[by.name]) if by else 0))
    for one in [*known, *(other for other in once if other not in known)]:
        if len(found) < MOST_ITEMS and len(one.labels) <= left:
            found.append(one)
            left -= len(one.labels)
    return tuple(one for one in once if one in found)


def _who(codebook: Codebook) -> Iterator[Result]:
    if any(one.is_once for one in codebook.instruments):
        yield Result(TABLE_ONE, "Table 1: what they are like", "who", _table_one, _table_one_parts, is_divided=True)
    for measure in measures(codebook).values():
        if measure.form == "distribution":
            yield _measured(measure, "who")


def _weeks(codebook: Codebook) -> Iterator[Result]:
    for measure in measures(codebook).values():
        if measure.form == "weekly_mean":
            assert measure.item is not None
            yield _course(measure, measure.item)
        elif measure.form != "distribution":
            yield _measured(measure, "weeks")


def _course(measure: Measure, item: ReleasedItem) -> Result:
    return Result(
        measure.name, measure.title, "weeks", lambda cohort, asked: weekly_course(cohort, item, by=asked.by, is_whole=asked.is_beside),
        _courses(measure.name), measure.instrument.title, is_divided=True,
    )  # fmt: skip


def _change(codebook: Codebook) -> Iterator[Result]:
    for item in outcomes(codebook):
        name = f"change:{item.address}"
        yield Result(
            name, phrase(item.ask, "change from the beginning"), "change",
            lambda cohort, asked, item=item: weekly_change(cohort, item, by=asked.by, is_whole=asked.is_beside), _courses(name), is_divided=True,
        )  # fmt: skip
        name = f"responders:{item.address}"
        yield Result(
            name, phrase(item.ask, "who fell by 30 %, 50 % and others"), "change",
            lambda cohort, asked, item=item: responders(cohort, item), _alone(name),
        )  # fmt: skip


def _doses(codebook: Codebook) -> Iterator[Result]:
    for doses in occurrences(codebook)[:1]:
        for item in daily_outcomes(codebook):
            name = f"cycle:{item.address}"
            yield Result(
                name, phrase(item.ask, "dose day, day after, second day after"), "doses",
                lambda cohort, asked, item=item, doses=doses: day_of_cycle(cohort, item, doses), _alone(name),
            )  # fmt: skip
        name = f"schedules:{doses.name}"
        yield Result(
            name, f"{doses.title}: days between", "doses",
            lambda cohort, asked, doses=doses: observed_schedules(cohort, doses, intended=asked.by), _beside(name), is_divided=True,
        )  # fmt: skip


def _events(codebook: Codebook) -> Iterator[Result]:
    for events in event_instruments(codebook):
        name = f"events:{events.name}"
        yield Result(
            name, f"{events.title}: how many, how severe, of what kind", "events",
            lambda cohort, asked, events=events: adverse_events(cohort, events), _alone(*_events_parts(name, events)),
        )  # fmt: skip


def _events_parts(name: str, events: ReleasedInstrument) -> Iterator[str]:
    """As many courses as hold a look for each kind, and for any event, a severe one and the worst grade."""
    yield name
    for more in range(1, ceil((3 + len([*kinds_of(events)])) / (LOOKS_OF_ONE * COUNTS["course"]))):
        yield f"{name} kinds {more}"


def _missing(codebook: Codebook) -> Iterator[Result]:
    for diary in diaries(codebook):
        yield Result(
            f"retention:{diary.name}", f"{diary.title}: who goes on", "missing",
            lambda cohort, asked, diary=diary: retention(cohort, diary), _alone(f"retention:{diary.name}"),
        )  # fmt: skip
        yield Result(
            f"missing:{diary.name}", f"{diary.title}: what was answered, week by week", "missing",
            lambda cohort, asked, diary=diary: missing_by_week(cohort, diary, _asked_most(diary)), _alone(*(f"missing:{diary.name}{more}" for more in ("", " items", " more items"))),
        )  # fmt: skip
        yield Result(
            f"gaps:{diary.name}", f"{diary.title}: weeks without an entry", "missing",
            lambda cohort, asked, diary=diary: missing_patterns(cohort, diary), lambda asked, diary=diary: [("item", f"gaps:{diary.name}")],
        )  # fmt: skip


def _asked_most(diary: ReleasedInstrument) -> Sequence[ReleasedItem]:
    """As many items by week as three courses hold looks for."""
    return answered_items(diary)[:ITEMS_BY_WEEK]


def _table_one(cohort: Cohort, asked: Division) -> Finding:
    return table_one(cohort, asked.items, by=asked.by)


def _table_one_parts(asked: Division) -> Sequence[Part]:
    names = [one.name for one in asked.items]
    names += [more.format(one.name) for one in asked.items if one.has_mean for more in (MEAN_OF, DEVIATION_OF)]
    beside = [asked.about(name) for name in names] if asked.by else []
    return [("item", name) for name in (*names, *beside)]


def _measured(measure: Measure, section: str) -> Result:
    def make(cohort: Cohort, asked: Division) -> Finding:
        found = table(cohort.snapshot, cohort.people, measure)
        return Finding(
            found,
            (picture(measure, found, is_whole=asked.is_beside),),
            says=in_bands(measure, found, cohort.snapshot.codebook.protection) or found.caption,
        )

    return Result(measure.name, measure.title, section, make, lambda asked: measure.parts, measure.instrument.title)


def _alone(*names: str) -> Callable[[Division], Sequence[Part]]:
    """One partition each, whatever the page is divided by."""
    return lambda asked: [("course", name) for name in names]


def _courses(name: str) -> Callable[[Division], Sequence[Part]]:
    """One course for the cohort; two if it is divided, since two groups change if somebody's group is what is not
    known."""
    return lambda asked: [
        ("course", asked.about(name)),
        *([("course", f"{asked.about(name)} apart")] if asked.by else []),
    ]  # type: ignore[list-item]


def _beside(name: str) -> Callable[[Division], Sequence[Part]]:
    """The cohort, and beside it its groups, of which two change, in number and in pattern, if somebody's group is what
    is not known."""
    return lambda asked: [
        ("item", name),
        *([("item", asked.about(name)), ("item", f"{asked.about(name)} apart")] if asked.by else []),
    ]
