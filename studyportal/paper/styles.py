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
# A text of so many characters fits into any row; a longer one is broken after so many lines.
SHORT, LINES = 120, 14


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
POINT = _style(REGULAR, 9.5, 13.5, spaceAfter=2, leftIndent=11, bulletIndent=1, bulletFontName=REGULAR, bulletFontSize=9.5)
LABEL = _style(REGULAR, 9.5, 13.5, textColor=MUTED)
VALUE = _style(REGULAR, 9.5, 13.5, allowWidows=1, allowOrphans=1)
CAPTION = _style(BOLD, 9, 12, spaceBefore=4, spaceAfter=3, keepWithNext=1)
NOTE = _style(REGULAR, 8, 10.5, textColor=MUTED, spaceBefore=4, spaceAfter=9)
HEAD = _style(BOLD, 8, 10)
CELL = _style(REGULAR, 8.5, 11, allowWidows=1, allowOrphans=1)


def markup(text: str) -> str:
    """A plain text as the library wants it: nothing in it is markup, and its line breaks stay."""
    return escape(printable(text), quote=False).replace("\n", "<br/>")


def broken(text: str, style: ParagraphStyle, width: float) -> list[Paragraph]:
    """The text as one paragraph, or as several if it is longer than a row may be.

    A row of a table is never split; so what is very long goes on in rows of its own, broken between its lines.
    """
    rest, found = Paragraph(markup(text), style), []
    while len(text) > SHORT:
        parts = rest.split(width, LINES * style.leading)
        if len(parts) < 2:
            break
        found.append(parts[0])
        rest = parts[1]
    return [*found, rest]
