"""Set tables: hairlines above, below and under the head, nothing else; numbers aligned on the point.

Caption and head are repeated on every page, no row is split, and neither the first nor the last row stands alone.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import CondPageBreak, Flowable, Paragraph, Table

from studyportal.paper.frame import INK, LINE
from studyportal.paper.glyphs import printable
from studyportal.paper.parts import Facts, Grid
from studyportal.paper.styles import CAPTION, CELL, HEAD, LABEL, MEASURE, NOTE, TALL, VALUE, broken, markup
from studyportal.saying import said

HEAD_RIGHT = HEAD.clone("head", alignment=TA_RIGHT)
NOTHING = said("Nothing to show.")
GAP = 10.0
HAIR, RULE = 0.3, 0.7
# How many rows decide on the widths, and in how many steps; lines are filled to about nine tenths.
SAMPLE, STEPS, RAGGED = 60, 24, 1.1
# What stands between a number and how far it is blurred.
MARGIN = "±"
# A table, or what stands below one title in it, that is no higher than this begins on the next page rather than being
# split.
WHOLE, WHOLE_GROUP = 100 * mm, 70 * mm
# Rows of one line that are so high; of more it is not asked how high they are.
WHOLE_ROWS = 18
# What stands before the point: sign, digits and the marks between thousands.
_WHOLE = re.compile(r"[<>≤≥~]?\s?[−–+-]?\d+(?:[,\u2009\u202f\u00a0]\d{3})*")
_FLAT = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]


def facts(part: Facts, width: float) -> Iterator[Flowable]:
    """Names at the left, what is known of them beside."""
    if not part.rows:
        return
    label = min(46.0 * mm, width / 3)
    value = min(MEASURE, width) - label
    rows = []
    for name, text in part.rows:
        for at, piece in enumerate(broken(text, VALUE, value)):
            rows.append(["" if at else Paragraph(markup(name), LABEL), piece])
    style = [
        *_FLAT,
        ("RIGHTPADDING", (0, 0), (0, -1), GAP),
        ("TOPPADDING", (0, 0), (-1, -1), 0.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
    ]
    yield Table(rows, [label, value], style=style, hAlign="LEFT", spaceAfter=5)


def grid(part: Grid, width: float, number: int, *, say: Callable[[str], str]) -> Iterator[Flowable]:
    """A table with its caption and number. `say` puts our own words into the language of the paper."""
    rows = part.rows or ((say(NOTHING), *("" for _ in part.head[1:])),)
    cells = [[printable(text) for text in row] for row in rows]
    heads = [printable(text) for text in part.head]
    plain = [row for place, row in enumerate(cells) if place not in part.groups] or cells
    widths = _widths(heads, plain, part.numbers, width)
    tails = {column: _longest_tail([row[column] for row in cells]) for column in part.numbers}
    body, begins, titles = [], [], []
    for place, row in enumerate(cells):
        begins.append(len(body) + 2)
        if place in part.groups:
            titles.append(len(body) + 2)
            body.append([Paragraph(markup(row[0]), HEAD), *("" for _ in row[1:])])
        else:
            body += _row(row, widths, tails)
    named = say(said("Table %(number)s", number=number))
    caption = Paragraph(markup(f"{named}. {part.caption}"), CAPTION)
    head = [Paragraph(markup(text), HEAD_RIGHT if at in tails else HEAD) for at, text in enumerate(heads)]
    table = Table(
        [[caption, *("" for _ in heads[1:])], head, *body],
        widths,
        repeatRows=2,
        hAlign="LEFT",
        spaceBefore=6,
        spaceAfter=0 if part.note else 9,
        style=[*_style(begins, len(body) + 2, titles), *_titled(titles)],
    )
    _keep_whole(table, width, titles)
    yield CondPageBreak(30 * mm)
    yield table
    if part.note:
        yield Paragraph(markup(part.note), NOTE)


def _style(begins: Sequence[int], count: int, titles: Sequence[int]) -> list[tuple[Any, ...]]:
    style: list[tuple[Any, ...]] = [
        *_FLAT,
        ("TOPPADDING", (0, 0), (-1, -1), 2.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.6),
        ("SPAN", (0, 0), (-1, 0)),
        ("VALIGN", (0, 1), (-1, 1), "BOTTOM"),
        ("LINEBELOW", (0, 0), (-1, 0), RULE, INK),
        ("LINEBELOW", (0, 1), (-1, 1), HAIR, INK),
        ("LINEBELOW", (0, "splitlast"), (-1, "splitlast"), RULE, INK),
        ("LINEBELOW", (0, -1), (-1, -1), RULE, INK),
        ("RIGHTPADDING", (0, 0), (-1, -1), GAP),
    ]
    style += [("LINEABOVE", (0, at), (-1, at), HAIR, LINE) for at in (titles or begins[1:])]
    for at in sorted(set(range(2, count)) - set(begins)):
        style += [("BOTTOMPADDING", (0, at - 1), (-1, at - 1), 0), ("TOPPADDING", (0, at), (-1, at), 0)]
    if count > 4:
        # Two rows at least at the top and at the end of a page.
        style += [("NOSPLIT", (0, 0), (0, 3)), ("NOSPLIT", (0, -2), (0, -1))]
    return style


def _titled(titles: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """Rows that are titles: over the whole width, and on the page of the row after them."""
    for at in titles:
        yield ("SPAN", (0, at), (-1, at))
        yield ("NOSPLIT", (0, at), (0, at + 1))
        yield ("TOPPADDING", (0, at), (-1, at), 4)


def _keep_whole(table: Table, width: float, titles: Sequence[int]) -> None:
    """Do not split it if it is low, nor the rows below a title if they are."""
    count = len(table._rowHeights)
    if count > WHOLE_ROWS and not titles:
        return
    table.wrap(width, TALL)
    heights = table._rowHeights
    if sum(heights) <= WHOLE:
        table.setStyle([("NOSPLIT", (0, 0), (0, -1))])
    for at, after in pairwise([*titles, count]):
        if sum(heights[at:after]) <= WHOLE_GROUP:
            table.setStyle([("NOSPLIT", (0, at), (0, after - 1))])


def _row(texts: Sequence[str], widths: Sequence[float], tails: Mapping[int, float]) -> list[list[Any]]:
    """One row, or several if a text is longer than a row may be."""
    parts = [
        [_number(text, widths[at] - GAP, tails[at])] if at in tails else broken(text, CELL, widths[at] - GAP)
        for at, text in enumerate(texts)
    ]
    return [[part[line] if line < len(part) else "" for part in parts] for line in range(max(map(len, parts)))]


def _number(text: str, width: float, tail: float) -> Paragraph:
    """Set from the right, as far from the edge as its point is from its end."""
    # Words have no point, and stand at the edge.
    room = (
        min(tail - _tail(text), width - stringWidth(text, CELL.fontName, CELL.fontSize)) if _WHOLE.match(text) else 0.0
    )
    return Paragraph(markup(text), CELL.clone("number", alignment=TA_RIGHT, rightIndent=max(0.0, room)))


def _longest_tail(texts: Sequence[str]) -> float:
    """How far the points of a column stand from its edge. A few numbers with a margin below many without ("5.0 ± 1.4"
    below counts) do not move the others away from their head."""
    numbers = [text for text in texts if _WHOLE.match(text)]
    bare = [text for text in numbers if MARGIN not in text]
    return max(map(_tail, bare if 2 * len(bare) > len(numbers) else numbers), default=0.0)


def _tail(text: str) -> float:
    """How much of a number stands right of where its point is or would be."""
    whole = _WHOLE.match(text)
    return stringWidth(text[whole.end() :], CELL.fontName, CELL.fontSize) if whole else 0.0


def _widths(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: frozenset[int], width: float) -> list[float]:
    """Every column as wide as it wants if there is room; else so that the table becomes as low as it can."""
    wanted, least = [], []
    for at, head in enumerate(heads):
        lines = [max(_lines(row[at])) for row in rows]
        word = max(_word(head, HEAD), *(_word(row[at], CELL) for row in rows))
        if at in numbers:
            tail = max(_tail(row[at]) for row in rows)
            word = max(word, tail + max(line - _tail(row[at]) for line, row in zip(lines, rows, strict=True)))
        natural = max(word, _word(head, HEAD), stringWidth(head, HEAD.fontName, HEAD.fontSize) / 2, *lines)
        wanted.append(natural + GAP + 0.5)
        least.append(min(word, width / 4) + GAP + 0.5)
    if (spare := width - sum(wanted)) >= 0:
        # As wide as the text, or as the page: two widths are enough for the eye.
        more = (spare if sum(wanted) > MEASURE else min(MEASURE, width) - sum(wanted)) / len(wanted)
        return [one + more for one in wanted]
    if sum(least) >= width:
        return [one * width / sum(least) for one in least]
    return _lowest(least, wanted, [[_lines(text) for text in row] for row in rows[:SAMPLE]], width)


def _lowest(least: list[float], wanted: list[float], rows: list[list[list[float]]], width: float) -> list[float]:
    """Give away what is left in small steps, each to the column that makes the rows lowest."""
    widths = list(least)
    step = (width - sum(least)) / STEPS

    def height(at: int) -> float:
        tried = [one + step * (place == at) for place, one in enumerate(widths)]
        return sum(_tall([_count(cell, one - GAP) for cell, one in zip(row, tried, strict=True)]) for row in rows)

    for _ in range(STEPS):
        best = min(range(len(widths)), key=lambda at: (height(at), widths[at] / wanted[at]))
        widths[best] += step
    return widths


def _tall(lines: list[float]) -> float:
    # The highest cell makes the row; the others count a little, so that two high ones are made lower in turn.
    return max(lines) + sum(lines) / 10


def _count(lines: list[float], width: float) -> float:
    # Not in whole lines: a small step must already show in which direction it gets better.
    return sum(max(1.0, line * RAGGED / width) for line in lines)


def _lines(text: str) -> list[float]:
    return [stringWidth(line, CELL.fontName, CELL.fontSize) for line in text[:2000].split("\n")]


def _word(text: str, style: ParagraphStyle) -> float:
    return max((stringWidth(word, style.fontName, style.fontSize) for word in text[:2000].split()), default=0.0)
