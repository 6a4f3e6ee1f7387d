"""Set enrolment codes on paper: ten cards to a page, each with a square to scan, to be cut along the lines.

Ten and not fifty: a tired person must be able to read a card at arm's length. The same codes give the same bytes.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import segno
from reportlab.lib.colors import Color, black
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepInFrame, Paragraph

from studyportal.paper.fonts import BOLD, REGULAR, know_fonts
from studyportal.paper.frame import SIZES
from studyportal.paper.styles import markup

COLUMNS, ROWS = 2, 5
MARGIN, PAD = 10 * mm, 5 * mm
SQUARE = 32 * mm
_GREY = Color(0.45, 0.45, 0.45)


@dataclass(frozen=True, slots=True)
class CodeSheet:
    """What stands on every card. `address` is where people join, "" if it is not known; `until` is as it is written."""

    study: str
    site: str
    address: str
    until: str
    made_on: date


def printed_codes(sheet: CodeSheet, codes: Sequence[str], *, size: str) -> bytes:
    """A PDF of these codes; `size` is a key of SIZES."""
    know_fonts()
    raw = io.BytesIO()
    canvas = Canvas(raw, pagesize=SIZES[size], invariant=True)
    canvas.setTitle(f"Enrolment codes, {sheet.site}")
    canvas.setSubject(sheet.study)
    canvas.setAuthor(sheet.site)
    a_page = COLUMNS * ROWS
    pages = -(-len(codes) // a_page)
    for page in range(pages):
        some = codes[page * a_page : (page + 1) * a_page]
        _draw_page(canvas, sheet, some, SIZES[size], f"{sheet.made_on.isoformat()} · page {page + 1} of {pages}")
        canvas.showPage()
    canvas.save()
    return raw.getvalue()


def join_link(address: str, code: str) -> str:
    """The address with the code behind the #, which no browser sends to any server."""
    return f"{address}#{code}"


def _draw_page(canvas: Canvas, sheet: CodeSheet, codes: Sequence[str], size: tuple[float, float], foot: str) -> None:
    width, height = size
    wide, high = (width - 2 * MARGIN) / COLUMNS, (height - 2 * MARGIN) / ROWS
    canvas.setStrokeColor(_GREY)
    canvas.setLineWidth(0.4)
    canvas.setDash(2, 2)
    rows = -(-len(codes) // COLUMNS)
    bottom = height - MARGIN - rows * high
    for row in range(rows + 1):
        y = height - MARGIN - row * high
        canvas.line(MARGIN / 2, y, width - MARGIN / 2, y)
    for column in range(COLUMNS + 1):
        canvas.line(MARGIN + column * wide, bottom - MARGIN / 2, MARGIN + column * wide, height - MARGIN / 2)
    canvas.setDash()
    for number, code in enumerate(codes):
        row, column = divmod(number, COLUMNS)
        _draw_card(canvas, sheet, code, MARGIN + column * wide, height - MARGIN - (row + 1) * high, wide, high)
    canvas.setFont(REGULAR, 7)
    canvas.setFillColor(_GREY)
    canvas.drawString(MARGIN + 2 * mm, MARGIN / 2 - 2, foot)
    canvas.setFillColor(black)


def _draw_card(canvas: Canvas, sheet: CodeSheet, code: str, x: float, y: float, width: float, height: float) -> None:
    room = width - 3 * PAD - SQUARE
    how = "Scan the square with your phone, or open" if sheet.address else "Scan the square, or type the code:"
    where = f"<b>{markup(sheet.address)}</b><br/>and type the code:" if sheet.address else ""
    words = [
        Paragraph(markup(_short(sheet.study, 80)), _style(11, bold=True)),
        Paragraph(markup(_short(sheet.site, 60)), _style(8.5, after=2)),
        Paragraph(f"{how} {where}", _style(8.5, after=1)),
        Paragraph(markup(code), _style(13.5, bold=True, after=2)),
        Paragraph(
            f"For one person, until {markup(sheet.until)}. Who has this card can join in your place: keep it.",
            _style(7.5),
        ),
    ]
    box = KeepInFrame(room, height - 2 * PAD, words, mode="shrink", vAlign="TOP")
    _, used = box.wrapOn(canvas, room, height - 2 * PAD)
    box.drawOn(canvas, x + PAD, y + height - PAD - used)
    content = join_link(sheet.address, code) if sheet.address else code
    _draw_square(canvas, content, x + width - PAD - SQUARE, y + (height - SQUARE) / 2)


def _draw_square(canvas: Canvas, content: str, x: float, y: float) -> None:
    modules = list(segno.make(content, error="m", micro=False).matrix_iter(border=2))
    step = SQUARE / len(modules)
    canvas.setFillColor(black)
    path = canvas.beginPath()
    for down, line in enumerate(modules):
        for along, dark in enumerate(line):
            if dark:
                path.rect(x + along * step, y + SQUARE - (down + 1) * step, step, step)
    canvas.drawPath(path, stroke=0, fill=1)


def _short(text: str, longest: int) -> str:
    """A name that a card has room for."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _style(size: float, *, bold: bool = False, after: float = 0) -> ParagraphStyle:
    font = BOLD if bold else REGULAR
    return ParagraphStyle("card", fontName=font, fontSize=size, leading=size * 1.2, spaceAfter=after, splitLongWords=1)
