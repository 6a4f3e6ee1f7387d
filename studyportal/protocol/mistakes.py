"""Say what is wrong with a study document, all of it at once.

A mistake is a line, a place and a sentence that a study coordinator can act on. Nothing is repaired or guessed.
"""

from collections.abc import Iterable
from typing import NamedTuple

from studyportal.errors import Invalid


class Mistake(NamedTuple):
    """One thing to correct: the line (from 1), the dotted place in the document and what to do."""

    line: int
    path: str
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.path or 'document'}: {self.sentence}"


class ProtocolMistakes(Invalid):
    """The document is not a protocol; `mistakes` holds every reason, in the order of the lines."""

    def __init__(self, name: str, mistakes: Iterable[Mistake]) -> None:
        self.name = name
        self.mistakes = tuple(sorted(set(mistakes)))
        problems: dict[str, str] = {}
        for mistake in self.mistakes:
            place = mistake.path or "document"
            problems[place] = " ".join(filter(None, (problems.get(place), mistake.sentence)))
        count = "1 mistake" if len(self.mistakes) == 1 else f"{len(self.mistakes)} mistakes"
        super().__init__(f"The study document {name} has {count}.", problems)

    def report(self) -> str:
        """The sentence and below it one line per mistake."""
        return "\n".join([self.sentence, *map(str, self.mistakes)])

    def __str__(self) -> str:
        return self.report()
