"""Turn a chart into a file: SVG for a page without scripts, PNG for a slide, vectors for a PDF."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import vl_convert
from babel.core import get_global
from reportlab.graphics.shapes import Drawing
from svglib.fonts import register_font
from svglib.svglib import svg2rlg

from studyportal.charts.chart import Chart

VEGA_LITE = "6.4"
# Points on paper for each unit of the picture: its letters of 12 units are then set in 9 points, in every size of
# picture.
POINTS = 0.75
# What stands left of the plot, unless it turns out otherwise; the narrowest plot; how far off the width may be.
AXIS, NARROWEST, OFF = 50.0, 90.0, 0.08


def svg(
    chart: Chart, *, dark: bool = False, titled: bool = False, plot: int | None = None, language: str = "en"
) -> str:
    """The picture as an SVG document, on a transparent ground; `plot` is how wide its plot shall be, if not as usual.

    Days and numbers are written as `language` does, if the drawing knows it, and else as English does."""
    _know_fonts()
    specification = dict(chart.spec(dark=dark, titled=titled))
    if plot is not None:
        _widen(specification, plot)
    drawn: str = vl_convert.vegalite_to_svg(specification, vl_version=VEGA_LITE, **_written_in(language))
    return drawn


@cache
def _written_in(language: str) -> Mapping[str, str]:
    """How days and numbers of a language are written: by the country where most of its speakers live."""
    if language == "en":
        return {}
    code = language.replace("-", "_")
    likely = get_global("likely_subtags").get(code, code).split("_")
    name = f"{likely[0]}-{likely[-1]}"
    try:
        vl_convert.get_time_format_locale(name)
        vl_convert.get_format_locale(name)
    except ValueError:
        return {}
    return {"format_locale": name, "time_format_locale": name}


def png(chart: Chart, *, scale: float = 2.0, titled: bool = False) -> bytes:
    """The picture as a PNG file on white, `scale` pixels for each point."""
    _know_fonts()
    specification = dict(chart.spec(titled=titled)) | {"background": "white", "padding": 12}
    drawn: bytes = vl_convert.vegalite_to_png(specification, vl_version=VEGA_LITE, scale=scale)
    return drawn


def drawing(chart: Chart, *, width: float) -> Drawing:
    """The picture as vectors for a PDF, `width` points wide, laid out anew for that width."""
    whole = width / POINTS
    specification = dict(chart.spec(dark=False))
    if "vconcat" in specification:
        # Pictures below each other cannot be told how wide they shall be altogether, so it may take two.
        found = _vectors(specification, plot=whole - AXIS)
        beside = found.width - (whole - AXIS)
        if abs(found.width - whole) > OFF * whole:
            found = _vectors(specification, plot=whole - beside)
    else:
        found = _vectors(specification | {"autosize": {"type": "fit-x", "contains": "padding"}}, plot=whole)
    factor = width / found.width
    found.width, found.height = width, found.height * factor
    found.scale(factor, factor)
    return found


def _vectors(specification: dict[str, Any], *, plot: float) -> Drawing:
    """The picture of a Vega-Lite document with plots of this width, as far as it has a width of its own."""
    _know_fonts()
    _widen(specification, round(max(NARROWEST, plot)))
    document = ElementTree.fromstring(vl_convert.vegalite_to_svg(specification, vl_version=VEGA_LITE))
    for element in list(document.iter()):
        for hidden in [below for below in element if below.get("opacity") == "0"]:
            element.remove(hidden)  # a label for which there was no room; the translation would draw it
        # The translation to vectors reads these two only; without them what shines through covers what lies below.
        if opacity := element.get("opacity"):
            element.attrib.setdefault("fill-opacity", opacity)
            element.attrib.setdefault("stroke-opacity", opacity)
    return svg2rlg(BytesIO(ElementTree.tostring(document)))


def _widen(document: dict[str, Any], width: int) -> None:
    """Give every plot this width. Plots above each other each take it; those side by side keep their own."""
    if isinstance(document.get("width"), int | float):
        document["width"] = width
    for below in document.get("vconcat", ()):
        _widen(below, width)


@cache
def _know_fonts() -> None:
    """Let the drawing program measure and draw with the type of our PDFs, and the PDF embed it."""
    folder = files("font_source_sans_pro") / "files"
    vl_convert.register_font_directory(str(folder))
    for weight, face in (("normal", "Regular"), ("600", "Semibold"), ("bold", "Semibold")):
        register_font("Source Sans Pro", str(folder / f"SourceSansPro-{face}.ttf"), weight=weight)
