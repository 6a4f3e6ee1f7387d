"""Published scores over time, each with the words of its published cut-offs. Pure. No words where none were
published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from studyportal.protocol import Instrument, Item
from studyportal.protocol.scores import SCORES
from studyportal.web.course.lines import Line
from studyportal.web.telling import TELL


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of one questionnaire: a row for each day that has one, the latest first; None where one is absent."""

    title: str
    items: Sequence[Item]
    rows: Sequence[tuple[date, Sequence[str | None]]]

    @property
    def sources(self) -> Sequence[str]:
        """Where the cut-offs were published."""
        return [SCORES[item.score].source for item in self.items if SCORES[item.score].cutoffs]


def scored(lines: Sequence[Line]) -> Sequence[Scored]:
    """The scores in these lines, questionnaire by questionnaire, in the words of the newest version that gave some."""
    instruments: dict[str, Instrument] = {line.instrument.name: line.instrument for line in lines if line.instrument}
    found = []
    for instrument in instruments.values():
        items = [item for item in instrument.items.values() if item.kind == "score"]
        rows = [
            (line.day, [_told(item, line) for item in items])
            for line in reversed(lines)
            if line.entry.instrument == instrument.name and any(item.name in line.entry.answers for item in items)
        ]
        if rows:
            found.append(Scored(instrument.title, items, rows))
    return found


def _told(item: Item, line: Line) -> str | None:
    value = line.entry.answers.get(item.name)
    return None if value is None else TELL["score"](item, value)
