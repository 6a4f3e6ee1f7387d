"""Read a mapping document: strict YAML in the protocol's own dialect, every mistake at once with its line.

A mapping belongs to one protocol: items, instruments, scopes and codes that the protocol does not know are refused.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from types import MappingProxyType
from typing import Any

from studyportal.errors import Invalid
from studyportal.portal.importing.mapping import Baseline, ImportMapping, Scores, StartColumn, Target
from studyportal.portal.importing.occasions import (
    DiaryDate,
    Labels,
    Pattern,
    StudyDay,
    TimePoint,
    pattern_expression,
)
from studyportal.protocol import Protocol
from studyportal.protocol.items import REASONS, Item
from studyportal.protocol.kinds import KINDS
from studyportal.protocol.mistakes import Mistake
from studyportal.protocol.reading.fields import ByName, Field, ListOf, Names, Reader, Record, Shaped, Then, Variants
from studyportal.protocol.reading.places import Findings, Place, beginning
from studyportal.protocol.reading.safety import ZONE
from studyportal.protocol.reading.tree import read_tree
from studyportal.protocol.reading.values import Plain, Whole, Word, one_of

ANY = re.compile(r"[^\x00-\x1f]{1,200}")
COLUMNS = Names(ANY, "This name cannot be the name of a column.", cased=True)
VALUES = Names(ANY, "This cannot be a value of a column.", cased=True)
PARTS = Names(re.compile(r"[a-z_]{1,20}"), "Write a name of the pattern.")

COLUMN = Plain(200)
ITEM_NAME = Word(r"[a-z][a-z0-9_]{0,39}", "Write the name of an item of the protocol.")
ISO_DATE = Word(r"\d{4}-\d{2}-\d{2}", "Write a date as year-month-day.", date.fromisoformat)
DAY_NUMBER = Whole(1, 36_500)


class MappingMistakes(Invalid):
    """The document is not a mapping for this protocol; `mistakes` holds every reason, in the order of the lines."""

    def __init__(self, name: str, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        count = "1 mistake" if len(self.mistakes) == 1 else f"{len(self.mistakes)} mistakes"
        problems = {mistake.path or "document": mistake.sentence for mistake in self.mistakes}
        super().__init__(f"The mapping {name} has {count}.", problems)

    def report(self) -> str:
        """The sentence and below it one line per mistake."""
        return "\n".join([self.sentence, *map(str, self.mistakes)])


def read_mapping(text: str, *, name: str, protocol: Protocol) -> ImportMapping:
    """The mapping written in `text` for `protocol`; `name` is what messages call it. Raises `MappingMistakes`."""
    findings = Findings()
    mistakes = findings.mistakes
    root = read_tree(text, mistakes)
    if root is None:
        raise MappingMistakes(name, mistakes)
    values = Record(_fields(protocol)).read(root, beginning(findings))
    if mistakes:
        raise MappingMistakes(name, mistakes)
    mapping = ImportMapping(
        study=values["study"],
        participant=values["participant"],
        site=values["site"]["id"],
        site_name=values["site"]["name"],
        zone=values["zone"],
        start=values["start"],
        scopes=tuple(sorted(values["consent"]["scopes"])),
        occasion=values["occasion"][0],
        occasions=values["occasion"][1],
        scores=values.get("scores"),
        columns=values.get("columns", MappingProxyType({})),
        baseline=values.get("baseline"),
        left_out=values.get("left_out", MappingProxyType({})),
    )
    mistakes += _contradictions(mapping, protocol)
    if mistakes:
        raise MappingMistakes(name, mistakes)
    return mapping


def _named(reader: Reader, names: Names, what: str, *, most: int = 500) -> ByName:
    return ByName(reader=reader, names=names, what=what, least=1, most=most)


TARGET = Shaped(
    "Write the name of an item, or a group with item.",
    text=Then(ITEM_NAME, lambda name, place: Target(name)),
    table=Then(
        Record({
            "item": Field(ITEM_NAME, "The item that this becomes.", "Name the item."),
            "codes": Field(_named(Plain(200), VALUES, "codes", most=200), "What each text of the file means."),
            "between": Field(Plain(5), "What stands between several answers in one cell."),
            "missing": Field(_named(one_of(REASONS), VALUES, "reasons", most=20), "Texts that say why there is no answer."),
        }),
        lambda values, place: Target(
            values["item"], values.get("codes"), values.get("between", ""), values.get("missing", {})
        ),
    ),
)  # fmt: skip
TARGETS = _named(TARGET, COLUMNS, "columns")
LEFT_OUT = _named(Plain(300), COLUMNS, "columns")

SITE = Record({
    "id": Field(Word(r"[A-Z]{2,4}", "Write two to four capital letters."), "The site's id.", "Give the site an id."),
    "name": Field(Plain(120), "Its name.", "Give the site a name."),
})  # fmt: skip
START = Shaped(
    "Write a date, or the column with each participant's own.",
    text=ISO_DATE,
    table=Then(
        Record({"column": Field(COLUMN, "The column with each participant's start.", "Name the column.")}),
        lambda values, place: StartColumn(values["column"]),
    ),
)
SCORES = Then(
    Record({
        "name": Field(COLUMN, "The column that names the score.", "Name the column that names the score."),
        "value": Field(COLUMN, "The column that holds its value.", "Name the column that holds the value."),
        "items": Field(_named(TARGET, VALUES, "scores"), "The item of each score.", "Say which item each score is."),
        "left_out": Field(_named(Plain(300), VALUES, "scores"), "Scores that are not taken, and why."),
    }),
    lambda values, place: Scores(**values),
)  # fmt: skip


def _fields(protocol: Protocol) -> dict[str, Field]:
    scopes = ListOf(reader=one_of(protocol.consent.scopes), what="scopes", least=1, most=len(protocol.consent.scopes))
    agreed = Record({"scopes": Field(scopes, "What these people agreed to.", "List the scopes that were agreed to.")})
    return {
        "study": Field(
            one_of([protocol.study.code]), "The study's code.", "Say which study this mapping is for, by its code."
        ),
        "participant": Field(COLUMN, "The column with the person.", "Name the column that says whose row it is."),
        "site": Field(SITE, "The site.", "Say at which site these people are enrolled: {id: ..., name: ...}."),
        "zone": Field(ZONE, "The zone of the diary.", "Name the time zone of the diary, such as Europe/London."),
        "start": Field(
            START, "Study day 1.", "Give the date of study day 1, or {column: ...} with each participant's own."
        ),
        "consent": Field(agreed, "Their consent.", "Say what these people consented to: {scopes: [...]}."),
        "occasion": Field(_occasion(protocol), "The time point.", "Say which column tells the time point, and how."),
        "scores": Field(SCORES, "A file with one value per row."),
        "columns": Field(TARGETS, "Columns that become answers."),
        "baseline": Field(_baseline(protocol), "Columns that say the same in all rows of a person."),
        "left_out": Field(LEFT_OUT, "Columns that are not taken, and why."),
    }


def _baseline(protocol: Protocol) -> Reader:
    once = [
        name
        for name, instrument in protocol.instruments.items()
        if instrument.schedule.is_once and instrument.schedule.has_occasions
    ]

    def finish(values: dict[str, Any], place: Place) -> Baseline:
        return Baseline(study_day=protocol.instruments[values["instrument"]].schedule.first_day, **values)

    record = Record({
        "instrument": Field(_instrument(once), "The instrument that is asked once.", "Name the instrument."),
        "columns": Field(TARGETS, "The item of each column.", "Say which item each column is."),
    })  # fmt: skip
    return Then(record, finish)


def _instrument(names: list[str]) -> Reader:
    """One of some instruments; if there are none, every name is refused."""
    if names:
        return one_of(names)
    return Then(Plain(200), lambda name, place: place.refuse("The protocol has no instrument that this could be."))


def _occasion(protocol: Protocol) -> Reader:
    """One of three groups: labels, a pattern, or a column that holds the study day or the date itself."""
    # An entry on demand has no occasion by which a second run could know it again.
    due = _instrument([name for name, one in protocol.instruments.items() if one.schedule.has_occasions])
    told = {"column": Field(COLUMN, "The column that tells the time point.", "Name the column.")}
    point = Record({
        "instrument": Field(due, "The instrument of this label.", "Name the instrument."),
        "study_day": Field(DAY_NUMBER, "Its study day.", "Give the study day."),
    })  # fmt: skip
    labels = ByName(
        reader=Then(point, lambda values, place: TimePoint(**values)),
        names=Names(ANY, "This cannot be a label.", cased=True),
        what="labels",
        least=1,
        most=500,
    )
    holds = Field(one_of(DIRECT), "What the column holds.", "Say what the column holds.")
    return Variants(
        {
            "labels": Then(
                Record(told | {"labels": Field(labels, "The time point of each label.")}),
                lambda values, place: (values["column"], Labels(values["labels"])),
            ),
            "pattern": Then(Record(told | _pattern_fields(due)), _as_pattern),
            "holds": Then(
                Record(told | {"holds": holds, "instrument": Field(due, "Its instrument.", "Name it.")}),
                lambda values, place: (values["column"], DIRECT[values["holds"]](values["instrument"])),
            ),
        },
        "Say how the column tells the time point, by one of labels, pattern or holds.",
    )


DIRECT = {"study_day": StudyDay, "date": DiaryDate}


def _pattern_fields(due: Reader) -> dict[str, Field]:
    numbers = Names(re.compile("[1-9][0-9]{0,3}"), "Write a whole number from 1.")
    by_number = _named(due, numbers, "instruments", most=99)
    return {
        "pattern": Field(Plain(100), "The label, with a name in braces for each number."),
        "study_day": Field(
            _named(Whole(0, 3650), PARTS, "numbers", most=9),
            "The first study day, and the days per number.",
            "Give `first` and the days per number.",
        ),
        "instrument": Field(
            _named(by_number, PARTS, "numbers", most=1),
            "The instrument by one of the numbers.",
            "Say which number decides the instrument, and how.",
        ),
    }


def _as_pattern(values: dict[str, Any], place: Place) -> Any:
    try:
        expression = pattern_expression(values["pattern"])
    except re.error:
        return place.refuse("Each name may stand in the pattern once.")
    days = dict(values["study_day"])
    first = days.pop("first", 0)
    ((decides, instruments),) = values["instrument"].items()
    if first < 1 or not expression.groupindex or {*days, decides} - set(expression.groupindex):
        return place.refuse(
            "`study_day` needs `first` from 1, and every other number must stand in braces in the pattern."
        )
    by_number = {int(number): name for number, name in instruments.items()}
    return values["column"], Pattern(expression, first, days, decides, by_number)


def _contradictions(mapping: ImportMapping, protocol: Protocol) -> list[Mistake]:
    """What only the whole mapping shows."""
    found: list[Mistake] = []

    def refuse(path: str, sentence: str) -> None:
        found.append(Mistake(1, path, sentence))

    if missing := sorted(protocol.consent.required - set(mapping.scopes)):
        refuse("consent.scopes", f"Nobody can take part without: {', '.join(missing)}.")
    if not mapping.scores and not mapping.columns:
        refuse("", "Nothing becomes an answer: give `scores` (one value per row) or `columns`, or both.")
    diaries = [protocol.instruments[name].items for name in sorted(mapping.occasions.instruments)]
    first = [protocol.instruments[mapping.baseline.instrument].items] if mapping.baseline else []
    for path, targets, forms, enough in (
        ("columns", mapping.columns, diaries, all),
        ("scores.items", mapping.scores.items if mapping.scores else {}, diaries, any),
        ("baseline.columns", mapping.baseline.columns if mapping.baseline else {}, first, all),
    ):
        where = "the instrument of this time point" if forms is diaries else mapping.baseline.instrument  # type: ignore[union-attr]
        for name, target in targets.items():
            if not enough(target.item in items for items in forms):
                refuse(f"{path}.{name}", f"There is no item {target.item} in {where}.")
            for item in (items[target.item] for items in forms if target.item in items):
                for sentence in _unfit(target, item):
                    refuse(f"{path}.{name}", sentence)
    return found


def _unfit(target: Target, item: Item) -> Iterator[str]:
    """Why no cell can become this item."""
    kind = KINDS[item.kind]
    if not kind.answered:
        yield f"{item.name} is worked out by the protocol or only shown; nothing can be imported into it."
    elif item.kind == "group":
        yield f"{item.name} is a group of questions. A cell holds one answer, so it cannot be imported."
    elif target.between and kind.wire is not list:
        yield f"Only one answer is given to {item.name}, so remove `between`."
    if unknown := sorted(set(target.missing.values()) - set(item.missing)):
        yield f"The protocol does not offer {' or '.join(unknown)} as a reason for {item.name}."
