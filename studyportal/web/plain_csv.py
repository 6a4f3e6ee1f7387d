"""Write CSV that every program reads alike: UTF-8, commas, CRLF, text cells that no spreadsheet runs as a formula.

Numbers are written as digits and never touched; only text can carry a formula.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

Cell = str | int | float | None

# What spreadsheets take for the beginning of a formula (OWASP, CSV injection), after full-width forms are folded.
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def written(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as the bytes of a CSV file. None is an empty cell."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([plain(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def plain(cell: Cell) -> str:
    """One cell as it is written; a text that begins like a formula gets an apostrophe in front, NUL goes."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.12g}"
    if not isinstance(cell, str):
        return str(int(cell))
    return _guarded(cell)


@lru_cache(maxsize=4096)
def _guarded(text: str) -> str:
    text = text.replace("\0", "")
    return f"'{text}" if begins_formula(text) else text


def begins_formula(text: str) -> bool:
    """Whether a spreadsheet could take this text for a formula; leading spaces do not save it."""
    return unicodedata.normalize("NFKC", text).lstrip(" ").startswith(_BEGINS_FORMULA)
