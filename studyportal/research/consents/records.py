"""Turn the consent records of a snapshot into a protected table. Custody protected every number before it was
written."""

from collections.abc import Iterator, Mapping

from studyportal.charts import Chart
from studyportal.charts.steps import Series, grown
from studyportal.research.disclosure import ProtectedCell, ProtectedTable, Row
from studyportal.snapshots.documents import SMALLEST_COUNT, STEP, ConsentLine, ConsentRecords

METHOD = (
    f"Numbers are of people in the whole study, also of those who share nothing or have left, by the end of each week; week 1 "
    f"begins with the first consent. What happened before a consent is counted in times and by calendar weeks, because nobody is known yet. "
    f"Numbers are rounded down to {STEP}, and under {SMALLEST_COUNT}, also if none, shown as <{SMALLEST_COUNT}."
)
HIDDEN = ProtectedCell(None, f"<{SMALLEST_COUNT}")
# What happened on the way in -> how it is said.
ARRIVALS: Mapping[str, str] = {
    "looked": "Opened a code or a link (times)",
    "screened": "Answered the first questions (times)",
    "not_eligible": "Could not take part (times)",
}
# What somebody withdrew -> how it is said.
STRENGTHS: Mapping[str, str] = {
    "stop": "Withdrew, what was given stays",
    "remove": "Withdrew, taken out of research",
    "erase": "Withdrew, erased",
}
AGREED = "Agreed"
# A page shows so many columns; the file has every week.
MOST_WEEKS = 8


def shown_weeks(records: ConsentRecords) -> tuple[int, ...]:
    """The weeks of the page: evenly spread, the first and the last among them."""
    if records.weeks <= MOST_WEEKS:
        return tuple(range(1, records.weeks + 1))
    step = (records.weeks - 1) / (MOST_WEEKS - 1)
    return tuple(sorted({round(1 + at * step) for at in range(MOST_WEEKS)}))


def consent_table(records: ConsentRecords, titles: Mapping[str, str], weeks: tuple[int, ...]) -> ProtectedTable:
    """A row for each stage before consent, version, scope and strength, those of a scope below what was done with it;
    `titles` are the scopes' words in the study document."""
    rows = tuple(
        Row(_name(line, titles), (ProtectedCell(None, _done(line)), *(_cell(line.people[week - 1]) for week in weeks)))
        for line in sorted(records.lines, key=_order)
    )
    head = ("By the end of", "Group", *(f"Week {week}" for week in weeks))
    return ProtectedTable("How many came, agreed, to what, and how many withdrew.", head, rows, METHOD)


def way_in(records: ConsentRecords) -> ProtectedTable:
    """From a code to a signature, over all weeks: what stands before the first line of any cohort."""
    rows = tuple(
        Row(_words(line, {}), (_cell(line.people[-1]),))
        for line in records.lines
        if line.what in ("arrival", "version")
    )
    return ProtectedTable("How people came into the whole study.", ("", "By publication"), rows, METHOD)


def _words(line: ConsentLine, titles: Mapping[str, str]) -> str:
    return ": ".join(part for part in (_done(line), _name(line, titles)) if part)


def _order(line: ConsentLine) -> int:
    """Each strength of withdrawal after the other, behind all that was agreed to; else as custody wrote them."""
    return [*STRENGTHS].index(line.strength) + 1 if line.strength in STRENGTHS else 0


def _done(line: ConsentLine) -> str:
    """What was done with a scope; "" for what stands before any."""
    return {"scope": AGREED, "withdrawal": STRENGTHS.get(line.strength, line.strength)}.get(line.what, "")


def _name(line: ConsentLine, titles: Mapping[str, str]) -> str:
    return {
        "arrival": ARRIVALS.get(line.name, line.name),
        "version": f"Signed consent form {line.name}",
    }.get(line.what) or _first_sentence(titles.get(line.name, line.name))


def _first_sentence(text: str) -> str:
    """What a scope is known by, without what is said beside it."""
    return text.partition(". ")[0].removesuffix(".")


def _cell(people: int | None) -> ProtectedCell:
    return HIDDEN if people is None else ProtectedCell(people, f"{people:,}")


def grown_picture(records: ConsentRecords, titles: Mapping[str, str]) -> Chart:
    """Every line of which a number is shown, as a small picture over all weeks."""
    shown = [line for line in records.lines if any(count is not None for count in line.people)]
    others = len(records.lines) - len(shown)
    none = f" {others} lines are not drawn, because each of their numbers is {HIDDEN.text}." if others else ""
    title = "How many came, agreed, to what, and how many withdrew, by the end of each week"
    series = [Series(_words(line, titles), line.people) for line in shown]
    return grown(
        series,
        title=title,
        hidden=HIDDEN.text,
        note=f"People, and before a consent times, by the end of each study week.{none}",
    )


def lines(records: ConsentRecords) -> Iterator[list[str]]:
    """The same with every week, one line each, for a file."""
    yield ["what", "name", "strength", "week", "people"]
    for line in records.lines:
        for week, people in enumerate(line.people, 1):
            yield [line.what, line.name, line.strength, str(week), _cell(people).plain]
