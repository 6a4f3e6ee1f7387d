"""Set a paper: the same paper and parts give the same bytes, in every process."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, PageBreak, Paragraph, Spacer, Table

from studyportal.paper import figures, tables
from studyportal.paper.fingerprint import with_fingerprint
from studyportal.paper.fonts import REGULAR, know_fonts
from studyportal.paper.frame import INK, Paper, laid_out
from studyportal.paper.glyphs import printable
from studyportal.paper.parts import (
    Facts,
    Grid,
    Heading,
    Multiples,
    NewPage,
    Part,
    Picture,
    Points,
    Prose,
    Signatures,
    ToWrite,
)
from studyportal.paper.styles import BODY, HEADINGS, KIND, LABEL, MEASURE, POINT, SMALL, TITLE, VALUE, markup


def printed(paper: Paper, parts: Iterable[Part]) -> bytes:
    """The paper as a PDF file."""
    know_fonts()
    setting = _Setting(paper)
    story = [*_title(paper), *(flowable for part in parts for flowable in _SET[type(part)](part, setting))]
    return with_fingerprint(laid_out(paper, story))


@dataclass
class _Setting:
    """The paper, and how many headings, tables and figures stand in it so far."""

    paper: Paper
    headings: int = 0
    tables: int = 0
    figures: int = 0


class _Bookmarked(Paragraph):
    """A heading that the list of bookmarks names."""

    def __init__(self, text: str, style: ParagraphStyle, *, key: str, level: int) -> None:
        super().__init__(markup(text), style)
        self._bookmark = (key, level, printable(text).replace("\n", " ")[:200])

    def draw(self) -> None:
        key, level, text = self._bookmark
        self.canv.bookmarkHorizontal(key, 0, self.height + 12)
        self.canv.addOutlineEntry(text, key, level=level)
        super().draw()


def _title(paper: Paper) -> Iterator[Flowable]:
    yield Paragraph(markup(paper.kind), KIND)
    yield _Bookmarked(paper.title, TITLE, key="top", level=0)
    told = (paper.named, " ".join(f"{one}." for one in paper.told))
    yield Paragraph(markup("\n".join(line for line in told if line)), SMALL)
    yield Spacer(0, 5 * mm)


def _heading(part: Heading, setting: _Setting) -> Iterator[Flowable]:
    setting.headings += 1
    yield CondPageBreak(45 * mm)
    yield _Bookmarked(part.text, HEADINGS[part.level], key=f"h{setting.headings}", level=part.level - 1)


def _prose(part: Prose, setting: _Setting) -> Iterator[Flowable]:
    yield Paragraph(markup(part.text), _narrow(BODY, setting.paper))


def _points(part: Points, setting: _Setting) -> Iterator[Flowable]:
    for text in part.texts:
        yield Paragraph(markup(text), _narrow(POINT, setting.paper), bulletText="–")
    yield Spacer(0, 4)


def _narrow(style: ParagraphStyle, paper: Paper) -> ParagraphStyle:
    return style.clone("narrow", rightIndent=max(0.0, paper.width - MEASURE))


def _facts(part: Facts, setting: _Setting) -> Iterator[Flowable]:
    return tables.facts(part, setting.paper.width)


def _grid(part: Grid, setting: _Setting) -> Iterator[Flowable]:
    setting.tables += 1
    return tables.grid(part, setting.paper.width, setting.tables, say=setting.paper.say)


def _picture(part: Picture, setting: _Setting) -> Iterator[Flowable]:
    setting.figures += 1
    return figures.picture(part, setting.paper.width, setting.figures, say=setting.paper.say)


def _multiples(part: Multiples, setting: _Setting) -> Iterator[Flowable]:
    first = setting.figures + 1
    setting.figures += len(part.charts)
    return figures.multiples(part, setting.paper.width, first, say=setting.paper.say)


def _signatures(part: Signatures, setting: _Setting) -> Iterator[Flowable]:
    """A line for the name, one for the date, one to sign on; each with what it is for below."""
    gap = 6 * mm
    for who, name in part.rows:
        cells = [[Paragraph(markup(name[:200]), VALUE), "", "", "", ""],
                 [Paragraph(markup(text), SMALL) if text else "" for text in (who, "", "Date", "", "Signature")]]  # fmt: skip
        wide = setting.paper.width - 2 * gap
        style = [
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, 0), 3),
            ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
            *(("LINEBELOW", (column, 0), (column, 0), 0.4, INK) for column in (0, 2, 4)),
        ]
        widths = [wide * 0.38, gap, wide * 0.2, gap, wide * 0.42]
        yield KeepTogether(Table(cells, widths, [None, None] if name else [22, None], style=style, spaceBefore=12))


def _to_write(part: ToWrite, setting: _Setting) -> Iterator[Flowable]:
    """The words, and a line beside them."""
    widths = [stringWidth(printable(part.text), REGULAR, LABEL.fontSize) + 4 * mm, 70 * mm]
    style = [
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("LINEBELOW", (1, 0), (1, 0), 0.4, INK),
    ]
    yield Table([[Paragraph(markup(part.text), LABEL), ""]], widths, style=style, hAlign="LEFT", spaceAfter=6)


def _new_page(part: NewPage, setting: _Setting) -> Iterator[Flowable]:
    yield PageBreak()


_SET: dict[type, Callable[[Any, _Setting], Iterator[Flowable]]] = {
    Heading: _heading,
    Prose: _prose,
    Points: _points,
    Facts: _facts,
    Grid: _grid,
    Picture: _picture,
    Multiples: _multiples,
    Signatures: _signatures,
    ToWrite: _to_write,
    NewPage: _new_page,
}
