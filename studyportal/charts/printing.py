"""Turn a chart into a file: SVG for a page without scripts, PNG for a slide, vectors for a PDF."""

from functools import cache
from importlib.resources import files
from io import BytesIO

import vl_convert
from reportlab.graphics.shapes import Drawing
from svglib.svglib import svg2rlg

from studyportal.charts.chart import Chart

VEGA_LITE = "6.1"


def svg(chart: Chart, *, dark: bool = False) -> str:
    """The picture as an SVG document, on a transparent ground."""
    _know_fonts()
    drawn: str = vl_convert.vegalite_to_svg(dict(chart.spec(dark=dark)), vl_version=VEGA_LITE)
    return drawn


def png(chart: Chart, *, scale: float = 2.0, dark: bool = False) -> bytes:
    """The picture as a PNG file, `scale` pixels for each point."""
    _know_fonts()
    drawn: bytes = vl_convert.vegalite_to_png(dict(chart.spec(dark=dark)), vl_version=VEGA_LITE, scale=scale)
    return drawn


def drawing(chart: Chart, *, width: float) -> Drawing:
    """The picture as vectors for a PDF, `width` points wide."""
    found = svg2rlg(BytesIO(svg(chart).encode()))
    factor = width / found.width
    found.width, found.height = width, found.height * factor
    found.scale(factor, factor)
    return found


@cache
def _know_fonts() -> None:
    """Let the drawing program measure and draw with the type of our PDFs."""
    vl_convert.register_font_directory(str(files("font_source_sans_pro") / "files"))
