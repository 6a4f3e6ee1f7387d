"""Gather the rows of a file into entries of participants, checking all of it before anything is written.

Pure: rows, mapping and protocol in; people with their entries and the account out, or `ImportMistakes` with every
row that cannot be taken. A value that contradicts another row is refused, never overwritten.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from studyportal.errors import Invalid
from studyportal.portal.importing.account import Account
from studyportal.portal.importing.mapping import ImportMapping, StartColumn, Target
from studyportal.portal.importing.mistakes import ImportMistakes, RowMistake
from studyportal.portal.importing.occasions import TimePoint, Unreadable, occasion_on
from studyportal.portal.importing.rows import Row
from studyportal.protocol import Protocol
from studyportal.protocol.answers import InvalidAnswers
from studyportal.protocol.kinds import DATE

MOST_MISTAKES = 1_000  # a wrong mapping makes one per row; nobody reads more

EMPTY = "the field is empty"


@dataclass(slots=True)
class GatheredEntry:
    """One entry of one participant: raw answers as the file writes them, and the row and column of each.

    `missing` holds the reasons that the file gives in place of answers.
    """

    point: TimePoint
    answers: dict[str, str | list[str]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    origin: dict[str, tuple[int, str]] = field(default_factory=dict)
    row: int = 0


@dataclass(slots=True)
class GatheredPerson:
    """One participant as the file names them, their study day 1, and their entries by time point."""

    participant: str
    started_on: date
    entries: dict[TimePoint, GatheredEntry] = field(default_factory=dict)

    def diary_date(self, entry: GatheredEntry) -> date:
        return self.started_on + timedelta(days=entry.point.study_day - 1)


class _Gathering:
    def __init__(self, mapping: ImportMapping, protocol: Protocol) -> None:
        self.mapping = mapping
        self.protocol = protocol
        self.people: dict[str, GatheredPerson] = {}
        self.mistakes: list[RowMistake] = []
        self.account = Account(scored=mapping.scores is not None, columns_left_out=dict(mapping.left_out))

    def refuse(self, row: int, column: str, sentence: str) -> None:
        self.mistakes.append(RowMistake(row, column, sentence))
        if len(self.mistakes) >= MOST_MISTAKES:
            raise ImportMistakes(self.mistakes, more=True)

    def take(self, line: int, cells: Mapping[str, str]) -> None:
        person = self.person(line, cells)
        if person is None:
            return
        try:
            point = self.mapping.occasions.read(cells[self.mapping.occasion], start=person.started_on)
            schedule = self.protocol.instruments[point.instrument].schedule
            occasion_on(schedule, point.study_day, start=person.started_on)
        except Unreadable as refusal:
            return self.refuse(line, self.mapping.occasion, str(refusal))
        entry = self.entry(person, point, line)
        for column, target in self.mapping.columns.items():
            self.say_once(entry, target, column, line, cells[column])
        if baseline := self.mapping.baseline:
            at_start = self.entry(person, TimePoint(baseline.instrument, baseline.study_day), line)
            for column, target in baseline.columns.items():
                self.say_once(at_start, target, column, line, cells[column])
        if self.mapping.scores:
            self.score(entry, line, cells)

    def person(self, line: int, cells: Mapping[str, str]) -> GatheredPerson | None:
        name = cells[self.mapping.participant]
        if not name:
            return self.refuse(line, self.mapping.participant, "This row does not say whose it is.")
        start = self.mapping.start
        if isinstance(start, StartColumn):
            text = cells[start.name]
            try:
                started_on = date.fromisoformat(text if DATE.fullmatch(text) else "")
            except ValueError:
                return self.refuse(line, start.name, "Give the start as year-month-day.")
        else:
            started_on = start
        person = self.people.setdefault(name, GatheredPerson(name, started_on))
        if person.started_on != started_on:
            return self.refuse(line, self.mapping.start.name, "An earlier row of this participant has another start.")
        return person

    def entry(self, person: GatheredPerson, point: TimePoint, line: int) -> GatheredEntry:
        if point not in person.entries:
            person.entries[point] = GatheredEntry(point, row=line)
        return person.entries[point]

    def say_once(self, entry: GatheredEntry, target: Target, column: str, line: int, text: str) -> None:
        """Take a cell that all rows of an entry repeat; an empty one must be empty in all of them."""
        raw = target.missing.get(text) or target.raw(text)
        if raw is None:
            self.refuse(line, column, "The mapping's codes do not know this text.")
        elif target.item not in entry.origin:
            self.place(entry, target, text, raw, line, column)
        elif (entry.missing.get(target.item) or entry.answers.get(target.item)) != raw:
            row = entry.origin[target.item][0]
            self.refuse(line, column, f"Row {row} says something else here for the same participant and time point.")
        else:
            self.account.repeated[column] += 1

    def score(self, entry: GatheredEntry, line: int, cells: Mapping[str, str]) -> None:
        scores = self.mapping.scores
        name, text = cells[scores.name], cells[scores.value]
        if name in scores.left_out:
            self.leave(scores.left_out[name])
        elif name not in scores.items:
            self.refuse(line, scores.name, "The mapping does not know this score.")
        elif (target := scores.items[name]).item not in self.protocol.instruments[entry.point.instrument].items:
            self.refuse(line, scores.name, f"This score does not belong to {entry.point.instrument}.")
        elif target.item in entry.origin:
            row = entry.origin[target.item][0]
            self.refuse(line, scores.name, f"Row {row} has the same score for the same participant and time point.")
        elif not text:
            self.leave(EMPTY)
        elif (raw := target.missing.get(text) or target.raw(text)) is None:
            self.refuse(line, scores.value, "The mapping's codes do not know this text.")
        else:
            self.place(entry, target, text, raw, line, scores.value)
            self.account.scores_placed += 1

    def leave(self, reason: str) -> None:
        self.account.not_placed[reason] += 1
        self.account.scores_not_placed += 1

    def place(
        self, entry: GatheredEntry, target: Target, text: str, raw: str | list[str], line: int, column: str
    ) -> None:
        if reason := target.missing.get(text):
            entry.missing[target.item] = reason
        else:
            entry.answers[target.item] = raw
        entry.origin[target.item] = (line, column)

    def check(self) -> None:
        """Parse every entry as its instrument does, and count what is placed."""
        for person in self.people.values():
            for entry in person.entries.values():
                instrument = self.protocol.instruments[entry.point.instrument]
                try:
                    answers = instrument.parse(entry.answers, missing=entry.missing, zone=self.mapping.zone)
                except InvalidAnswers as refusal:
                    for item, sentence in refusal.problems.items():
                        row, column = entry.origin.get(item, (entry.row, ""))
                        self.refuse(row, column or item, sentence)
                    continue
                self.account.entries[instrument.name] += 1
                # What the protocol works out itself is in no cell.
                self.account.placed.update(f"{instrument.name}.{item}" for item in entry.origin if item in answers)
                self.account.placed.update(f"{instrument.name}.{item} (why not)" for item in entry.missing)
                self.account.not_placed[EMPTY] += sum(1 for raw in entry.answers.values() if not raw)
        self.account.participants = len(self.people)
        self.account.not_placed = +self.account.not_placed


def gather(
    rows: Iterable[Row], mapping: ImportMapping, protocol: Protocol
) -> tuple[tuple[GatheredPerson, ...], Account]:
    """The people of a file with their entries, in the order of the file, and the account of its values.

    `rows` as from `read_rows`. Raises `ImportMistakes` with every mistake (at most `MOST_MISTAKES`), and `Invalid`
    when the file's columns are not those that the mapping names or when it has no rows.
    """
    gathering = _Gathering(mapping, protocol)
    for line, cells in rows:
        if gathering.account.rows == 0:
            _check_columns(cells, mapping)
        gathering.account.rows += 1
        gathering.take(line, cells)
    if gathering.account.rows == 0:
        raise Invalid("The file has a header but no rows.")
    if not gathering.mistakes:
        gathering.check()
    if gathering.mistakes:
        raise ImportMistakes(gathering.mistakes)
    return tuple(gathering.people.values()), gathering.account


def _check_columns(cells: Mapping[str, str], mapping: ImportMapping) -> None:
    """Every column of the file is named in the mapping and the other way round: nothing is skipped unnoticed."""
    known = mapping.named_columns
    problems = {f"column {name}": "The file does not have it." for name in known if name not in cells}
    problems |= {f"column {name}": "The mapping does not name it." for name in cells if name not in known}
    if problems:
        listed = " ".join(f"{place}: {sentence}" for place, sentence in problems.items())
        raise Invalid(
            f"The columns do not fit the mapping; name each one, under left_out if need be. {listed}", problems
        )
