"""The look of every chart: colours that hold for colour-blind eyes, hairlines, figures in the type of the page.

Colours are those of Okabe and Ito (jfly.uni-koeln.de/color, 2008): grey for context, a colour for the point.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

FONT = "Source Sans Pro, system-ui, sans-serif"

# Name -> (on light ground, on dark ground). Lines have 3:1 against their ground at least (WCAG 2.2, 1.4.11).
COLOURS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "ink": ("#16212b", "#e6edf2"),
        "muted": ("#4c5b68", "#a9b6c0"),
        "line": ("#d3dbe1", "#303e49"),
        "context": ("#8a97a3", "#7d8c99"),
        "blue": ("#0072b2", "#56b4e9"),
        "vermilion": ("#d55e00", "#f08040"),
        "green": ("#007a5a", "#2cc295"),
        "purple": ("#a8527f", "#e39cc4"),
        # The least and the most that a tile shows: ink has 4.5:1 on both (WCAG 2.2, 1.4.3), so that tiles hold numbers.
        "least": ("#e0ecf5", "#22384a"),
        "most": ("#4a9bd1", "#006ba6"),
    }
)
# Styles: of what is there to compare with, of a box around words, and of the head of an arrow.
CONTEXT, BOX, ARROW = "context", "box", "arrow"
# And of a line that stands behind the one that a picture is about.
CONTEXT_LINE = "context-line"
# A title that stands over the plot, from its edge on: read without turning the head, however long and however narrow
# the plot.
ABOVE: Mapping[str, Any] = MappingProxyType(
    {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleBaseline": "bottom", "titleX": 0, "titleY": -10}
)
SERIES = ("blue", "vermilion", "green", "purple")


def colour(name: str, *, dark: bool = False) -> str:
    """The colour of this name as "#rrggbb"."""
    return COLOURS[name][dark]


def config(*, dark: bool) -> dict[str, Any]:
    """Vega-Lite's configuration for a ground."""
    ink, muted, line = (colour(name, dark=dark) for name in ("ink", "muted", "line"))
    text = {"labelColor": muted, "titleColor": ink, "labelFont": FONT, "titleFont": FONT}
    return {
        "background": "transparent",
        # A picture has one name and a table beside it; its parts are not read out one by one.
        "aria": False,
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            **text,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": 600,
            "domainColor": muted,
            "tickColor": muted,
            "gridColor": line,
            "gridWidth": 1,
            "labelOverlap": True,
            "labelSeparation": 8,
        },
        "header": {**text, "labelFontSize": 12, "titleFontSize": 12, "labelFontWeight": 600},
        "title": {
            "anchor": "start",
            "frame": "group",
            "offset": 14,
            "color": ink,
            "font": FONT,
            "fontSize": 15,
            "fontWeight": 600,
            "subtitleColor": muted,
            "subtitleFont": FONT,
            "subtitleFontSize": 12,
            "subtitlePadding": 6,
        },
        "text": {"color": ink, "font": FONT, "fontSize": 12},
        "range": {
            "category": [colour(name, dark=dark) for name in SERIES],
            # Tiles: from little to much.
            "heatmap": [colour(name, dark=dark) for name in ("least", "most")],
        },
        "legend": {**text, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": 600},
        "mark": {"color": colour("blue", dark=dark)},
        "rule": {"color": muted},
        "style": {
            CONTEXT: {"color": ink},
            BOX: {"stroke": muted},
            ARROW: {"color": muted},
            CONTEXT_LINE: {"color": colour("context", dark=dark)},
        },
    }


def looks() -> dict[str, dict[str, Any]]:
    """The configuration of both grounds, for a browser that knows which one it has."""
    return {"light": config(dark=False), "dark": config(dark=True)}
