"""The styles of what is set, on a scale of 1.2; and plain text as the library wants it."""

from html import escape

from reportlab.lib.styles import ParagraphStyle

from studyportal.paper.fonts import BOLD, ITALIC, REGULAR
from studyportal.paper.frame import INK, MUTED
from studyportal.paper.glyphs import printable


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
VALUE = _style(REGULAR, 9.5, 13.5)
CAPTION = _style(BOLD, 9, 12, spaceAfter=3)
NOTE = _style(ITALIC, 8, 11, textColor=MUTED, spaceBefore=3, spaceAfter=3)
HEAD = _style(BOLD, 8, 10)
CELL = _style(REGULAR, 8.5, 11)


def markup(text: str) -> str:
    """A plain text as the library wants it: nothing in it is markup, and its line breaks stay."""
    return escape(printable(text), quote=False).replace("\n", "<br/>")


def pieces(text: str, longest: int) -> list[str]:
    """The text in parts of at most `longest` characters, broken between words where there are any.

    A row of a table is never split; so what is longer than a page goes on in a row of its own.
    """
    found = []
    while len(text) > longest:
        at = max(text.rfind(" ", longest // 2, longest), text.rfind("\n", longest // 2, longest))
        at = at if at > 0 else longest
        found.append(text[:at])
        text = text[at:].lstrip()
    return [*found, text]
