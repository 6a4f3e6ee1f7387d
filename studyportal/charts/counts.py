"""Show counts or shares as bars. What is hidden is drawn as hidden and never as nothing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from textwrap import wrap

import altair as alt

from studyportal.charts.chart import Chart, ChartTable, values
from studyportal.charts.theme import CONTEXT


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its length (None if it may not be shown), the words at its end ("36 %", "<11"), and where the
    group beside it would end, if there is one and it may be shown."""

    label: str
    value: float | None
    words: str
    beside: float | None = None


ROW, LINE, LETTERS = 30, 15, 26


def next_ten(*shares: float | None) -> int:
    """Where an axis of per cent ends that begins at none: at the ten after the largest that is shown, because few are
    few to the eye too."""
    return min(100, 10 * max(1, ceil(max(share or 0 for share in (0, *shares)) / 10)))


def bars(
    items: Sequence[Bar],
    *,
    title: str,
    measure: str,
    beside: str = "",
    most: float | None = None,
    note: str = "",
) -> Chart:
    """Bars from the top down in the order given; a hidden count has its words and no bar.

    `beside` names the group that is marked on each bar; `most` is the end of the axis, if not the longest bar.
    """
    labels = [wrap(one.label, LETTERS, break_on_hyphens=False) or [""] for one in items]
    rows = [
        {"at": str(at), "label": label, "value": one.value or 0, "words": one.words, "beside": one.beside}
        # The words stand at the end of the bar, or of the mark on it.
        | {"end": max(one.value or 0, one.beside or 0)}
        for at, (one, label) in enumerate(zip(items, labels, strict=True))
    ]
    base = alt.Chart(values(rows)).encode(
        # The labels are looked up, because two bars may have one label and a label may have two lines.
        y=alt.Y(
            "at:N",
            sort=[str(at) for at in range(len(items))],
            title=None,
            axis=alt.Axis(
                ticks=False,
                domain=False,
                labelLimit=240,
                labelPadding=8,
                labelLineHeight=LINE,
                labelExpr=f"{json.dumps(labels)}[toNumber(datum.value)]",
            ),
        )
    )
    domain = alt.Undefined if most is None else alt.Scale(domain=[0, most])
    x = alt.X("value:Q", title=measure, scale=domain, axis=alt.Axis(tickCount=4, format=",d"))
    layers = [
        base.mark_bar(height=16).encode(x=x),
        base.mark_text(align="left", dx=8).encode(x=alt.X("end:Q", title=measure), text=alt.Text("words:N")),
    ]
    if any(one.beside is not None for one in items):
        others = base.transform_filter("isValid(datum.beside)").mark_tick(thickness=2, size=24, style=CONTEXT)
        layers.append(others.encode(x=alt.X("beside:Q", title=measure)))
    row = max([ROW, *(LINE * (len(label) + 1) for label in labels)])
    drawn = alt.layer(*layers).properties(width=360, height=row * max(1, len(items)))
    heads = ("", measure, *((beside,) if beside else ()))
    lines = tuple(
        (one.label, one.words, *(("" if one.beside is None else f"{one.beside:g}",) if beside else ())) for one in items
    )
    is_blank = all(one.value is None and one.beside is None for one in items)
    return Chart(title=title, drawn=drawn, table=ChartTable(title, heads, lines), note=note, is_blank=is_blank)
