"""The styles of what is set, on a scale of 1.2; and plain text as the library wants it."""

from html import escape

from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph

from studyportal.paper.fonts import BOLD, REGULAR
from studyportal.paper.frame import INK, MUTED
from studyportal.paper.glyphs import printable

# Longer lines tire the eye; tables and pictures may be wider.
MEASURE = 134 * mm
# A text of so many characters fits into any row; one of more than so many lines is broken after so many.
SHORT, MOST_LINES, LINES = 120, 28, 14
TALL = 1e6


def _style(font: str, size: float, leading: float, **more: object) -> ParagraphStyle:
    settings = {"textColor": INK, "splitLongWords": 1, "allowWidows": 0, "allowOrphans": 0, **more}
    return ParagraphStyle("paper", fontName=font, fontSize=size, leading=leading, **settings)


KIND = _style(BOLD, 9, 12, textColor=MUTED, spaceAfter=2)
TITLE = _style(BOLD, 19.5, 23, spaceAfter=5)
SMALL = _style(REGULAR, 8, 11, textColor=MUTED)
HEADINGS = {
    1: _style(BOLD, 13.5, 17, spaceBefore=15, spaceAfter=5, keepWithNext=1),
    2: _style(BOLD, 10.5, 14, spaceBefore=9, spaceAfter=3, keepWithNext=1),
}
BODY = _style(REGULAR, 9.5, 13.5, spaceAfter=5)
POINT = _style(
    REGULAR, 9.5, 13.5, spaceAfter=2, leftIndent=11, bulletIndent=1, bulletFontName=REGULAR, bulletFontSize=9.5
)
LABEL = _style(REGULAR, 9.5, 13.5, textColor=MUTED)
VALUE = _style(REGULAR, 9.5, 13.5, allowWidows=1, allowOrphans=1)
CAPTION = _style(BOLD, 9, 12, spaceBefore=4, spaceAfter=3, keepWithNext=1)
NOTE = _style(REGULAR, 8, 10.5, textColor=MUTED, spaceBefore=4, spaceAfter=9)
HEAD = _style(BOLD, 8, 10)
CELL = _style(REGULAR, 8.5, 11, allowWidows=1, allowOrphans=1)


def markup(text: str) -> str:
    """A plain text as the library wants it: nothing in it is markup, and its line breaks stay."""
    return escape(printable(text), quote=False).replace("\n", "<br/>")


def broken(text: str, style: ParagraphStyle, width: float) -> list[list[Paragraph]]:
    """The text as one cell, or as several if it is longer than a row may be.

    A row of a table is never split; so what is very long goes on in rows of its own, broken between its lines.
    """
    whole = Paragraph(markup(text), style)
    if len(text) <= SHORT or whole.wrap(width, TALL)[1] <= MOST_LINES * style.leading:
        return [[whole]]
    cells: list[list[Paragraph]] = [[]]
    filled = 0.0
    for line in text.split("\n"):
        for part in _parts(Paragraph(markup(line) or "&nbsp;", style), style, width):
            height = part.wrap(width, TALL)[1]
            if filled and filled + height > LINES * style.leading:
                cells.append([])
                filled = 0.0
            cells[-1].append(part)
            filled += height
    return cells


def _parts(rest: Paragraph, style: ParagraphStyle, width: float) -> list[Paragraph]:
    found = []
    while len(parts := rest.split(width, LINES * style.leading)) > 1:
        found.append(parts[0])
        rest = parts[1]
    return [*found, rest]
