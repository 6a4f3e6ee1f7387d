"""Show counts as bars. What is hidden is drawn as hidden and never as nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from studyportal.charts.chart import Chart, ChartTable


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its length (None if it may not be shown), and the words beside it ("45 (36 %)", "<11")."""

    label: str
    value: float | None
    words: str


ROW = 26


def bars(items: Sequence[Bar], *, title: str, measure: str, note: str = "") -> Chart:
    """Bars from the top down in the order given; a hidden count has its words and no bar."""
    rows = [
        {"label": one.label, "value": one.value or 0, "words": one.words, "place": at} for at, one in enumerate(items)
    ]
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y(
            "label:N",
            sort=[one.label for one in items],
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelLimit=260),
        )
    )
    x = alt.X("value:Q", title=measure, axis=alt.Axis(tickCount=4, format=",d"))
    drawn = alt.layer(
        base.mark_bar(height=16).encode(x=x),
        base.mark_text(align="left", dx=5).encode(x=x, text="words:N"),
    ).properties(width=360, height=ROW * max(1, len(items)))
    lines = tuple((one.label, one.words) for one in items)
    return Chart(title=title, drawn=drawn, table=ChartTable(title, ("", measure), lines), note=note)
