"""Read a mapping document: strict YAML in the protocol's own dialect, every mistake at once with its line.

A mapping belongs to one protocol: items, instruments, scopes and codes that the protocol does not know are refused.
"""

import re
from collections.abc import Iterable
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
from studyportal.protocol.reading.fields import WRONG, Field, Place, by_name, line, listing, matching, one_of, record, whole
from studyportal.protocol.mistakes import Mistake
from studyportal.protocol.schedules import zone_named
from studyportal.protocol.reading.tree import Node, Table, read_tree

ANY_NAME = re.compile(r"[^\x00-\x1f]{1,200}")
ANY_RULE = "This name cannot be the name of a column."
PART = re.compile(r"[a-z_]{1,20}")

column = line(200)
reason = line(300)
item_name = matching(r"[a-z][a-z0-9_]{0,39}", "Write the name of an item of the protocol.")
iso_date = matching(r"\d{4}-\d{2}-\d{2}", "Write a date as year-month-day.", date.fromisoformat)
day_number = whole(1, 36_500)


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
    mistakes: list[Mistake] = []
    root = read_tree(text, mistakes)
    if root is None:
        raise MappingMistakes(name, mistakes)
    values = record(root, Place(1, "", mistakes), _fields(protocol))
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


def _fields(protocol: Protocol) -> dict[str, Field]:
    names = {"what": "columns", "least": 1, "most": 500}
    columns = by_name(_target, ANY_NAME, ANY_RULE, **names)
    return {
        "study": Field(one_of([protocol.study.code]), "Say which study this mapping is for, by its code."),
        "participant": Field(column, "Name the column that says whose row it is."),
        "site": Field(_site, "Say at which site these people are enrolled: {id: ..., name: ...}."),
        "zone": Field(_zone, "Name the time zone of the diary, such as Europe/London."),
        "start": Field(_start, "Give the date of study day 1, or {column: ...} with each participant's own."),
        "consent": Field(_consent(protocol), "Say what these people consented to: {scopes: [...]}."),
        "occasion": Field(_occasion(protocol), "Say which column tells the time point, and how."),
        "scores": Field(_scores),
        "columns": Field(columns),
        "baseline": Field(_baseline(protocol, columns)),
        "left_out": Field(by_name(reason, ANY_NAME, ANY_RULE, **names)),
    }


def _site(node: Node, place: Place) -> Any:
    return record(node, place, {
        "id": Field(matching(r"[A-Z]{2,4}", "Write two to four capital letters."), "Give the site an id."),
        "name": Field(line(120), "Give the site a name."),
    })  # fmt: skip


def _zone(node: Node, place: Place) -> Any:
    name = line(64)(node, place)
    try:
        return name if name is WRONG or zone_named(name) else WRONG
    except Invalid as refusal:
        return place.refuse(refusal.sentence)


def _start(node: Node, place: Place) -> Any:
    if not isinstance(node, Table):
        return iso_date(node, place)
    return StartColumn(record(node, place, {"column": Field(column, "Name the column.")})["column"])


def _consent(protocol: Protocol) -> Any:
    scopes = listing(one_of(protocol.consent.scopes), what="scopes", least=1, most=len(protocol.consent.scopes))
    return lambda node, place: record(node, place, {"scopes": Field(scopes, "List the scopes that were agreed to.")})


def _target(node: Node, place: Place) -> Any:
    if not isinstance(node, Table):
        return Target(item_name(node, place))
    codes = by_name(line(200), ANY_NAME, "This cannot be a value of a column.", what="codes", least=1, most=200)
    values = record(node, place, {
        "item": Field(item_name, "Name the item."),
        "codes": Field(codes, "Say what each text of the file means, or leave out the group."),
    })  # fmt: skip
    return Target(values["item"], values["codes"])


def _scores(node: Node, place: Place) -> Any:
    names = {"what": "scores", "least": 1, "most": 500}
    values = record(node, place, {
        "name": Field(column, "Name the column that names the score."),
        "value": Field(column, "Name the column that holds the value."),
        "items": Field(by_name(_target, ANY_NAME, ANY_RULE, **names), "Say which item each score is."),
        "left_out": Field(by_name(reason, ANY_NAME, ANY_RULE, **names)),
    })  # fmt: skip
    return WRONG if WRONG in values.values() else Scores(**values)


def _baseline(protocol: Protocol, columns: Any) -> Any:
    once = [name for name, instrument in protocol.instruments.items() if instrument.schedule.form == "once"]

    def reader(node: Node, place: Place) -> Any:
        if not once:
            return place.refuse("The protocol has no instrument that is asked once.")
        values = record(node, place, {
            "instrument": Field(one_of(once), "Name the instrument."),
            "columns": Field(columns, "Say which item each column is."),
        })  # fmt: skip
        if WRONG in values.values():
            return WRONG
        return Baseline(study_day=protocol.instruments[values["instrument"]].schedule.first_day, **values)

    return reader


def _occasion(protocol: Protocol) -> Any:
    """One of three groups: labels, a pattern, or a column that holds the study day or the date itself."""
    # An entry on demand has no occasion by which a second run could know it again.
    due = [name for name, instrument in protocol.instruments.items() if not instrument.on_demand]
    instrument = one_of(due) if due else _nothing_due
    told = Field(column, "Name the column.")

    def point(node: Node, place: Place) -> Any:
        values = record(node, place, {
            "instrument": Field(instrument, "Name the instrument."),
            "study_day": Field(day_number, "Give the study day."),
        })  # fmt: skip
        return TimePoint(values["instrument"], values["study_day"])

    def labels(node: Node, place: Place) -> Any:
        points = by_name(point, ANY_NAME, "This cannot be a label.", what="labels", least=1, most=500)
        values = record(node, place, {"column": told, "labels": Field(points, "List the labels.")})
        return values["column"], Labels(values["labels"])

    def pattern(node: Node, place: Place) -> Any:
        return _pattern(node, place, instrument, told)

    def direct(node: Node, place: Place) -> Any:
        holds = Field(one_of(DIRECT), "Say what the column holds.")
        values = record(node, place, {"column": told, "holds": holds, "instrument": Field(instrument, "Name it.")})
        return values["column"], values["holds"] is not WRONG and DIRECT[values["holds"]](values["instrument"])

    def reader(node: Node, place: Place) -> Any:
        rows = node.rows if isinstance(node, Table) else {}
        return (labels if "labels" in rows else pattern if "pattern" in rows else direct)(node, place)

    return reader


def _nothing_due(node: Node, place: Place) -> Any:
    return place.refuse("The protocol has no instrument with a schedule; entries on demand are not imported.")


DIRECT = {"study_day": StudyDay, "date": DiaryDate}


def _pattern(node: Node, place: Place, instrument: Any, told: Field) -> Any:
    steps = by_name(whole(0, 3650), PART, "Write a name of the pattern.", what="numbers", least=1, most=9)
    numbers = re.compile("[1-9][0-9]{0,3}")
    which = by_name(instrument, numbers, "Write a whole number from 1.", what="instruments", least=1, most=99)
    by_part = by_name(which, PART, "Write a name of the pattern.", what="numbers", least=1, most=1)
    values = record(node, place, {
        "column": told,
        "pattern": Field(line(100), "Write the label with a name in braces for each number."),
        "study_day": Field(steps, "Give `first` and the days per number."),
        "instrument": Field(by_part, "Say which number decides the instrument, and how."),
    })  # fmt: skip
    if WRONG in values.values() or place.mistakes:
        return values["column"], WRONG
    try:
        expression = pattern_expression(values["pattern"])
    except re.error:
        return values["column"], place.refuse("Each name may stand in the pattern once.")
    days = dict(values["study_day"])
    first = days.pop("first", 0)
    ((decides, instruments),) = values["instrument"].items()
    if first < 1 or not expression.groupindex or {*days, decides} - set(expression.groupindex):
        place.refuse("`study_day` needs `first` from 1, and every other number must stand in braces in the pattern.")
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
    for path, targets, enough in (
        ("columns", mapping.columns, all),
        ("scores.items", mapping.scores.items if mapping.scores else {}, any),
    ):
        for name, target in targets.items():
            if not enough(target.item in items for items in diaries):
                refuse(f"{path}.{name}", f"There is no item {target.item} in the instrument of this time point.")
    for name, target in (mapping.baseline.columns if mapping.baseline else {}).items():
        if target.item not in protocol.instruments[mapping.baseline.instrument].items:
            refuse(f"baseline.columns.{name}", f"There is no item {target.item} in {mapping.baseline.instrument}.")
    return found
