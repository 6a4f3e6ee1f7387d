"""Show how much is there, as tiles: a row for each question or group, a column for each week, the darker the more.

A tile that may not be shown is an empty frame; it is never drawn like one with nothing in it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import altair as alt

from studyportal.charts.chart import Chart, ChartTable, values
from studyportal.charts.theme import BOX

WIDTH, ROW, LINE, LETTERS = 440, 34, 15, 24
# With more columns than these, a tile has no room for its number.
MOST_NUMBERS = 13


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its label, and for each week the share in per cent; None where it may not be shown."""

    label: str
    shares: Sequence[int | None]


def tiles(
    lines: Sequence[Line], weeks: Sequence[int], *, title: str, measure: str, hidden: str, note: str = ""
) -> Chart:
    """`weeks` are the numbers of the columns; `hidden` is what a table has in place of a share that is not shown."""
    labels = [wrap(one.label, LETTERS) or [""] for one in lines]
    rows = [
        {"at": str(at), "week": week, "share": share, "label": one.label}
        for at, one in enumerate(lines)
        for week, share in zip(weeks, one.shares, strict=True)
    ]
    base = alt.Chart(values(rows)).encode(
        x=alt.X(
            "week:O",
            title="Study week",
            sort=list(weeks),
            axis=alt.Axis(labelAngle=0, ticks=False, domain=False, grid=False, labelOverlap=True),
            scale=alt.Scale(paddingInner=0.08, paddingOuter=0),
        ),
        y=alt.Y(
            "at:N",
            sort=[str(at) for at in range(len(lines))],
            title=None,
            scale=alt.Scale(paddingInner=0.1, paddingOuter=0),
            axis=alt.Axis(
                ticks=False,
                domain=False,
                grid=False,
                # Not cut off: they are short lines, and a cut could fall into the middle of a letter.
                labelLimit=0,
                labelPadding=10,
                labelLineHeight=LINE,
                labelExpr=f"{json.dumps(labels)}[toNumber(datum.value)]",
            ),
        ),
    )
    shown, absent = base.transform_filter("isValid(datum.share)"), base.transform_filter("!isValid(datum.share)")
    has_numbers = len(weeks) <= MOST_NUMBERS
    # Squares and no gradient: the same picture each time, and one that paper can show.
    scale = {"type": "symbol", "values": [0, 50, 100], "symbolType": "square", "symbolSize": 180}
    legend = None if has_numbers else alt.Legend(orient="top", **scale)
    fill = alt.Color("share:Q", title=measure, scale=alt.Scale(domain=[0, 100]), legend=legend)
    tip = [
        alt.Tooltip("label:N", title="Of"),
        alt.Tooltip("week:O", title="Week"),
        alt.Tooltip("share:Q", title=measure),
    ]
    layers: list[alt.Chart] = [
        absent.mark_rect(style=BOX, fillOpacity=0, strokeWidth=1, strokeDash=[2, 2], strokeOpacity=0.6),
        shown.mark_rect().encode(color=fill, tooltip=tip),
    ]
    if has_numbers:
        layers.append(shown.mark_text(fontSize=11).encode(text=alt.Text("share:Q")))
    row = max([ROW, *(LINE * (len(label) + 1) for label in labels)])
    drawn = alt.layer(*layers).properties(width=WIDTH, height=row * max(1, len(lines)))
    heads = ("", *(f"Week {week}" for week in weeks))
    texts = tuple((one.label, *(hidden if share is None else f"{share} %" for share in one.shares)) for one in lines)
    caption = f"{title}{'' if title.endswith(('.', '?', '!')) else '.'} {measure}."
    is_blank = all(share is None for one in lines for share in one.shares)
    return Chart(title=title, drawn=drawn, table=ChartTable(caption, heads, texts), note=note, is_blank=is_blank)
