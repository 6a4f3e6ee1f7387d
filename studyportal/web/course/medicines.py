"""What participants say of their medicines, where a study asks for it. Pure.

An item is about medicines if its name says so ("medicines", "rescue_medicine", "medication"): a study document has no
other mark for it. Of each the latest answer in the time shown.
"""

import re
from collections.abc import Iterator, Sequence

from studyportal.paper import Facts, Grid, Heading, Part, Prose
from studyportal.protocol import Item
from studyportal.saying import said, said_together
from studyportal.web.course.lines import Line
from studyportal.web.course.spans import Span
from studyportal.web.telling import TELL
from studyportal.web.words import day

NOTHING = "–"
ABOUT = re.compile("medicine|medication")
NONE = said(
    "No questionnaire in the time shown has asked about medicines. A report since the start has what was said then."
)


def medicines(lines: Sequence[Line], span: Span, *, none: str = NONE) -> Iterator[Part]:
    """The latest list of medicines, and what else was said of them; the sentence `none` where nothing was."""
    found: dict[str, tuple[Item, Line]] = {}
    for line in lines:
        asked = line.instrument
        if asked is None or line.day not in span or line.on_demand or asked.schedule.every_days == 1:
            continue
        for name, item in asked.items.items():
            if ABOUT.search(name) and name in line.entry.answers:
                found[name] = item, line
    yield Heading(said("Medicines"))
    if not found:
        yield Prose(none)
        return
    if facts := tuple((item.ask, _told(item, line)) for item, line in found.values() if item.kind != "group"):
        yield Facts(facts)
    for item, line in found.values():
        if item.kind == "group":
            yield _listed(item, line)


def _listed(item: Item, line: Line) -> Grid:
    """A row for each medicine, under the questions that are asked of each."""
    asked = item.items
    rows = tuple(
        tuple(TELL[one.kind](one, row[name]) if name in row else NOTHING for name, one in asked.items())
        for row in line.entry.answers[item.name]
    )
    return Grid(f"{item.ask} ({line.title}, {day(line.day)})", tuple(one.ask for one in asked.values()), rows)


def _told(item: Item, line: Line) -> str:
    return said_together(
        (TELL[item.kind](item, line.entry.answers[item.name]), f"({line.title}, {day(line.day)})"), "\n"
    )
