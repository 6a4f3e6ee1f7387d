"""Know where in a document a reader is, and collect what is found there.

A reader that cannot read notes a mistake and gives `WRONG`, so reading goes on and every mistake is found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from studyportal.protocol.mistakes import Mistake


class _Wrong:
    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "WRONG"


WRONG: Any = _Wrong()


@dataclass(slots=True)
class Findings:
    """What the reading of one document found, and the languages it reads.

    `languages` is () if the document says them wrongly: then no text is held against them. `language` is the one that
    was asked for. `lines` maps each place to the line of its name.
    """

    mistakes: list[Mistake] = field(default_factory=list)
    warnings: list[Mistake] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)
    language: str | None = None

    def at(self, path: str) -> "Place":
        """The place with this path, or if it was never reached the nearest around it."""
        around = path
        while around and around not in self.lines:
            around = around.rpartition(".")[0]
        return Place(self.lines.get(around, 1), path, path.rpartition(".")[2], self)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the document the reader is. `name` is the name under which the value stands."""

    line: int
    path: str
    name: str
    findings: Findings

    def within(self, name: str, line: int) -> "Place":
        inside = replace(self, path=f"{self.path}.{name}" if self.path else name, name=name, line=line)
        self.findings.lines.setdefault(inside.path, line)
        return inside

    def numbered(self, number: int, line: int) -> "Place":
        return replace(self, path=f"{self.path}[{number}]", line=line)

    def refuse(self, sentence: str) -> Any:
        self.findings.mistakes.append(Mistake(self.line, self.path, sentence))
        return WRONG

    def warn(self, sentence: str) -> None:
        self.findings.warnings.append(Mistake(self.line, self.path, sentence))


def beginning(findings: Findings) -> Place:
    """The place at which a document begins."""
    return Place(1, "", "", findings)


def is_wrong(value: Any) -> bool:
    """Whether something in a value could not be read."""
    if isinstance(value, Mapping):
        return any(map(is_wrong, value.values()))
    return value is WRONG or (isinstance(value, tuple) and any(map(is_wrong, value)))
