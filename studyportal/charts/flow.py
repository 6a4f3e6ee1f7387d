"""Show who is left after each step as boxes, one below the other: the flow of STROBE (von Elm et al. 2007, item
13c)."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import altair as alt

from studyportal.charts.chart import Chart, ChartTable, values
from studyportal.charts.theme import ARROW, BOX


@dataclass(frozen=True, slots=True)
class Step:
    """One box: what is asked of those in it, and how many they are, in words ("240", "<11")."""

    label: str
    words: str


WIDTH, LETTERS, LINE, INSET, GAP, BASELINE = 360, 46, 18, 12, 22, 13


def flow(steps: Sequence[Step], *, title: str, measure: str = "People", note: str = "") -> Chart:
    """Boxes from the top down, an arrow from each to the next."""
    boxes: list[dict[str, float]] = []
    texts: list[dict[str, object]] = []
    arrows: list[dict[str, float]] = []
    top = 0.0
    for at, step in enumerate(steps):
        lines = wrap(step.label, LETTERS, break_on_hyphens=False) or [""]
        height = 2 * INSET + LINE * (len(lines) + 1)
        boxes.append({"top": top, "end": top + height, "left": 0, "right": 1})
        texts += [_text(line, top + INSET + LINE * row, is_count=False) for row, line in enumerate(lines)]
        count = f"n {step.words}" if step.words.startswith("<") else f"n = {step.words}"
        texts.append(_text(count, top + INSET + LINE * len(lines), is_count=True))
        if at + 1 < len(steps):
            arrows.append(
                {"x": 0.5, "top": top + height, "end": top + height + GAP - 5, "head": top + height + GAP - 4}
            )
        top += height + GAP
    drawn = _drawn(boxes, texts, arrows, max(1.0, top - GAP))
    rows = tuple((step.label, step.words) for step in steps)
    return Chart(title=title, drawn=drawn, table=ChartTable(title, ("", measure), rows), note=note)


def _text(line: str, top: float, *, is_count: bool) -> dict[str, object]:
    return {"x": 0.5, "y": top + BASELINE, "text": line, "is_count": is_count}


def _drawn(boxes: list, texts: list, arrows: list, height: float) -> alt.LayerChart:  # type: ignore[type-arg]
    x = alt.Scale(domain=[0, 1])
    y = alt.Scale(domain=[0, height], reverse=True, nice=False, zero=False)

    def at(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=y, axis=None)

    def across(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=x, axis=None)

    words = alt.Chart(values(texts)).encode(x=across("x"), y=at("y"), text=alt.Text("text:N"))
    lines = alt.Chart(values(arrows)).encode(x=across("x"))
    return alt.layer(
        alt.Chart(values(boxes))
        .mark_rect(style=BOX, fillOpacity=0, strokeWidth=1)
        .encode(x=across("left"), x2=alt.X2("right:Q"), y=at("top"), y2=alt.Y2("end:Q")),
        lines.mark_rule(strokeWidth=1).encode(y=at("top"), y2=alt.Y2("end:Q")),
        lines.mark_point(shape="triangle-down", filled=True, size=34, opacity=1, style=ARROW).encode(y=at("head")),
        words.transform_filter("!datum.is_count").mark_text(baseline="alphabetic"),
        words.transform_filter("datum.is_count").mark_text(baseline="alphabetic", fontWeight=600),
    ).properties(width=WIDTH, height=height)
