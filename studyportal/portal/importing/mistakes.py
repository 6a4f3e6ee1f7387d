"""Say what is wrong with an import, all of it at once and by row, without repeating a value of the file."""

from collections.abc import Iterable
from typing import NamedTuple

from studyportal.errors import Invalid

SHOWN = 40  # one screen; a wrong mapping makes a mistake in every row


class RowMistake(NamedTuple):
    """One thing that cannot be taken: the row (the line of the file, from 1), the column ("" for the whole row),
    why."""

    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        return f"row {self.row}{f', column {self.column}' if self.column else ''}: {self.sentence}"


class ImportMistakes(Invalid):
    """The file cannot be imported with this mapping; nothing was written. `mistakes` is sorted by row."""

    def __init__(self, mistakes: Iterable[RowMistake], *, more: bool = False) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        count = "1 mistake" if len(self.mistakes) == 1 else f"{len(self.mistakes):,} mistakes"
        rest = ", and reading stopped there" if more else ""
        super().__init__(
            f"The file has {count}{rest}. Nothing was imported.",
            {f"row {mistake.row}": mistake.sentence for mistake in self.mistakes[:SHOWN]},
        )

    def report(self) -> str:
        """The sentence and below it one line per mistake, at most `SHOWN`."""
        lines = [self.sentence, *map(str, self.mistakes[:SHOWN])]
        if len(self.mistakes) > SHOWN:
            lines.append(f"... and {len(self.mistakes) - SHOWN:,} more.")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.report()
