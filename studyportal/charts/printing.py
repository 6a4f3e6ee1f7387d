"""Turn a chart into a file: SVG for a page without scripts, PNG for a slide, vectors for a PDF."""

from functools import cache
from importlib.resources import files
from io import BytesIO
from xml.etree import ElementTree

import vl_convert
from reportlab.graphics.shapes import Drawing
from svglib.fonts import register_font
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
    document = ElementTree.fromstring(svg(chart))
    for element in document.iter():
        # The translation to vectors reads these two only; without them what shines through covers what lies below.
        if opacity := element.get("opacity"):
            element.attrib.setdefault("fill-opacity", opacity)
            element.attrib.setdefault("stroke-opacity", opacity)
    found = svg2rlg(BytesIO(ElementTree.tostring(document)))
    factor = width / found.width
    found.width, found.height = width, found.height * factor
    found.scale(factor, factor)
    return found


@cache
def _know_fonts() -> None:
    """Let the drawing program measure and draw with the type of our PDFs, and the PDF embed it."""
    folder = files("font_source_sans_pro") / "files"
    vl_convert.register_font_directory(str(folder))
    for weight, face in (("normal", "Regular"), ("600", "Semibold"), ("bold", "Semibold")):
        register_font("Source Sans Pro", str(folder / f"SourceSansPro-{face}.ttf"), weight=weight)
