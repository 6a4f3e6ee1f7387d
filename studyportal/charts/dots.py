"""Show means as dots with their intervals, one below the other: for cells that have an order, but no line between
them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import altair as alt

from studyportal.charts.chart import Chart, ChartTable, values

WIDTH, ROW, LINE, LETTERS = 400, 44, 15, 22


@dataclass(frozen=True, slots=True)
class Dot:
    """One mean: what it is of, the mean and its interval where they may be shown, and of how many people it is in
    words."""

    label: str
    mean: float | None
    low: float | None = None
    high: float | None = None
    people: str = ""
    words: str = ""

    @property
    def said(self) -> str:
        """The mean as a table has it; `words` where it is not shown."""
        return (self.words or "not shown") if self.mean is None else self.words or _number(self.mean)


def dots(
    items: Sequence[Dot],
    *,
    title: str,
    measure: str,
    low: float | None = None,
    high: float | None = None,
    middle: float | None = None,
    interval: str = "",
    note: str = "",
) -> Chart:
    """Dots from the top down in the order given, with the mean beside each; one that is not shown has its words and no
    dot.

    The axis goes from `low` to `high`, if given, else over what is shown; `middle` is drawn as a line, such as no
    difference.
    """
    labels = [
        [*(wrap(one.label, LETTERS, break_on_hyphens=False) or [""]), *wrap(_counted(one.people), LETTERS)]
        for one in items
    ]
    rows = [
        {"at": str(at), "mean": one.mean, "low": one.low, "high": one.high, "words": one.said}
        | {"label": one.label, "people": one.people}
        for at, one in enumerate(items)
    ]
    bounded = low is not None and high is not None
    shown = [one for item in items for one in (item.mean, item.low, item.high) if one is not None]
    span = [low, high] if bounded else _around([*shown, *([middle] if middle is not None else [])])
    scale = alt.Scale(domain=span, nice=not bounded, zero=False)
    base = alt.Chart(values(rows)).encode(
        y=alt.Y(
            "at:N",
            sort=[str(at) for at in range(len(items))],
            title=None,
            axis=alt.Axis(
                ticks=False,
                domain=False,
                grid=False,
                # Not cut off: they are short lines, and a cut could fall into the middle of a letter.
                labelLimit=0,
                labelPadding=12,
                labelLineHeight=LINE,
                # Looked up, because two dots may have one label and a label has several lines.
                labelExpr=f"{json.dumps(labels)}[toNumber(datum.value)]",
            ),
        )
    )
    x = alt.X("mean:Q", title=measure, scale=scale, axis=alt.Axis(tickCount=5))
    known = base.transform_filter("isValid(datum.mean)")
    tip = [
        alt.Tooltip("label:N", title="Of"),
        alt.Tooltip("words:N", title=measure),
        alt.Tooltip("people:N", title="People"),
    ]
    layers: list[alt.Chart] = [
        base.transform_filter("isValid(datum.low)").mark_bar(height=2).encode(
            x=alt.X("low:Q", title=measure, scale=scale), x2=alt.X2("high:Q")
        ),
        known.mark_point(filled=True, size=90, opacity=1).encode(x=x, tooltip=tip),
        base.mark_text(align="left", dx=10, fontWeight=600).encode(x=alt.XValue("width"), text=alt.Text("words:N")),
    ]  # fmt: skip
    if middle is not None:
        line = alt.Chart(values([{"middle": middle}]))
        layers.insert(0, line.mark_rule(strokeDash=[3, 3]).encode(x=alt.X("middle:Q", title=measure, scale=scale)))
    row = max([ROW, *(LINE * (len(label) + 1) for label in labels)])
    drawn = alt.layer(*layers).properties(width=WIDTH, height=row * max(1, len(items)))
    heads = ("", measure, *((interval,) if interval else ()), "People")
    lines = tuple((one.label, one.said, *((_range(one),) if interval else ()), one.people) for one in items)
    is_blank = all(one.mean is None for one in items)
    return Chart(title=title, drawn=drawn, table=ChartTable(title, heads, lines), note=note, is_blank=is_blank)


def _counted(people: str) -> str:
    return f"n {people}" if people.startswith("<") else f"n = {people}" if people else ""


def _around(shown: Sequence[float]) -> list[float]:
    least, most = min(shown, default=0.0), max(shown, default=1.0)
    room = (most - least) * 0.08 or 0.5
    return [least - room, most + room]


def _range(one: Dot) -> str:
    return "" if one.low is None or one.high is None else f"{_number(one.low)} to {_number(one.high)}"


def _number(value: float) -> str:
    # As the axis writes it: the sign of a number is no hyphen.
    # Nothing is not less than nothing.
    return f"{round(value, 1) + 0.0:.1f}".replace("-", "\N{MINUS SIGN}")
