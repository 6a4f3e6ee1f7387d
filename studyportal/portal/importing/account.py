"""Account for every value of a file: where it was placed, or why it was not. Counts only, never a value."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Account:
    """What was found in a file.

    `placed` counts values by "instrument.item"; `not_placed` counts cells by reason. A value that is said once for
    many rows (a column that belongs to the occasion or to the participant) is counted once, and the rows that
    repeat it are counted in `repeated`.
    """

    rows: int = 0
    participants: int = 0
    scored: bool = False
    entries: Counter[str] = field(default_factory=Counter)
    placed: Counter[str] = field(default_factory=Counter)
    scores_placed: int = 0
    repeated: Counter[str] = field(default_factory=Counter)
    not_placed: Counter[str] = field(default_factory=Counter)
    scores_not_placed: int = 0
    columns_left_out: dict[str, str] = field(default_factory=dict)

    @property
    def balanced(self) -> bool:
        """Whether every row of a file with one score per row is placed or has its reason."""
        return not self.scored or self.rows == self.scores_placed + self.scores_not_placed

    def lines(self) -> Iterator[str]:
        """The account as text, for the terminal."""
        entries = ", ".join(f"{count:,} of {name}" for name, count in self.entries.items())
        yield f"{self.rows:,} rows of {self.participants:,} participants become {self.entries.total():,} entries: {entries}."
        if self.scored:
            yield f"{self.rows:,} values: {self.scores_placed:,} placed, {self.scores_not_placed:,} not placed."
        yield f"{'placed as':<44}{'values':>10}"
        for item, count in self.placed.items():
            yield f"  {item:<42}{count:>10,}"
        for count in sorted(set(self.repeated.values())):
            columns = ", ".join(column for column, times in self.repeated.items() if times == count)
            yield f"Said again, the same, in {count:,} further rows: {columns}."
        for reason, count in sorted(self.not_placed.items()):
            yield f"Not placed: {count:,} ({reason})"
        for column, reason in self.columns_left_out.items():
            yield f"Column {column} is left out: {reason}"
