"""Hold a document whose parts were read, some of them perhaps wrongly, for the checks over the whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from studyportal.protocol.expressions import Steps
from studyportal.protocol.items import Item
from studyportal.protocol.reading.places import WRONG, Findings
from studyportal.protocol.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Draft:
    """What was read (`values`), in which anything may be missing or WRONG. Its questions give only what is sound.

    `steps` is what the search for conditions that never hold may cost, for all of them together.
    """

    findings: Findings
    values: Mapping[str, Any]
    steps: Steps = field(default_factory=Steps)

    def part(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """The values of a part whose names are the document's own; empty if it could not be read."""
        return self.values.get(name) or {}

    @property
    def instruments(self) -> Mapping[str, Mapping[str, Any]]:
        return self.part("instruments")

    def names(self, instrument: str) -> tuple[str, ...]:
        """All items of an instrument, also those that could not be read."""
        return tuple(self.instruments[instrument].get("items") or ())

    def items(self, instrument: str) -> dict[str, Item]:
        """The items that could be read."""
        items = self.instruments[instrument].get("items") or {}
        return {name: item for name, item in items.items() if item is not WRONG}

    def broken(self, instrument: str) -> frozenset[str]:
        """The items that could not be read: nothing can be said about what uses them."""
        return frozenset(self.names(instrument)) - self.items(instrument).keys()

    def is_whole(self, instrument: str) -> bool:
        """Whether its list of items could be read at all."""
        return bool(self.instruments[instrument].get("items"))

    def schedules(self) -> dict[str, Schedule]:
        """The schedules that could be read, by instrument."""
        found = {name: parts.get("schedule") for name, parts in self.instruments.items()}
        return {name: schedule for name, schedule in found.items() if schedule}

    def refuse(self, path: str, sentence: str) -> None:
        self.findings.at(path).refuse(sentence)

    def warn(self, path: str, sentence: str) -> None:
        self.findings.at(path).warn(sentence)
