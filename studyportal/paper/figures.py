"""Set charts as vectors: the title above, the picture, the note below; several small ones side by side."""

from collections.abc import Callable, Iterator

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Table

from studyportal.charts import Chart, drawing
from studyportal.paper.parts import Multiples, Picture
from studyportal.paper.styles import CAPTION, NOTE, markup
from studyportal.saying import said

GUTTER = 8 * mm
NARROW = 0.62


def picture(part: Picture, width: float, number: int, *, say: Callable[[str], str]) -> Iterator[Flowable]:
    """One chart. `say` puts our own words into the language of the paper."""
    yield from multiples(Multiples((part.chart,), columns=1), width if part.wide else width * NARROW, number, say=say)


def multiples(part: Multiples, width: float, number: int, *, say: Callable[[str], str]) -> Iterator[Flowable]:
    """Charts in columns; a row of them is never split."""
    if not part.charts:
        return
    each = (width - (part.columns - 1) * GUTTER) / part.columns
    names = [say(said("Figure %(number)s", number=number + at)) for at in range(len(part.charts))]
    cells = [_set(chart, each, name) for chart, name in zip(part.charts, names, strict=True)]
    cells += [[] for _ in range(-len(cells) % part.columns)]
    rows = [cells[at : at + part.columns] for at in range(0, len(cells), part.columns)]
    style = [
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-2, -1), GUTTER),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
    widths = [each + GUTTER] * (part.columns - 1) + [each]
    yield Table(rows, widths, style=style, hAlign="LEFT", spaceBefore=4, spaceAfter=5)


def _set(chart: Chart, width: float, named: str) -> list[Flowable]:
    caption = Paragraph(markup(f"{named}. {chart.title}"), CAPTION)
    note = [Paragraph(markup(chart.note), NOTE)] if chart.note else []
    return [caption, drawing(chart, width=width), *note]
