"""The page around what is said: running head, foot, margins, and what the file says about itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any, Literal

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, letter
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from studyportal.paper.fingerprint import BLANK
from studyportal.paper.fonts import BOLD, REGULAR, know_fonts
from studyportal.paper.glyphs import printable
from studyportal.saying import said

SIZES = {"A4": A4, "Letter": letter}
SIDE, TOP, BOTTOM = 22 * mm, 25 * mm, 26 * mm
INK, MUTED, LINE, MARK = HexColor("#16212b"), HexColor("#4c5b68"), HexColor("#aab4bd"), HexColor("#b04a00")
SMALL = 7.5
SYNTHETIC = said("SYNTHETIC DATA  –  invented people, no findings")

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def english_day(on: date) -> str:
    """Mon 3 Mar 2026. In English whatever the machine speaks, so that bytes stay the same."""
    return f"{_DAYS[on.weekday()]} {on.day} {_MONTHS[on.month - 1]} {on.year}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a paper says about itself.

    `as_of` is the time of the data, `address` where a copy can be verified, `protection` how the people in it are
    protected, in one line. A paper that shall not tell of a study names none (""). The words of the frame are English;
    `say` puts them, and `day` writes a local day, in the language of another reader.
    """

    title: str
    kind: str
    study: str
    study_title: str
    made_at: datetime
    as_of: datetime | None
    address: str
    synthetic: bool
    size: Literal["A4", "Letter"] = "A4"
    protection: str = ""
    language: str = "en"
    say: Callable[[str], str] = str
    day: Callable[[date], str] = english_day

    @property
    def named(self) -> str:
        """The study that it is of."""
        return f"{self.study_title} ({self.study})" if self.study else ""

    @property
    def width(self) -> float:
        """How wide its text is, in points."""
        return SIZES[self.size][0] - 2 * SIDE

    def moment(self, at: datetime) -> str:
        """Mon 3 Mar 2026, 21:40 UTC."""
        zone = at.tzname() or ""
        if zone.startswith(("+", "-")):  # a zone without letters of its own
            zone = f"UTC{zone}"
        return f"{self.day(at)}, {at:%H:%M} {zone}".rstrip()

    @property
    def told(self) -> tuple[str, ...]:
        """Of when its data are, if of any, and when it was made."""
        of = (said("Data of %(moment)s", moment=self.moment(self.as_of)),) if self.as_of else ()
        return tuple(self.say(one) for one in (*of, said("Made %(moment)s", moment=self.moment(self.made_at))))

    @property
    def height(self) -> float:
        return SIZES[self.size][1] - TOP - BOTTOM


def laid_out(paper: Paper, story: list[Any]) -> bytes:
    """The pages with `story` in them; the fingerprint is still blank."""
    know_fonts()
    raw = BytesIO()
    page = PageTemplate(
        "page",
        [Frame(SIDE, BOTTOM, paper.width, paper.height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)],
        onPage=lambda canvas, document: _draw_around(canvas, paper),
    )
    BaseDocTemplate(
        raw,
        pagesize=SIZES[paper.size],
        pageTemplates=[page],
        title=printable(paper.title),
        author=printable(paper.named),
        subject=printable(paper.kind),
        keywords=BLANK,
        creator="studyportal",
        producer="studyportal",
        lang=paper.language,
        displayDocTitle=True,
        invariant=1,
        pageCompression=1,
    ).build(story, canvasmaker=lambda *args, **named: _Numbered(paper, *args, **named))
    return raw.getvalue()


class _Numbered(Canvas):
    """Draws the number of all pages and the fingerprint once, at the end; each page refers to them."""

    def __init__(self, paper: Paper, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        made = paper.made_at.strftime("D:%Y%m%d%H%M%S%z")
        self.setDateFormatter(lambda *_: f"{made[:-2]}'{made[-2:]}'" if paper.made_at.tzinfo else made)

    def save(self) -> None:
        _define(self, "total", str(self.getPageNumber() - 1))
        # As it is, so that its digits can be found in the file.
        compressed, self._pageCompression = self._pageCompression, 0
        _define(self, "fingerprint", BLANK)
        self._pageCompression = compressed
        super().save()


def _define(canvas: Canvas, name: str, text: str) -> None:
    canvas.beginForm(name, 0, -3, 200, 10)
    canvas.setFont(REGULAR, SMALL)
    canvas.setFillColor(MUTED)
    canvas.drawString(0, 0, text)
    canvas.endForm()


def _draw_around(canvas: Canvas, paper: Paper) -> None:
    width, height = SIZES[paper.size]
    left, right = SIDE, width - SIDE
    canvas.saveState()
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.4)
    canvas.line(left, height - TOP + 9 * mm, right, height - TOP + 9 * mm)
    canvas.line(left, BOTTOM - 7 * mm, right, BOTTOM - 7 * mm)
    canvas.setFillColor(MUTED)
    _draw_head(canvas, paper, left, right, height - TOP + 11 * mm)
    _draw_foot(canvas, paper, left, right, BOTTOM - 11 * mm)
    canvas.restoreState()


def _draw_head(canvas: Canvas, paper: Paper, left: float, right: float, y: float) -> None:
    told = paper.told[0]
    canvas.setFont(REGULAR, SMALL)
    canvas.drawRightString(right, y, told)
    room = right - left - stringWidth(told, REGULAR, SMALL) - 6 * mm
    head = "  ·  ".join(part for part in (paper.study, paper.kind, paper.title) if part)
    canvas.drawString(left, y, fitting(head, room, REGULAR, SMALL))
    if paper.synthetic:
        canvas.setFillColor(MARK)
        canvas.setFont(BOLD, SMALL)
        canvas.drawString(left, y + 4 * mm, paper.say(SYNTHETIC))
        canvas.setFillColor(MUTED)


def _draw_foot(canvas: Canvas, paper: Paper, left: float, right: float, y: float) -> None:
    canvas.setFont(REGULAR, SMALL)
    # How many there are is known at the end, so it stands behind the words in every language.
    number = paper.say(said("Page %(number)s of", number=canvas.getPageNumber())) + " "
    canvas.drawString(left, y, number)
    _place(canvas, "total", left + stringWidth(number, REGULAR, SMALL), y)
    shown = stringWidth(BLANK, REGULAR, SMALL)
    _place(canvas, "fingerprint", right - shown, y)
    if paper.address:
        where = paper.say(said("verify at %(address)s", address=paper.address))
        where = fitting(where, right - left - shown - 35 * mm, REGULAR, SMALL)
        canvas.drawRightString(right - shown, y, f"{where}  ·  ")
    if paper.protection:
        canvas.drawString(left, y - 3.6 * mm, fitting(paper.protection, right - left, REGULAR, SMALL))


def _place(canvas: Canvas, name: str, x: float, y: float) -> None:
    canvas.saveState()
    canvas.translate(x, y)
    canvas.doForm(name)
    canvas.restoreState()


def fitting(text: str, room: float, font: str, size: float) -> str:
    """A line that the room holds; what is too long ends in an ellipsis."""
    text = " ".join(printable(text[:400]).split(" ")).replace("\n", " ")
    if stringWidth(text, font, size) <= room:
        return text
    while text and stringWidth(text + "…", font, size) > room:
        text = text[:-1]
    return text.rstrip() + "…"
