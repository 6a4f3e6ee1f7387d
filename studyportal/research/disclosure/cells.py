"""Protected numbers, as pages and files get them: a page, its download and a chart show the same cell."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProtectedCell:
    """One number that may be shown. `value` is None where it may not; `text` is what a person reads then and else.

    `margin` is how far the blurring can have moved it, 95 times in 100; None where rounding alone tells.
    """

    value: int | float | None
    text: str
    margin: float | None = None

    @property
    def said(self) -> str:
        """The cell on a page or paper: with how far it is blurred, if it is."""
        return self.text if self.margin is None else f"{self.text} ± {_figures(self.margin)}"

    @property
    def plain(self) -> str:
        """The cell in a CSV file: digits only, or what stands in place of a number."""
        return str(self.value) if isinstance(self.value, int) else self.text


def _figures(margin: float) -> str:
    """One or two figures, which is all that a margin can tell."""
    return f"{float(f'{margin:.1e}'):,.0f}" if margin >= 10 else f"{margin:.1f}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what it is about and its cells, in the order of the table's head."""

    label: str
    cells: tuple[ProtectedCell, ...]


@dataclass(frozen=True, slots=True)
class ProtectedTable:
    """A table that may be shown: a sentence that says what it is, heads (the first over the labels), rows, method."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    method: str

    def lines(self) -> Iterator[list[str]]:
        """The table as rows of text, head first."""
        yield [*self.head]
        for row in self.rows:
            yield [row.label, *(cell.plain for cell in row.cells)]


EMPTY = ProtectedCell(None, "")


def percentage(part: ProtectedCell, whole: ProtectedCell) -> ProtectedCell:
    """Whole per cent of two shown counts; empty if one of them is not shown, so that it tells nothing more than they
    do.

    A part can be shown larger than its whole, because each is blurred by itself; it is then all of it.
    """
    if part.value is None or not whole.value:
        return EMPTY
    per_cent = min(100, round(100 * part.value / whole.value))
    return ProtectedCell(per_cent, f"{per_cent} %")
