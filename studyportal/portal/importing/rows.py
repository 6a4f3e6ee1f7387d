"""Read a CSV file row by row: strict UTF-8, strict quotes, one width, bounded in size.

A file in another encoding, with broken quotes or of uneven rows is refused with the row where it happens; nothing
is replaced, cut or guessed. Memory stays at one row.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from studyportal.errors import Invalid, NotFound, TooLarge
from studyportal.portal.importing.mistakes import ImportMistakes, RowMistake

LARGEST = 64 * 1024 * 1024  # bytes: a study of 10,000 people and 90 days as one value per row is half of it
MOST_ROWS = 1_000_000
LONGEST_FIELD = 20_000  # characters; a quote that is never closed swallows the rest of the file into one field
MOST_COLUMNS = 500

Row = tuple[int, dict[str, str]]


def read_rows(path: Path, *, largest: int = LARGEST, most_rows: int = MOST_ROWS) -> Iterator[Row]:
    """The rows after the header as (line in the file, column -> text without outer spaces).

    Raises `NotFound`, `TooLarge` (before reading, by size; while reading, by rows), `ImportMistakes` for what is
    wrong at a row, and `Invalid` for a file that is no table at all.
    """
    try:
        size = path.stat().st_size
    except OSError:
        raise NotFound("The file to import cannot be found.") from None
    if not path.is_file():
        raise Invalid("What should be imported is not a file.")
    if size > largest:
        raise TooLarge(
            f"The file has {size / 1e6:,.0f} MB; at most {largest / 1e6:,.0f} MB are read. Split it by participant."
        )
    with path.open("rb") as file:
        reader = csv.reader(_lines(file), strict=True)
        try:
            columns = _header(next(reader, []))
            for count, fields in enumerate(_not_empty(reader), start=1):
                if count > most_rows:
                    raise TooLarge(f"The file has more than {most_rows:,} rows. Split it by participant.")
                if len(fields) != len(columns):
                    raise _at(reader, f"There are {len(fields)} fields here, but the header has {len(columns)}.")
                if max(map(len, fields)) > LONGEST_FIELD:
                    raise _at(reader, f"A field here has more than {LONGEST_FIELD:,} characters.")
                if not all(map(str.isprintable, fields)):
                    raise _at(reader, "There is a control character or line break here that no answer can hold.")
                yield reader.line_num, dict(zip(columns, map(str.strip, fields), strict=True))
        except csv.Error:
            raise _at(reader, "The quotation marks do not fit here, or one is never closed.") from None


def _lines(file: BinaryIO) -> Iterator[str]:
    # Line by line, so that the row with the foreign letter can be named.
    for number, line in enumerate(file, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            sentence = "This is not UTF-8. Save the file again with the encoding UTF-8."
            raise ImportMistakes([RowMistake(number, "", sentence)]) from None


def _not_empty(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    return (fields for fields in reader if fields)


def _at(reader: "csv._reader", sentence: str) -> ImportMistakes:
    return ImportMistakes([RowMistake(reader.line_num, "", sentence)])


def _header(fields: list[str]) -> list[str]:
    names = [field.strip() for field in fields]
    if not any(names):
        raise Invalid("The file is empty: its first row must name the columns.")
    if len(names) > MOST_COLUMNS:
        raise TooLarge(f"The file has more than {MOST_COLUMNS} columns.")
    problems = {
        f"column {place}": "This column has no name." if not name else "Another column has the same name."
        for place, name in enumerate(names, start=1)
        if not name or name in names[: place - 1]
    }
    if problems:
        raise Invalid(
            "The first row must name each column once: " + "; ".join(f"{at}: {what}" for at, what in problems.items()),
            problems,
        )
    return names
