"""Check what came from a form or an app against the items of an instrument, once, at the door.

What passes is `Answers`; everything else is `InvalidAnswers` with one sentence per item. Refused beside what no kind
takes: answers to questions that the other answers leave out, reasons that are not offered, what is worked out.
"""

import json
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

from studyportal.protocol.answers import ELSEWHERE, NAME, Answers, InvalidAnswers, Plan
from studyportal.protocol.derived import WORK, Work, in_order, needs
from studyportal.protocol.expressions import is_true
from studyportal.protocol.items import NOTHING, Item
from studyportal.protocol.kinds import KINDS, Kind, Unacceptable
from studyportal.protocol.kinds.kind import same
from studyportal.protocol.quick import Reader, checked, reader
from studyportal.saying import said

NO_OBJECT = said("Send the answers as one object with a value per item.")
NOT_ASKED = said("This is not asked here.")
UNANSWERED = said("This question needs an answer.")
HIDDEN = said("This is not asked after your other answers. Clear it, or change the answer that it hangs on.")
BOTH = said("Give an answer or a reason for not giving one, not both.")
NO_REASON = said("Choose one of the reasons offered.")


class Door:
    """The way in for answers to these items. What can be prepared for all entries is prepared once, when first used."""

    def __init__(self, items: Mapping[str, Item]) -> None:
        self._items = items

    @cached_property
    def _kinds(self) -> Mapping[str, Kind]:
        return {name: KINDS[item.kind] for name, item in self._items.items()}

    @cached_property
    def _order(self) -> tuple[Item, ...]:
        return in_order(self._items)

    @cached_property
    def _work(self) -> Mapping[str, Work]:
        return {name: WORK[item.kind](item) for name, item in self._items.items() if item.kind in WORK}

    @cached_property
    def _plan(self) -> Plan:
        return Plan(self._kinds, same)

    @cached_property
    def read(self) -> Reader:
        """The quick way in, for answers without reasons; it gives None for what is not plainly good."""
        return reader(self._order, self._kinds, self._work)

    def parse(self, raw: object, missing: object, zone: str, latest: date | None) -> Answers:
        """Give `Answers` for texts or JSON values; raises `InvalidAnswers`, nothing else."""
        if not isinstance(raw, Mapping) or not isinstance(missing, Mapping):
            raise InvalidAnswers({ELSEWHERE: NO_OBJECT})
        entry = _Entry(zone, latest)
        for item in self._order:
            kind, given, reason = self._kinds[item.name], raw.get(item.name), missing.get(item.name)
            if not kind.answered:
                entry.work_out(item, kind, given, reason, self._work.get(item.name))
            else:
                entry.take(item, kind, given, reason)
        problems = {name: entry.problems[name] for name in self._items if name in entry.problems}
        for name in [*raw.keys(), *missing.keys()]:
            if name not in self._items:
                # The name came from outside: only what looks like an item is repeated.
                problems[name if isinstance(name, str) and NAME.fullmatch(name) else ELSEWHERE] = NOT_ASKED
        if problems:
            raise InvalidAnswers(problems)
        if not entry.reasons and entry.row.keys() <= self._work.keys():
            return Answers(NOTHING, self._plan)  # nothing follows from no answer
        return Answers(entry.row, self._plan, MappingProxyType(entry.reasons))

    def parse_json(self, data: bytes, missing: object, zone: str, latest: date | None) -> Answers:
        """The same for JSON in UTF-8: `parse(json.loads(data))`, quick where it can be."""
        if missing == {} and (answers := self.read(data, zone, latest)) is not None:
            return answers
        try:
            raw = json.loads(data.decode())
        except (ValueError, RecursionError):
            raise InvalidAnswers({ELSEWHERE: NO_OBJECT}) from None
        return self.parse(raw, missing, zone, latest)


class _Entry:
    """One entry on its way through the door: what has been taken, and what is wrong, so far."""

    def __init__(self, zone: str, latest: date | None) -> None:
        self._zone, self._latest = zone, latest
        self.row: dict[str, Any] = {}
        self.reasons: dict[str, str] = {}
        self.problems: dict[str, str] = {}
        self._unsure: set[str] = set()  # what has a problem, and what hangs on it: nothing further is held against it

    def _is_asked(self, item: Item) -> bool | None:
        if self._unsure and not self._unsure.isdisjoint(needs(item)):
            self._unsure.add(item.name)
            return None
        return item.when is None or is_true(item.when, self.row)

    def work_out(self, item: Item, kind: Kind, given: object, reason: object, work: Work | None) -> None:
        """An item that nobody answers."""
        if not kind.is_blank(given) or not kind.is_blank(reason):
            try:
                kind.parse(item, given, self._zone)
            except Unacceptable as refusal:
                self.problems[item.name] = refusal.sentence
        if work is not None and self._is_asked(item) and (value := work(self.row)) is not None:
            self.row[item.name] = value

    def take(self, item: Item, kind: Kind, given: object, reason: object) -> None:
        """An item with its answer, the reason for having none, or neither."""
        try:
            self._take(item, kind, given, reason, self._is_asked(item))
        except Unacceptable as refusal:
            self.problems[item.name] = refusal.sentence
            self._unsure.add(item.name)

    def _take(self, item: Item, kind: Kind, given: object, reason: object, asked: bool | None) -> None:
        is_blank, has_reason = kind.is_blank(given), reason is not None and reason != ""
        if asked is False and not (is_blank and not has_reason):
            raise Unacceptable(HIDDEN)
        if not is_blank:
            if has_reason:
                raise Unacceptable(BOTH)
            self.row[item.name] = checked(item, kind, given, self._zone, self._latest)
        elif has_reason:
            if type(reason) is not str or reason not in item.missing:
                raise Unacceptable(NO_REASON)
            self.reasons[item.name] = reason
        elif item.required and asked:
            raise Unacceptable(UNANSWERED)
